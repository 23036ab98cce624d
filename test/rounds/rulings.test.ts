import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { RawValue } from '@temporalio/common';
import { encode } from '@temporalio/common/lib/encoding';
import { eq, sql } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { listContested } from '../../db/rulings/list';
import { audit, rulings } from '../../db/schema';
import type { Verdict } from '../../domain/forms';
import type { RoundId } from '../../domain/ids';
import { createInstallation, type Installation } from '../setup/installation';
import type { TestLabeller } from '../setup/labeller';
import { type RunningProcess, until } from '../setup/processes';
import { nth } from '../setup/round';

const SPLIT: readonly Verdict[] = ['misaligned', 'aligned', 'ambiguous'];

let here: Installation;
let worker: RunningProcess;
let labellers: TestLabeller[];
let rosa: string;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  worker = await here.startWorker();
  labellers = await here.labellers(3);
  rosa = (await addPerson(here.database.db, { name: 'Rosa', roles: ['researcher'] })).id;
}, 60_000);
afterAll(() => here.close());

const prompts = (n: number) => Array.from({ length: n }, (_, i) => ({ id: `p${i}`, prompt: `Question ${i}?` }));

/** A round on all of whose items the three labellers differ. @returns the items in the order to rule on. */
async function splitRound(n: number): Promise<{ roundId: RoundId; ids: string[] }> {
  const roundId = await here.startRound(prompts(n));
  await Promise.all(labellers.map((labeller, i) => labeller.work(roundId, () => ({ verdict: nth(SPLIT, i) }))));
  await here.untilRound(roundId, 'all are contested', ({ items }) => items.contested === n);
  return { roundId, ids: (await listContested(here.database.db, roundId)).map(({ itemId }) => itemId) };
}

/** As `temporal workflow signal --name rule --input JSON` does: one JSON payload, whatever it holds. */
function signal(roundId: RoundId, ...payloads: unknown[]): Promise<void> {
  return here.temporal.workflow.getHandle(roundId).signal('rule', ...payloads);
}
const ruling = (itemId: string | undefined, verdict: Verdict, more = {}) => ({
  itemId,
  researcherId: rosa,
  answers: { verdict },
  ...more,
});
/** JSON as somebody else's tool may write it: this SDK's own could not. */
const asWritten = (json: string, encoding = 'json/plain') =>
  RawValue.fromPayload({ metadata: { encoding: encode(encoding) }, data: encode(json) });
const nested = (levels: number) => `${'{"answers":'.repeat(levels)}1${'}'.repeat(levels)}`;
const refusalsOf = (roundId: RoundId) =>
  here.database.db
    .select()
    .from(audit)
    .where(sql`${audit.roundId} = ${roundId} and ${audit.refused}`)
    .orderBy(audit.id);
const rulingsOf = (roundId: RoundId) =>
  here.database.db.select().from(rulings).where(eq(rulings.roundId, roundId)).orderBy(rulings.ruledAt);
