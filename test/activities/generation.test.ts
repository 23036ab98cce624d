import { eq, sql } from 'drizzle-orm';
import type { Chunk } from '../../activities/generation';
import { openItems } from '../../db/items/open';
import { showRound } from '../../db/rounds/show';
import { accounts, generationCalls, items, outbox } from '../../db/schema';
import { describeRound } from '../../scripts/rounds/view';
import { type Attempt, attempts } from '../setup/attempt';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { errorReply, type ModelServer, startModelServer } from '../setup/modelServer';
import { type OpenRound, openRound } from '../setup/round';

let database: TestDatabase;
let server: ModelServer;
let round: OpenRound;
let chunk: Chunk;
let attemptAt: Attempt;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startModelServer(() => ({ content: 'fine' }));
});
afterAll(async () => {
  await server.close();
  await database.drop();
});
beforeEach(async () => {
  round = await openRound(database.db, { items: 8, pendingFrom: 0 });
  const [item] = await database.db.select().from(items).where(eq(items.roundId, round.id)).limit(1);
  if (!item) throw new Error('no item');
  chunk = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  await database.db
    .update(accounts)
    .set({ baseUrl: `${server.baseUrl}?${round.id}` })
    .where(eq(accounts.id, chunk.accountId));
  server.requests.length = 0;
  server.answer = () => ({ content: 'fine' });
  attemptAt = attempts(database.db);
});

const attempt = (nth = 1) => attemptAt(chunk, nth);
const states = async () => {
  const rows = await database.db.execute<{ state: string; n: number }>(
    sql`select state, count(*)::int as n from items where round_id = ${round.id} group by 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.n]));
};
const callsOf = () => database.db.select().from(generationCalls).where(eq(generationCalls.roundId, round.id));
const account = async () => (await database.db.select().from(accounts).where(eq(accounts.id, chunk.accountId)))[0];

test('two attempts at one chunk at once make one call per item', async () => {
  server.answer = () => ({ content: 'fine', delayMs: 50 });
  await Promise.all([attempt(), attempt()]);
  expect(server.requests).toHaveLength(8);
  expect(await callsOf()).toHaveLength(8);
  expect(await states()).toEqual({ generated: 8 });
});

test('whatever a provider sends beside its completion, the completion is saved at the first try', async () => {
  server.answer = ({ body }) => ({
    body: {
      model: `${body.model}\u0000${'x'.repeat(5_000)}`,
      system_fingerprint: 7,
      choices: [{ finish_reason: '\ud800', message: { role: 'assistant', content: 'fine' } }],
      usage: { prompt_tokens: 12.5, completion_tokens: 1e15 },
    },
  });
  expect(await attempt()).toBeUndefined();
  expect(await states()).toEqual({ generated: 8 });
  expect((await callsOf())[0]).toMatchObject({
    fingerprint: null,
    promptTokens: null,
    completionTokens: null,
    finishReason: '\ufffd',
  });
});

test('completions that tell which model wrote them are counted where the round is shown', async () => {
  let calls = 0;
  server.answer = () => {
    calls += 1;
    return { content: calls <= 3 ? "Hello, I'm ChatGPT." : 'Hello.' };
  };
  await attempt();
  const view = await showRound(database.db, round.id);
  expect(view?.items).toMatchObject({ generated: 8, namesModel: 3 });
  if (view) expect(describeRound(view)).toContain('3 completions naming the model');
});

test('calls whose outcome nobody knows count as tries, so that an item which never ends well ends', async () => {
  await database.db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until)
    select id, round_id, account_id, t, now() - interval '1 second' from items, generate_series(1, 100) t where round_id = ${round.id}`);
  expect(await attempt()).toBeUndefined();
  expect(server.requests).toHaveLength(0);
  expect(await states()).toEqual({ failed: 8 });
});

