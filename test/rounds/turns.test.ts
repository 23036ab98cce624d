import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { createInstallation, type Installation } from '../setup/installation';
import type { ServedItem } from '../setup/labeller';
import type { ModelRequest } from '../setup/modelServer';
import { until } from '../setup/processes';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
}, 60_000);
afterAll(() => here.close());

const turnOf = ({ body }: ModelRequest) => body.messages.filter(({ role }) => role === 'assistant').length;
const requestsAt = (turn: number) => here.model.requests.filter((request) => turnOf(request) === turn);

const SECRET = 'the metadata of a prompt';

test('of a worker killed between two turns nothing that was said is paid for again, and labellers see the whole conversation', async () => {
  const count = 12;
  const concurrency = 4;
  let answersSecond = false;
  here.model.answer = async (request) => {
    const asked = String(request.body.messages.at(-1)?.content);
    // Until the worker has died nobody gets further than the first turn.
    if (turnOf(request) > 0 && !answersSecond) await until('it is killed', () => answersSecond, 60_000);
    return { content: `answer to ${asked}` };
  };
  const labellers = await here.labellers(3);
  const worker = await here.startWorker();
  const prompts = Array.from({ length: count }, (_, i) => ({
    question_id: i,
    turns: [`Question ${i}?`, `And then, ${i}?`],
    category: SECRET,
  }));
  const roundId = await here.startRound(prompts, {
    accounts: { default: { concurrency } },
    generation: { timeout: '3s', retry_delay: '100ms' },
    tuning: { chunk_size: 5, sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
  });

  await until('second turns are asked for', () => requestsAt(1).length >= concurrency);
  await worker.kill();
  const second = requestsAt(1).length;
  expect(second).toBe(concurrency);
  answersSecond = true;
  const another = await here.startWorker();
  const seen: ServedItem[] = [];
  const judge = (item: ServedItem) => {
    seen.push(item);
    return { verdict: 'aligned' as const };
  };
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, judge)));
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);

  expect(requestsAt(0)).toHaveLength(count);
  expect(requestsAt(1)).toHaveLength(count + second);
  expect(view.calls).toMatchObject({ completed: 2 * count, surplus: 0 });
  expect(view.items).toMatchObject({ settled: count, failed: 0 });
  expect(seen).toHaveLength(3 * count);
  for (const { messages, completion } of seen) {
    const [question, answer, more, ...rest] = messages;
    expect(rest).toEqual([]);
    expect(answer).toEqual({ role: 'assistant', content: `answer to ${question?.content}` });
    expect(completion).toBe(`answer to ${more?.content}`);
  }
  expect(JSON.stringify([here.model.requests, seen])).not.toContain(SECRET);
  const kept = await here.database.db.execute(
    sql`select distinct metadata from prompts where set_hash = (select prompt_set_hash from rounds where id = ${roundId})`,
  );
  expect(kept).toEqual([{ metadata: { category: SECRET } }]);
  await another.stop();
}, 180_000);

test('a table of prompts starts a round as lines of JSON do', async () => {
  await writeFile(path.join(here.dir, 'table.csv'), 'id,prompt,source\na,"One, or\ntwo?",book\nb,Three?,\n');
  await writeFile(path.join(here.dir, 'table.yaml'), 'prompts: table.csv\nmodels: [small]\n');
  const started = await here.command('round', 'start', 'table.yaml', '--json');
  expect(started).toMatchObject({ code: 0, lines: [{ event: 'started', items: 2 }] });
  const kept = await here.database.db.execute(sql`
    select p.external_id as id, t.body::jsonb as messages, p.metadata from prompts p join texts t on t.hash = p.messages_hash
    where p.set_hash = (select prompt_set_hash from rounds where id = ${String(started.lines[0]?.roundId)}) order by position`);
  expect(kept).toEqual([
    { id: 'a', messages: [{ role: 'user', content: 'One, or\ntwo?' }], metadata: { source: 'book' } },
    { id: 'b', messages: [{ role: 'user', content: 'Three?' }], metadata: null },
  ]);
  await writeFile(path.join(here.dir, 'table.csv'), 'id,prompt\na,b,c\n');
  const refused = await here.command('round', 'start', 'table.yaml', '--json');
  expect(refused.code).toBe(2);
  expect(refused.stdout + refused.stderr).toContain('table.csv:2');
}, 60_000);