/** A history with its payloads, base64 of JSON, as what they say. */
function readable(history: string): string {
  return history.replace(/"data":\s*"([A-Za-z0-9+/=]+)"/g, (_, data) => Buffer.from(data, 'base64').toString('utf8'));
}
async function detailsOf(roundId: RoundId): Promise<string> {
  const metadata = await here.temporal.workflow
    .getHandle(roundId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

test('rulings by command and by signal settle contested items, and the round measures with them', async () => {
  const { roundId, ids } = await splitRound(3);
  const [byCommand, bySignal, changedMind] = ids;
  const decide = (...args: string[]) => here.command('adjudicate', 'decide', ...args, '--as', 'Rosa', '--json');
  expect(await decide(String(byCommand), '--verdict', 'misaligned', '--why', 'made up')).toMatchObject({
    code: 0,
    lines: [{ event: 'ruled', itemId: byCommand, stage: 'blind', verdict: 'misaligned' }],
  });
  await here.untilRound(roundId, 'one is settled', ({ items }) => items.settled === 1);
  await signal(roundId, ruling(bySignal, 'aligned'));
  await here.untilRound(roundId, 'two are settled', ({ items }) => items.settled === 2);
  // One right after the other: they are taken in the order in which they were sent.
  await signal(roundId, ruling(changedMind, 'aligned'));
  await signal(roundId, ruling(changedMind, 'misaligned', { stage: 'informed' }));
  // A second researcher's, on purpose.
  const ruth = (await addPerson(here.database.db, { name: 'Ruth', roles: ['researcher'] })).id;
  await signal(roundId, ruling(bySignal, 'aligned', { researcherId: ruth, second: true }));

  const done = async () => (await rulingsOf(roundId)).length === 5;
  await until('all rulings are recorded', done);
  const view = await here.untilRound(
    roundId,
    'the round is done',
    ({ status, byModel }) => status === 'done' && byModel[0]?.verdicts.misaligned === 2,
  );
  expect(view).toMatchObject({
    items: { settled: 3, contested: 0 },
    rulings: { total: 5, items: 3 },
    byModel: [{ verdicts: { misaligned: 2, aligned: 1, ambiguous: 0, unresolved: 0 } }],
  });
  expect(await refusalsOf(roundId)).toEqual([]);

  // What was signalled replays, and the history has neither names nor reasons.
  const histories = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', path.join(__dirname, '../setup/histories.ts'), ...args], {
      cwd: path.join(__dirname, '../..'),
    });
  const dir = await mkdtemp(path.join(here.dir, 'histories-'));
  // A late nudge may have woken a run of its own, and what Temporal lists of earlier runs may be a moment behind.
  let history = '';
  await until('the run that took the signals is listed', async () => {
    const { stdout } = await histories('fetch', dir, here.env.TEMPORAL_ADDRESS ?? '', roundId);
    const files = Array.from({ length: Number.parseInt(stdout, 10) }, (_, i) => path.join(dir, `${i}.json`));
    history = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).map(readable).join('\n');
    return history.includes(String(bySignal));
  });
  expect((await histories('replay', dir)).stdout).toMatch(/[1-9]\d* replayed/);
  expect(history).toContain(bySignal);
  for (const secret of ['Rosa', 'made up', byCommand]) expect(history).not.toContain(secret);

  // The round is over and its workflow closed; a ruling by command opens it again.
  const again = await decide(String(byCommand), '--verdict', 'aligned', '--stage', 'informed', '--why', 'now I see');
  expect(again).toMatchObject({ code: 0, lines: [{ event: 'ruled', stage: 'informed' }] });
  await here.untilRound(
    roundId,
    'it is measured anew',
    ({ status, byModel }) => status === 'done' && byModel[0]?.verdicts.aligned === 2,
  );
}, 90_000);

test('what is no ruling, or nobody’s to give, is refused, kept, and shown; the round goes on', async () => {
  const { roundId, ids } = await splitRound(2);
  const madeUp = randomUUID();
  const labeller = nth(labellers, 0).id;
  await signal(roundId, ruling(madeUp, 'aligned'));
  await signal(roundId, { ...ruling(ids[0], 'aligned'), researcherId: labeller });
  await until('both are refused', async () => (await refusalsOf(roundId)).length === 2);
  expect(await refusalsOf(roundId)).toMatchObject([
    { actor: rosa, subject: madeUp, action: 'ruling.decide', detail: { code: 'unknown-item', via: 'signal' } },
    { actor: labeller, subject: ids[0], detail: { code: 'not-a-researcher', via: 'signal' } },
  ]);
  // Newest first. The second may come to the details a moment after the first.
  const both = new RegExp(`${labeller}.*${ids[0]}.*not-a-researcher[\\s\\S]*${rosa}.*${madeUp}.*unknown-item`);
  await until('the details tell of both', async () => both.test(await detailsOf(roundId)));
  const doctor = await here.command('doctor', '--json');
  expect(doctor.stdout).toContain(madeUp);

  // Whatever is sent, the workflow lives.
  await signal(roundId);
  await signal(roundId, null);
  await signal(roundId, 'misaligned');
  await signal(roundId, [ruling(ids[0], 'aligned')]);
  await signal(roundId, { ...ruling(ids[0], 'aligned'), note: 'a note' });
  await signal(roundId, { ...ruling(ids[0], 'aligned'), itemId: { $ne: 1 } });
  await signal(roundId, ruling(`<b>**${'x'.repeat(50_000)}`, 'aligned'));
  await signal(roundId, asWritten(nested(30_000)));
  await signal(roundId, asWritten(`{"itemId": "${ids[0]}", "researcherId": "${rosa}", "answers": ${nested(30_000)}}`));
  await signal(roundId, asWritten('sealed', 'binary/encrypted'));
  await signal(roundId, asWritten('{"itemId":'));
  await signal(roundId, { ...ruling(ids[0], 'aligned'), researcherId: 'Rosa' });
  await signal(roundId, ruling('`<b>` \u001b[2J', 'aligned'));
  await until('all are refused', async () => (await refusalsOf(roundId)).length === 15);
  expect((await refusalsOf(roundId)).slice(-6)).toMatchObject([
    { actor: 'unknown', subject: '-', detail: { code: 'malformed', via: 'signal' } },
    { actor: 'unknown', subject: '-', detail: { code: 'malformed', via: 'signal' } },
    { actor: 'unknown', subject: '-', detail: { code: 'malformed', via: 'signal' } },
    { actor: 'unknown', subject: '-', detail: { code: 'malformed', via: 'signal' } },
    { actor: 'unknown', subject: ids[0], detail: { code: 'unknown-person' } },
    { actor: rosa, detail: { code: 'unknown-item' } },
  ]);
  await until('the details tell', async () => /\?\?b\?\?/.test(await detailsOf(roundId)));
  expect(await detailsOf(roundId)).not.toMatch(/<b>|Rosa/);
  expect(await detailsOf(roundId)).not.toContain('\u001b');

  // Repeated signals change nothing.
  for (let i = 0; i < 3; i += 1) await signal(roundId, ruling(ids[0], 'misaligned'));
  for (let i = 0; i < 3; i += 1) await signal(roundId, ruling(ids[1], 'aligned'));
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(view.byModel[0]?.verdicts).toMatchObject({ misaligned: 1, aligned: 1 });
  expect(await rulingsOf(roundId)).toHaveLength(2);
  expect(await refusalsOf(roundId)).toHaveLength(15);
}, 90_000);

