import { eq, sql } from 'drizzle-orm';
import { addPerson, addToken, changeLabeller } from '../../db/people';
import { accounts, rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { nth, openRound } from '../setup/round';
import { Caller, startSite, type TestSite } from '../setup/site';

let here: TestDatabase;
let site: TestSite;
beforeAll(async () => {
  here = await createTestDatabase();
  site = await startSite(here.db);
});
afterAll(async () => {
  await site.close();
  await here.drop();
});

const change = (id: RoundId, to: Partial<typeof rounds.$inferInsert>) =>
  here.db.update(rounds).set(to).where(eq(rounds.id, id));

test('a labeller is told the rounds that they may work on now, newest first, by id, deadline and whether simulated alone', async () => {
  const older = await openRound(here.db, { groups: ['x'], labellers: [{ groups: ['x'] }] });
  const newer = await openRound(here.db);
  const isOf = (round: { id: string }) => sql`${accounts.id} = ${`acct-${round.id}`}`;
  await here.db.update(accounts).set({ simulated: true }).where(isOf(newer));
  const opening = await openRound(here.db);
  await change(opening.id, { status: 'opening' });
  const over = await Promise.all([1, 2, 3, 4].map(() => openRound(here.db)));
  const ended = ['measuring', 'done', 'cancelled', 'failed'] as const;
  await Promise.all(ended.map((status, i) => change(nth(over, i).id, { status })));
  const late = await openRound(here.db);
  await here.db.execute(sql`update rounds set deadline_at = now() - interval '1 second' where id = ${late.id}`);
  const others = await openRound(here.db, { groups: ['y'] });

  const { id, token } = nth(older.labellers, 0);
  const anna = new Caller(site.url, token);
  const [row] = await here.db.select().from(rounds).where(eq(rounds.id, older.id));
  const answered = await anna.get('/api/rounds');
  expect(answered).toMatchObject({ status: 200 });
  expect(answered.body).toEqual({
    rounds: [
      { roundId: opening.id, deadlineAt: expect.stringMatching(/Z$/), simulated: false },
      { roundId: newer.id, deadlineAt: expect.any(String), simulated: true },
      { roundId: older.id, deadlineAt: row?.deadlineAt.toISOString(), simulated: false },
    ],
  });
  await changeLabeller(here.db, id, { groups: ['y'] });
  expect((await anna.get('/api/rounds')).body).toMatchObject({
    rounds: [{ roundId: others.id }, { roundId: opening.id }, { roundId: newer.id }],
  });
});

test('whoever is no labeller is not let in; a lead who labels nothing has no rounds', async () => {
  const tokenOf = async (name: string, roles: Parameters<typeof addPerson>[1]['roles']) =>
    addToken(here.db, (await addPerson(here.db, { name, roles })).id);
  const get = (token?: string) => new Caller(site.url, token).get('/api/rounds');
  expect(await get()).toMatchObject({ status: 401 });
  expect(await get(await tokenOf('Olga', ['operator']))).toMatchObject({ status: 403 });
  expect(await get(await tokenOf('Lena', ['lead']))).toMatchObject({ status: 200, body: { rounds: [] } });
});

test('it is described with the rest of the API', async () => {
  const { body } = await new Caller(site.url).get('/api/openapi.json');
  expect(body).toMatchObject({
    paths: { '/api/rounds': { get: { security: [{ token: [] }] } } },
    components: { schemas: { OwnRounds: { properties: { rounds: { type: 'array' } } } } },
  });
});
