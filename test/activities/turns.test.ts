import { asc, eq, sql } from 'drizzle-orm';
import type { Chunk } from '../../activities/generation';
import { readServed } from '../../db/labelling/served';
import { showRound } from '../../db/rounds/show';
import { accounts, generationCalls, items, itemTurns, rounds } from '../../db/schema';
import type { Json } from '../../domain/text';
import { type Attempt, attempts } from '../setup/attempt';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { errorReply, type ModelRequest, type ModelServer, startModelServer } from '../setup/modelServer';
import { type OpenRound, openRound } from '../setup/round';

let database: TestDatabase;
let server: ModelServer;
let round: OpenRound;
let chunk: Chunk;
let attempt: Attempt;
beforeAll(async () => {
  database = await createTestDatabase();
  server = await startModelServer(() => ({}));
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

const asks = (content: string) => ({ role: 'user', content });
const says = (content: string) => ({ role: 'assistant', content });
const OPEN = { role: 'assistant', content: null };
const TWO_TURNS = [{ role: 'system', content: 'Be brief.' }, asks('One?'), OPEN, asks('Two?')];

/** Of an item, from 0: one less than what the user has asked. */
const turnOf = ({ body }: ModelRequest) => body.messages.filter(({ role }) => role === 'user').length - 1;
const turnsAsked = () => server.requests.map(turnOf);

async function conversation(messages: Json[] = TWO_TURNS, count = 1): Promise<void> {
  round = await openRound(database.db, {
    items: count,
    pendingFrom: 0,
    messages: JSON.parse(JSON.stringify(messages)),
  });
  const [item] = await database.db.select().from(items).where(eq(items.roundId, round.id)).limit(1);
  if (!item) throw new Error('no item');
  chunk = { roundId: round.id, shard: 0, accountId: round.accountId, chunk: 0 };
  await database.db
    .update(accounts)
    .set({ baseUrl: `${server.baseUrl}?${round.id}` })
    .where(eq(accounts.id, chunk.accountId));
  server.requests.length = 0;
  server.answer = (request) => ({ content: `answer ${turnOf(request)}` });
  attempt = attempts(database.db);
}
const item = async () => {
  const [row] = await database.db.select().from(items).where(eq(items.roundId, round.id));
  if (!row) throw new Error('no item');
  return row;
};
const calls = () =>
  database.db
    .select({ turn: generationCalls.turn, outcome: generationCalls.outcome })
    .from(generationCalls)
    .where(eq(generationCalls.roundId, round.id))
    .orderBy(asc(generationCalls.id));

test('each turn is a call of its own that sends what the model said before, and the last completion is the item’s', async () => {
  await conversation([...TWO_TURNS, OPEN, asks('Three?')]);
  expect(await attempt(chunk)).toBeUndefined();
  const first = TWO_TURNS.slice(0, 2);
  const second = [...first, says('answer 0'), asks('Two?')];
  expect(server.requests.map(({ body }) => body.messages)).toEqual([
    first,
    second,
    [...second, says('answer 1'), asks('Three?')],
  ]);
  expect(await calls()).toEqual([0, 1, 2].map((turn) => ({ turn, outcome: 'completed' })));
  expect(await database.db.select({ turn: itemTurns.turn }).from(itemTurns).orderBy(itemTurns.turn)).toHaveLength(2);
  expect(await readServed(database.db, (await item()).id)).toMatchObject({
    messages: [...second, says('answer 1'), asks('Three?')],
    completion: 'answer 2',
  });
  expect((await showRound(database.db, round.id))?.calls).toMatchObject({ total: 3, completed: 3, surplus: 0 });
});

test('what a provider sends beside the words is not sent back to it; labellers see what they would of a completion', async () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
  const said = [
    { role: 'assistant', content: 'Hm.', reasoning_content: 'secret', tool_calls: [call] },
    { role: 'assistant', content: null, refusal: 'I would rather not.' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'x' },
        { type: 'text', text: 'Yes.' },
      ],
    },
    { role: 'assistant', content: null },
  ];
  const sent: unknown[] = [];
  const shown: unknown[] = [];
  for (const message of said) {
    await conversation();
    server.answer = (request) => (turnOf(request) === 0 ? { message } : { content: 'fine' });
    await attempt(chunk);
    sent.push(server.requests[1]?.body.messages[2]);
    shown.push((await readServed(database.db, (await item()).id))?.messages[2]);
  }
  expect(sent).toEqual(['Hm.', 'I would rather not.', 'Yes.', ''].map(says));
  expect(shown).toEqual([
    { role: 'assistant', content: 'Hm.', tool_calls: [{ type: call.type, function: call.function }] },
    said[1],
    said[2],
    says(''),
  ]);
});

