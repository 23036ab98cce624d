import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { eq, sql } from 'drizzle-orm';
import pino from 'pino';
import { nudgeRound, nudgeShard, outboxState, takeNudges } from '../../db/outbox';
import { outbox, rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { runRelay } from '../../workers/relay';
import { shardWorkflowId } from '../../workflows/ids';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from '../setup/processes';
import { openRound } from '../setup/round';

let database: TestDatabase;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  connection = await Connection.connect({ address: process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS ?? '' });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

/** Runs relays while the work goes on, on a task queue that no worker serves: what they send can be counted. */
async function withRelays<T>(count: number, work: () => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const taskQueue = `t-${randomBytes(4).toString('hex')}`;
  const deps = { db: database.db, client, taskQueue, log: pino({ level: 'silent' }), stopping: stopping.signal };
  const running = Array.from({ length: count }, () => runRelay(deps));
  try {
    return await work();
  } finally {
    stopping.abort();
    await Promise.all(running);
  }
}

const emptied = () => until('the outbox is empty', async () => (await outboxState(database.db)).waiting === 0);

async function signalsOf(workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events?.filter((event) => event.workflowExecutionSignaledEventAttributes).length ?? 0;
}

test('acts that wait together become one signal to each workflow', async () => {
  const { id } = await openRound(database.db);
  for (let i = 0; i < 40; i += 1) await nudgeShard(database.db, id, 0);
  for (let i = 0; i < 5; i += 1) await nudgeRound(database.db, id);
  await withRelays(1, emptied);
  expect(await signalsOf(shardWorkflowId(id, 0))).toBe(1);
  expect(await signalsOf(id)).toBe(1);
});

test('several relays deliver every nudge and never trip over each other', async () => {
  const opened = await Promise.all(Array.from({ length: 6 }, () => openRound(database.db)));
  await withRelays(3, async () => {
    for (let i = 0; i < 30; i += 1) await Promise.all(opened.map(({ id }) => nudgeRound(database.db, id)));
    await emptied();
  });
  for (const { id } of opened) expect(await signalsOf(id)).toBeGreaterThanOrEqual(1);
});

test('a nudge that can never be delivered is parked and keeps back none behind it', async () => {
  const { id: whole } = await openRound(database.db);
  const { id: broken } = await openRound(database.db);
  // Temporal takes no workflow id of over a thousand characters.
  const endless = `r-${'x'.repeat(1_100)}` as RoundId;
  await database.db.execute(sql`
    insert into rounds select (jsonb_populate_record(r, jsonb_build_object('id', ${endless}::text, 'start_key', null))).*
    from rounds r where id = ${broken}`);
  await nudgeRound(database.db, endless);
  await nudgeRound(database.db, whole);
  await withRelays(1, emptied);
  expect(await outboxState(database.db)).toMatchObject({ waiting: 0, parked: 1 });
  expect(await signalsOf(whole)).toBe(1);
  await database.db.delete(outbox).where(eq(outbox.roundId, endless));
  await database.db.delete(rounds).where(eq(rounds.id, endless));
});

test('what a dead relay had taken is taken again when its claim ends', async () => {
  const { id } = await openRound(database.db);
  await nudgeRound(database.db, id);
  expect(await takeNudges(database.db, 10, 150)).toMatchObject([{ roundId: id, shard: null }]);
  expect(await takeNudges(database.db, 10, 150)).toEqual([]);
  await withRelays(1, emptied);
  expect(await signalsOf(id)).toBe(1);
});

test('a nudge is not seen before its act is committed, and never if the act is undone', async () => {
  const { id } = await openRound(database.db);
  const undone = database.db.transaction(async (tx) => {
    await nudgeRound(tx, id);
    expect(await takeNudges(database.db, 10, 150)).toEqual([]);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect((await outboxState(database.db)).waiting).toBe(0);
});
