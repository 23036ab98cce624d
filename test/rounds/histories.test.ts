import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { shardWorkflowId } from '../../workflows/ids';
import { createInstallation, type Installation, SECRET_KEY } from '../setup/installation';
import { errorReply } from '../setup/modelServer';

const ROOT = path.join(__dirname, '../..');
const histories = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(__dirname, '../setup/histories.ts'), ...args], {
    cwd: ROOT,
  });

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.startWorker();
}, 60_000);
afterAll(() => here.close());

/** Every run of a round's workflow and of its first shard's, written into a folder. */
async function fetchHistories(roundId: RoundId): Promise<{ dir: string; all: string[] }> {
  const dir = await mkdtemp(path.join(here.dir, 'histories-'));
  await histories('fetch', dir, here.env.TEMPORAL_ADDRESS ?? '', roundId, shardWorkflowId(roundId, 0));
  const files = await readdir(dir);
  return { dir, all: await Promise.all(files.map((file) => readFile(path.join(dir, file), 'utf8'))) };
}

function typeOf(history: string): string {
  return JSON.parse(history).events[0].workflowExecutionStartedEventAttributes.workflowType.name;
}

/** Everything readable in a history: payloads are base64 of JSON. */
function readable(history: string): string {
  return history.replace(/"data":\s*"([A-Za-z0-9+/=]+)"/g, (_, data) => Buffer.from(data, 'base64').toString('utf8'));
}

test('histories hold no prompt, completion, note, name or key, whatever fails, and replay', async () => {
  const secrets = ['PROMPT-MARK', 'COMPLETION-MARK', 'NOTE-MARK', 'Olga', 'labeller 0', SECRET_KEY];
  here.model.answer = ({ body }) => {
    const asked = String(body.messages[0]?.content);
    return asked.includes('echo')
      ? errorReply(400, 'bad', `your request was: ${asked}`)
      : { content: `COMPLETION-MARK to ${asked}` };
  };
  // Saving one completion fails for a while, with the text in the database's error.
  await here.database.db.execute(
    sql.raw(`
    create function refuse_text() returns trigger language plpgsql as $$
    begin if new.body like '%poison%' and new.body like '%COMPLETION%' then raise exception 'refused: %', new.body; end if; return new; end $$`),
  );
  await here.database.db.execute(
    sql.raw('create trigger refuse_text before insert on texts for each row execute function refuse_text()'),
  );

  const labellers = await here.labellers(3);
  const roundId = await here.startRound(
    ['PROMPT-MARK echo', 'PROMPT-MARK poison', 'PROMPT-MARK plain'].map((prompt) => ({ prompt })),
    {
      generation: { timeout: '1s', max_tries: 9, retry_delay: '50ms' },
    },
  );
  await here.untilRound(roundId, 'a saving failed', ({ calls }) => calls.total >= 4);
  await here.database.db.execute(sql.raw('drop trigger refuse_text on texts'));
  const [noter] = labellers;
  await here.untilRound(roundId, 'two are open', ({ items }) => items.open === 2);
  const leased = await noter?.next(roundId);
  if (leased && 'assignment' in leased)
    await noter?.label(leased.assignment.id, { verdict: 'aligned' }, { note: 'NOTE-MARK' });
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');

  const { dir, all } = await fetchHistories(roundId);
  expect(all.length).toBeGreaterThanOrEqual(2);
  for (const history of all) {
    expect(readable(history)).toContain('"roundId"');
    for (const secret of secrets) expect(readable(history)).not.toContain(secret);
  }
  expect((await histories('replay', dir)).stdout).toContain(`${all.length} replayed`);
}, 90_000);

test('a shard and a round that continue as new lose nothing', async () => {
  here.model.answer = () => ({ content: 'fine' });
  const labellers = await here.labellers(3);
  const roundId = await here.startRound(
    Array.from({ length: 30 }, (_, i) => ({ prompt: `Q${i}` })),
    {
      tuning: { history_events: 40, shard_size: 15, chunk_size: 5, sweep: '300ms', heartbeat: '1s', retry_cap: '1s' },
    },
  );
  const given = await Promise.all(labellers.map((labeller) => labeller.work(roundId, () => ({ verdict: 'aligned' }))));
  expect(given.flat()).toHaveLength(90);
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(view.items).toMatchObject({ total: 30, settled: 30 });
  const { dir, all } = await fetchHistories(roundId);
  for (const workflow of ['evaluationRound', 'itemShard']) {
    const runs = all.filter((history) => typeOf(history) === workflow);
    expect(runs.some((history) => history.includes('CONTINUED_AS_NEW'))).toBe(true);
  }
  expect((await histories('replay', dir)).stdout).toContain(`${all.length} replayed`);
}, 90_000);

test('the histories of earlier releases still replay', async () => {
  const { stdout } = await histories('replay', path.join(__dirname, '../histories'));
  expect(stdout).toMatch(/[1-9]\d* replayed/);
}, 60_000);