test('a rate limit at the second turn costs no try, and what was said at the first is not paid for again', async () => {
  await conversation();
  server.answer = (request) =>
    turnOf(request) === 0
      ? { content: 'first' }
      : errorReply(429, 'rate_limit_exceeded', 'slow down', { 'retry-after-ms': '60000' });
  expect(await attempt(chunk)).toMatchObject({ type: 'rate-limited' });
  expect(await item()).toMatchObject({ state: 'pending', completionHash: null });
  expect(await attempt(chunk, 2)).toMatchObject({ type: 'rate-limited' });
  expect(turnsAsked()).toEqual([0, 1]);
  await database.db.update(accounts).set({ notBefore: null }).where(eq(accounts.id, chunk.accountId));
  server.answer = () => ({ content: 'second' });
  expect(await attempt(chunk, 3)).toBeUndefined();
  expect(turnsAsked()).toEqual([0, 1, 1]);
  expect(server.requests[2]?.body.messages).toEqual([...TWO_TURNS.slice(0, 2), says('first'), asks('Two?')]);
  expect((await item()).state).toBe('generated');
});

test('tries are counted for each turn, and a last turn that fails as often as allowed ends the item', async () => {
  await conversation();
  const failing = new Map([
    [0, 2],
    [1, 3],
  ]);
  server.answer = (request) => {
    const left = failing.get(turnOf(request)) ?? 0;
    failing.set(turnOf(request), left - 1);
    return left > 0 ? errorReply(500, 'server_error') : { content: 'fine' };
  };
  for (let nth = 1; nth <= 4; nth += 1) expect(await attempt(chunk, nth)).toMatchObject({ type: 'items-missing' });
  expect((await item()).state).toBe('pending');
  expect(await attempt(chunk, 5)).toBeUndefined();
  expect(await item()).toMatchObject({ state: 'failed', failCode: 'parked:http-500', completionHash: null });
  expect(turnsAsked()).toEqual([0, 0, 0, 1, 1, 1]);
});

test('a last turn that the provider refuses ends the item at once', async () => {
  await conversation();
  server.answer = (request) => (turnOf(request) === 0 ? { content: 'long' } : errorReply(400, 'context_length'));
  expect(await attempt(chunk)).toBeUndefined();
  expect(await item()).toMatchObject({ state: 'failed', failCode: 'refused-400' });
  expect(turnsAsked()).toEqual([0, 1]);
});

test('an item whose model names itself in any turn is counted among those that do', async () => {
  await conversation(TWO_TURNS, 3);
  let calls = 0;
  server.answer = (request) => {
    if (turnOf(request) === 0) calls += 1;
    return { content: turnOf(request) === 0 && calls <= 2 ? "Hello, I'm ChatGPT." : 'Hello.' };
  };
  await attempt(chunk);
  expect((await showRound(database.db, round.id))?.items).toMatchObject({ generated: 3, namesModel: 2 });
});

test('two attempts at once make one call for each turn of each item', async () => {
  await conversation(TWO_TURNS, 8);
  await database.db.update(accounts).set({ concurrency: 4 }).where(eq(accounts.id, chunk.accountId));
  server.answer = (request) => ({ content: `answer ${turnOf(request)}`, delayMs: 20 });
  const other = attempts(database.db);
  let open = true;
  for (let nth = 1; open; nth += 1) {
    const ends = await Promise.all([attempt(chunk, nth), other(chunk, nth)]);
    open = ends.some((end) => end !== undefined);
    expect(nth).toBeLessThan(100);
  }
  expect(turnsAsked().sort()).toEqual([...Array(8).fill(0), ...Array(8).fill(1)]);
  expect((await calls()).every(({ outcome }) => outcome === 'completed')).toBe(true);
});

test('a pause during a turn holds the next one back, and the item goes on from there', async () => {
  await conversation();
  server.answer = async () => {
    await database.db.execute(sql`update rounds set paused_at = now() where id = ${round.id}`);
    return { content: 'said before the pause' };
  };
  await attempt(chunk);
  expect(await calls()).toEqual([{ turn: 0, outcome: 'completed' }]);
  await database.db.update(rounds).set({ pausedAt: null }).where(eq(rounds.id, round.id));
  server.answer = () => ({ content: 'and after it' });
  expect(await attempt(chunk, 2)).toBeUndefined();
  expect(turnsAsked()).toEqual([0, 1]);
});

test('a worker that is asked to stop during a turn saves it and begins no other', async () => {
  await conversation();
  const stopping = new AbortController();
  server.answer = () => {
    stopping.abort();
    return { content: 'saved' };
  };
  await attempts(database.db, { stopping: stopping.signal })(chunk);
  expect(await calls()).toEqual([{ turn: 0, outcome: 'completed' }]);
  expect(await attempt(chunk, 2)).toBeUndefined();
  expect(turnsAsked()).toEqual([0, 1]);
});

test('an item that ended during a turn says no more, and what was said is surplus', async () => {
  await conversation();
  server.answer = async () => {
    await database.db.execute(
      sql`update items set state = 'failed', fail_code = 'not-generated' where round_id = ${round.id}`,
    );
    return { content: 'too late' };
  };
  expect(await attempt(chunk)).toBeUndefined();
  expect(await calls()).toEqual([{ turn: 0, outcome: 'surplus' }]);
});