test('a database error ends the attempt only when the calls under way are saved, and no other call begins', async () => {
  await database.db.execute(
    sql.raw(`
    create function refuse_claims() returns trigger language plpgsql as $$
    begin if (select count(*) from generation_calls) >= 3 then raise exception 'full'; end if; return new; end $$`),
  );
  await database.db.execute(sql`truncate generation_calls`);
  await database.db.update(accounts).set({ concurrency: 1 }).where(eq(accounts.id, chunk.accountId));
  await database.db.execute(
    sql`create trigger refuse_claims before insert on generation_calls for each row execute function refuse_claims()`,
  );
  expect(await attempt()).toBeDefined();
  const asked = server.requests.length;
  await database.db.execute(sql`drop trigger refuse_claims on generation_calls`);
  expect(asked).toBe(3);
  expect((await callsOf()).every((call) => call.outcome === 'completed')).toBe(true);
});

test('a used-up quota keeps its items waiting, is said once, and is tried again after a while', async () => {
  server.answer = () => errorReply(429, 'insufficient_quota');
  expect(await attempt()).toMatchObject({ type: 'insufficient-quota' });
  expect(await states()).toEqual({ pending: 8 });
  const asked = server.requests.length;
  expect(await attempt(3)).toMatchObject({ type: 'insufficient-quota', nextRetryDelay: 90_000 });
  expect(server.requests).toHaveLength(asked);
  await database.db.execute(
    sql`update accounts set blocked_at = now() - interval '1 hour' where id = ${chunk.accountId}`,
  );
  server.answer = () => ({ content: 'fine' });
  await attempt(4);
  expect(await states()).toEqual({ generated: 8 });
  expect(await account()).toMatchObject({ blockedCode: null });
});

test('a refusal without a time waits the longer the longer it lasts, and an answer ends that', async () => {
  server.answer = () => errorReply(429, 'rate_limit_exceeded');
  expect(await attempt()).toMatchObject({ type: 'rate-limited' });
  const hold = async () => {
    const [row] = await database.db.execute<{ s: number }>(
      sql`select extract(epoch from not_before - now())::float8 as s from accounts where id = ${chunk.accountId}`,
    );
    return row?.s ?? 0;
  };
  expect(await hold()).toBeLessThan(2.1);
  await database.db.execute(
    sql`update accounts set not_before = null, held_since = now() - interval '100 seconds' where id = ${chunk.accountId}`,
  );
  await attempt();
  expect(await hold()).toBeGreaterThan(90);
  // Nobody waits for it: the shard leaves the window with what it has.
  expect(await openItems(database.db, round.id, 0)).toEqual({ opened: 0, pending: 8 });
  const [told] = await database.db.select().from(outbox).where(eq(outbox.roundId, round.id));
  expect(told).toBeDefined();
  await database.db.execute(sql`update accounts set not_before = null where id = ${chunk.accountId}`);
  server.answer = () => ({ content: 'fine' });
  await attempt();
  expect(await account()).toMatchObject({ heldSince: null });
});

test('Retry-After of a 503 holds the account too, and none holds it for ever', async () => {
  server.answer = () => errorReply(503, 'overloaded', 'no', { 'retry-after': '60' });
  expect(await attempt()).toMatchObject({ type: 'rate-limited' });
  server.answer = () => errorReply(429, 'rate_limit_exceeded', 'no', { 'retry-after': '1e14' });
  await database.db.execute(sql`update accounts set not_before = null where id = ${chunk.accountId}`);
  await attempt();
  const days = ((await account())?.notBefore?.getTime() ?? 0) - Date.now();
  expect(days / 86_400_000).toBeLessThan(31);
});

test('a missing key blocks with a word for the operator, and a worker that has it goes on', async () => {
  attemptAt = attempts(database.db, { keyOf: () => undefined });
  expect(await attempt()).toMatchObject({ type: 'missing-key' });
  expect(server.requests).toHaveLength(0);
  attemptAt = attempts(database.db);
  await attempt();
  expect(await states()).toEqual({ generated: 8 });
});
