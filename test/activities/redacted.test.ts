import { eq } from 'drizzle-orm';
import type { Chunk } from '../../activities/generation';
import { redactText, textsOfItem } from '../../db/redaction';
import { accounts, items } from '../../db/schema';
import type { PersonId } from '../../domain/ids';
import { type Attempt, attempts } from '../setup/attempt';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type ModelServer, startModelServer } from '../setup/modelServer';
import { nth, openRound } from '../setup/round';

let database: TestDatabase;
let server: ModelServer;
let attemptAt: Attempt;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startModelServer(() => ({ content: 'fine' }));
  attemptAt = attempts(database.db);
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

const PROMPT = 'what nobody may send any more';

/** A chunk of items that all have a completion to come. */
async function chunkOf(options: Parameters<typeof openRound>[1]) {
  const round = await openRound(database.db, { pendingFrom: 0, ...options });
  const baseUrl = `${server.baseUrl}?${round.id}`;
  await database.db.update(accounts).set({ baseUrl }).where(eq(accounts.id, round.accountId));
  const chunk: Chunk = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  const promptOf = async (i: number) =>
    nth((await textsOfItem(database.db, nth(round.items, i).id))?.texts ?? [], 0).hash;
  const states = async () => {
    const rows = await database.db.select().from(items).where(eq(items.roundId, round.id)).orderBy(items.position);
    return rows.map(({ state, failCode }) => failCode ?? state);
  };
  server.requests.length = 0;
  return { round, chunk, promptOf, states };
}
const redact = (hash: string) => redactText(database.db, { hash, by: 'p_olga' as PersonId, why: 'asked for' });

test('a redacted prompt is not sent; the others of its chunk are', async () => {
  const { chunk, promptOf, states } = await chunkOf({ items: 3 });
  await redact(await promptOf(1));
  await attemptAt(chunk, 1);
  expect(server.requests).toHaveLength(2);
  expect(await states()).toEqual(['generated', 'redacted', 'generated']);
});

test('nor is one whose item was drawn afterwards, as from a set that was stored before', async () => {
  const { round, chunk, promptOf, states } = await chunkOf({ items: 2, messages: [{ role: 'user', content: PROMPT }] });
  await redact(await promptOf(0));
  await database.db
    .update(items)
    .set({ state: 'pending', failCode: null, redactedAt: null })
    .where(eq(items.roundId, round.id));
  await attemptAt(chunk, 1);
  expect(server.requests).toHaveLength(0);
  expect(await states()).toEqual(['redacted', 'redacted']);
});
