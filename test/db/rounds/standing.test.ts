import { eq, sql } from 'drizzle-orm';
import { skip } from '../../../db/labelling';
import { addPerson } from '../../../db/people';
import { pauseRound, resumeRound } from '../../../db/rounds/pause';
import { readRound } from '../../../db/rounds/read';
import { showRound } from '../../../db/rounds/show';
import { type RoundStanding, roundStanding, withoutClocks } from '../../../db/rounds/standing';
import { rounds } from '../../../db/schema';
import type { RoundId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk } from '../../setup/desk';
import { nth, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

async function standing(id: RoundId): Promise<RoundStanding> {
  const found = await roundStanding(here.db, id);
  if (!found) throw new Error('no round');
  return found;
}

test('whoever asks later sees the same while nothing happens, but for clocks', async () => {
  const round = await openRound(here.db, { items: 6, models: 2, pendingFrom: 4, labellers: 2 });
  await new Desk(here.db, round.id, nth(round.labellers, 0).id).label();
  await new Desk(here.db, round.id, nth(round.labellers, 1).id).lease();
  await here.db.execute(sql`
    update accounts set permits = 1, concurrency = 4, cut_at = now(), not_before = now() + interval '1 hour', held_code = 'http-429'
    where id = ${round.accountId}`);
  const first = await standing(round.id);
  await here.db.execute(sql`select pg_sleep(0.02)`);
  const second = await standing(round.id);
  expect(second.secondsToDeadline).toBeLessThan(first.secondsToDeadline);
  expect(JSON.stringify(withoutClocks(second))).toBe(JSON.stringify(withoutClocks(first)));
});

test('at work is who has an item in hand, and who labelled a few minutes ago', async () => {
  const round = await openRound(here.db, { items: 6, labellers: 4, onePerPrompt: false });
  const [labels, holds, late, idle] = round.labellers.map(({ id }) => new Desk(here.db, round.id, id));
  if (!labels || !holds || !late || !idle) throw new Error('no labellers');
  await labels.label();
  await holds.lease();
  await late.label();
  await here.db.execute(sql`alter table labels disable trigger user`);
  await here.db.execute(
    sql`update labels set submitted_at = now() - interval '6 minutes' where labeller_id = ${late.id}`,
  );
  await here.db.execute(sql`alter table labels enable trigger user`);
  expect((await standing(round.id)).labellers.atWork).toEqual([labels.id, holds.id].sort());
});

test('an account goes by its name in the spec, with the permits that workers hold and what cut them', async () => {
  const round = await openRound(here.db);
  const { settings } = await readRound(here.db, round.id);
  const accountNames = { [round.accountId]: 'openai' };
  await here.db
    .update(rounds)
    .set({ settings: { ...settings, accountNames } })
    .where(eq(rounds.id, round.id));
  await here.db.execute(sql`
    update accounts set concurrency = 80, permits = 50, cut_at = now() where id = ${round.accountId}`);
  await here.db.execute(sql`
    insert into account_permits (account_id, worker_id, permits, wanted, expires_at) values
      (${round.accountId}, 'one', 30, 60, now() + interval '5 seconds'),
      (${round.accountId}, 'two', 8, 8, now() + interval '5 seconds'),
      (${round.accountId}, 'gone', 12, 12, now() - interval '1 second')`);
  const { accounts, waitingAccounts } = await standing(round.id);
  expect(accounts).toMatchObject([
    { name: 'openai', inUse: 38, allowed: 50, concurrency: 80, cutAt: expect.any(String), blocked: null },
  ]);
  expect(waitingAccounts).toEqual([]);
  expect((await showRound(here.db, round.id))?.accounts).toMatchObject([{ name: 'openai', allowed: 50 }]);
});

test('a person’s pause goes before the hold of its budget, and lets nobody label', async () => {
  const round = await openRound(here.db);
  const { id: by } = await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  await here.db.execute(sql`update rounds set held_at = now(), held_code = 'budget' where id = ${round.id}`);
  const held = {
    by: 'budget',
    who: null,
    since: expect.stringMatching(/Z$/),
    why: 'budget',
    labelling: true,
    held: true,
  };
  expect(await standing(round.id)).toMatchObject({ status: 'paused', pause: held });
  await pauseRound(here.db, { roundId: round.id, by, why: 'the manual is wrong' });
  const paused = { by: 'person', who: 'Olga', why: 'the manual is wrong', labelling: false, held: true };
  expect((await showRound(here.db, round.id))?.pause).toMatchObject(paused);
  await resumeRound(here.db, { roundId: round.id, by });
  await here.db.execute(sql`update rounds set held_at = null, held_code = null where id = ${round.id}`);
  expect(await standing(round.id)).toMatchObject({ status: 'running', pause: null });
});

test('what failed is told by model and code, with what a retry may mend; parked models too', async () => {
  const round = await openRound(here.db, { items: 6, pendingFrom: 0 });
  const codes = ['tries-exhausted', 'parked:http-500', 'parked:http-500', 'refused-content', 'deadline'];
  for (const [i, code] of codes.entries()) {
    await here.db.execute(
      sql`update items set state = 'failed', fail_code = ${code} where id = ${nth(round.items, i).id}`,
    );
  }
  const model = nth(round.items, 0).modelId;
  await here.db.execute(sql`
    insert into round_models (round_id, model_id, failures, failure_code, parked_at, retry_at)
    values (${round.id}, ${model}, 21, 'http-500', now(), now() + interval '1 minute')`);
  const { parked } = await standing(round.id);
  expect(parked.items).toEqual([
    { model, code: 'deadline', items: 1, mendable: false },
    { model, code: 'parked:http-500', items: 2, mendable: true },
    { model, code: 'refused-content', items: 1, mendable: false },
    { model, code: 'tries-exhausted', items: 1, mendable: true },
  ]);
  expect(parked.models).toMatchObject([
    { model, code: 'http-500', failures: 21, retryAt: expect.stringMatching(/Z$/) },
  ]);
  expect((await showRound(here.db, round.id))?.parked).toEqual(parked);
});

test('a call in flight for what was asked before is told as such', async () => {
  const round = await openRound(here.db, { items: 3, pendingFrom: 0 });
  const [once, again] = round.items;
  await here.db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, turn, try, claim_until, ended_at, outcome) values
      (${again?.id}, ${round.id}, ${round.accountId}, 0, 1, now(), now(), 'retryable'),
      (${again?.id}, ${round.id}, ${round.accountId}, 0, 2, now() + interval '1 minute', null, null),
      (${once?.id}, ${round.id}, ${round.accountId}, 0, 1, now() + interval '1 minute', null, null)`);
  expect((await standing(round.id)).calls).toEqual({ inFlight: 2, retrying: 1, retried: 1, rateLimited: 0 });
});

test('a model whose items come back from everybody is told; one that some can judge is not', async () => {
  const round = await openRound(here.db, { items: 8, models: 2, labellers: 2, overlap: 2, onePerPrompt: false });
  const [broken = ''] = [...new Set(round.items.map(({ modelId }) => modelId))];
  const modelOf = new Map(round.items.map(({ id, modelId }) => [id, modelId]));
  for (const [n, { id }] of round.labellers.entries()) {
    const desk = new Desk(here.db, round.id, id);
    for (;;) {
      const got = await desk.next();
      if (got.kind !== 'leased') break;
      const { assignmentId, itemId } = got.lease;
      const gives = modelOf.get(itemId) === broken || n === 0;
      if (!gives) await desk.submit(assignmentId);
      else await skip(here.db, { assignmentId, labellerId: id, code: 'broken' });
    }
  }
  expect((await standing(round.id)).unjudged).toEqual([{ model: broken, items: 4, givenBack: 4, code: 'broken' }]);
});