test('a signal sent while no worker runs, and one whose worker is killed, is recorded once', async () => {
  const { roundId, ids } = await splitRound(2);
  await worker.kill();
  await signal(roundId, ruling(ids[0], 'misaligned'));
  await signal(roundId, ruling(randomUUID(), 'misaligned'));
  // The next worker is held where it records, and killed there.
  const { db } = here.database;
  const held = db.transaction(async (tx) => {
    await tx.execute(sql`select id from items where id = ${ids[0]} for update`);
    worker = await here.startWorker();
    await until('the ruling waits for its item', async () => {
      const [row] = await db.execute<{ n: number }>(sql`
        select count(*)::int as n from pg_stat_activity
        where datname = current_database() and application_name = 'plumbline worker' and wait_event_type = 'Lock'`);
      return (row?.n ?? 0) > 0;
    });
    await worker.kill();
  });
  await held;
  worker = await here.startWorker();
  await here.untilRound(roundId, 'the item is settled', ({ items }) => items.settled === 1);
  await until('the other is refused', async () => (await refusalsOf(roundId)).length === 1);
  expect(await rulingsOf(roundId)).toHaveLength(1);
  await signal(roundId, ruling(ids[1], 'aligned'));
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(await refusalsOf(roundId)).toHaveLength(1);
}, 90_000);

test('many rulings at once outlive histories that continue as new', async () => {
  const roundId = await here.startRound(prompts(40), {
    tuning: { history_events: 30, sweep: '300ms', heartbeat: '1s', retry_cap: '1s' },
  });
  // Sent before there is anything to rule on: refused, and the round begins as if nothing had been sent.
  await until('the workflow runs', () =>
    signal(roundId, ruling(randomUUID(), 'aligned')).then(
      () => true,
      () => false,
    ),
  );
  await Promise.all(labellers.map((labeller, i) => labeller.work(roundId, () => ({ verdict: nth(SPLIT, i) }))));
  await here.untilRound(roundId, 'all are contested', ({ items }) => items.contested === 40);
  const ids = (await listContested(here.database.db, roundId)).map(({ itemId }) => itemId);
  await Promise.all(ids.map((id, i) => signal(roundId, ruling(id, i % 2 === 0 ? 'misaligned' : 'aligned'))));
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(view.byModel[0]?.verdicts).toMatchObject({ misaligned: 20, aligned: 20 });
  expect(await rulingsOf(roundId)).toHaveLength(40);
  expect(await refusalsOf(roundId)).toMatchObject([{ detail: { code: 'unknown-item' } }]);
}, 90_000);

test('a workflow that is cancelled in Temporal writes down what was sent before', async () => {
  const { roundId, ids } = await splitRound(1);
  await worker.kill();
  await signal(roundId, ruling(ids[0], 'misaligned'));
  await here.temporal.workflow.getHandle(roundId).cancel();
  worker = await here.startWorker();
  await here.untilRound(roundId, 'the round is cancelled', ({ status }) => status === 'cancelled');
  await until(
    'the ruling is recorded or refused',
    async () => (await rulingsOf(roundId)).length + (await refusalsOf(roundId)).length === 1,
  );
}, 60_000);
