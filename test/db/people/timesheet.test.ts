import { eq, sql } from 'drizzle-orm';
import fc from 'fast-check';
import { expireLeases, giveBack, skip, undo, view, withdrawLabel } from '../../../db/labelling';
import { labellerWork } from '../../../db/labelling/work';
import { timesheetOf, totalOf } from '../../../db/people/timesheet';
import { assignments, itemArms, labellers, members, rounds } from '../../../db/schema';
import { MAIN, type PersonId } from '../../../domain/ids';
import type { RunSettings } from '../../../domain/spec';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk, passTime } from '../../setup/desk';
import { makeLabellers, nth, type OpenRound, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const pay = (round: OpenRound, settings: Pick<RunSettings, 'wages' | 'currency'>) =>
  here.db.execute(sql`
    update rounds set settings = settings || ${JSON.stringify(settings)}::text::jsonb where id = ${round.id}`);

interface Held {
  round: number;
  /** Minutes. */
  leased: number;
  viewed: number | null;
  ended: number;
  state: 'submitted' | 'skipped' | 'released';
}

/** Assignments as they would be after the work, and nothing else. */
async function pretend(all: readonly OpenRound[], labellerId: PersonId, held: readonly Held[]): Promise<void> {
  const used = new Map<number, number>();
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1) + minute * 60_000);
  const values = held.map(({ round, leased, viewed, ended, state }) => {
    const { id: roundId, items } = nth(all, round);
    const n = used.get(round) ?? 0;
    used.set(round, n + 1);
    const { id: itemId, promptId } = nth(items, n);
    const skipCode = state === 'skipped' ? ('language' as const) : null;
    const times = { leasedAt: at(leased), viewedAt: viewed === null ? null : at(viewed), endedAt: at(ended) };
    return {
      roundId,
      itemId,
      promptId,
      arm: MAIN,
      labellerId,
      state,
      skipCode,
      onePerPrompt: false,
      expiresAt: at(ended),
      ...times,
    };
  });
  if (values.length > 0) await here.db.insert(assignments).values(values);
}

const WAGES = [
  { wages: { perHour: 10, groups: { doctors: 60 } }, currency: 'EUR' },
  { wages: { perHour: 12.5, groups: { lawyers: 90 } }, currency: 'USD' },
  {},
] as const;
/** Of somebody in the group of doctors, by the minute. */
const RATES = [60 / 60, 12.5 / 60, null];

const minute = fc.integer({ min: 0, max: 3 * 24 * 60 });
const held: fc.Arbitrary<Held> = fc
  .tuple(
    fc.integer({ min: 0, max: 2 }),
    minute,
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 0, max: 400 }),
    fc.boolean(),
    fc.constantFrom('submitted', 'skipped', 'released'),
  )
  .map(([round, leased, wait, work, seen, state]) => ({
    round,
    leased,
    viewed: seen ? leased + wait : null,
    ended: leased + wait + work,
    state: state as Held['state'],
  }));

/** Minute by minute, in the plainest way. */
function byTheMinute(all: readonly Held[]): Map<string, { minutes: number; pay: Map<string, number> }> {
  const rounds = new Map<number, Set<number>>();
  for (const { round, leased, viewed, ended } of all) {
    for (let at = viewed ?? leased; at < ended; at += 1) rounds.set(at, (rounds.get(at) ?? new Set()).add(round));
  }
  const days = new Map<string, { minutes: number; pay: Map<string, number> }>();
  for (const [at, at_once] of rounds) {
    const day = new Date(Date.UTC(2026, 2, 1) + at * 60_000).toISOString().slice(0, 10);
    const sheet = days.get(day) ?? { minutes: 0, pay: new Map<string, number>() };
    const best = [0, 1].find((round) => at_once.has(round));
    const rate = best === undefined ? null : RATES[best];
    const currency = best === 0 ? 'EUR' : 'USD';
    sheet.minutes += 1;
    if (typeof rate === 'number') sheet.pay.set(currency, (sheet.pay.get(currency) ?? 0) + rate);
    days.set(day, sheet);
  }
  return days;
}

test('whatever overlaps, an hour counts once, on its day, for the round that pays more', async () => {
  const three = await Promise.all(WAGES.map(() => openRound(here.db, { items: 12, labellers: 0 })));
  for (const [i, wages] of WAGES.entries()) await pay(nth(three, i), wages);
  await fc.assert(
    fc.asyncProperty(fc.array(held, { maxLength: 12 }), async (all) => {
      const { id } = nth(await makeLabellers(here.db, 'three', [{ groups: ['doctors'] }]), 0);
      await here.db.insert(members).values(three.map((round) => ({ roundId: round.id, labellerId: id, arm: MAIN })));
      await pretend(three, id, all);
      const sheet = await timesheetOf(here.db, { labellerId: id });
      const worked = new Map(sheet.filter(({ seconds }) => seconds > 0).map((day) => [day.day, day]));
      const plain = byTheMinute(all);
      expect([...worked.keys()].sort()).toEqual([...plain.keys()].sort());
      for (const [day, { minutes, pay: money }] of plain) {
        const { seconds = 0, pay: paid = {} } = worked.get(day) ?? {};
        expect(seconds).toBeCloseTo(minutes * 60, 6);
        expect(Object.keys(paid).sort()).toEqual([...money.keys()].sort());
        for (const [currency, sum] of money) expect(Math.abs((paid[currency] ?? 0) - sum)).toBeLessThanOrEqual(0.0051);
      }
      const total = totalOf(sheet);
      expect(total.seconds).toBeCloseTo(
        [...plain.values()].reduce((sum, { minutes }) => sum + minutes * 60, 0),
        5,
      );
      expect((await labellerWork(here.db, id)).seconds).toBeCloseTo(total.seconds, 5);
      expect(total.skipped).toBe(all.filter(({ state }) => state === 'skipped').length);
      const parts = await Promise.all(
        three.map((round) => timesheetOf(here.db, { labellerId: id, roundId: round.id })),
      );
      expect(parts.reduce((sum, days) => sum + totalOf(days).seconds, 0)).toBeCloseTo(total.seconds, 5);
    }),
    { numRuns: 25 },
  );
});

/** Moves all that an assignment says happened, so that no test need wait. */
const back = (seconds: number) =>
  here.db.execute(sql`
    update assignments set leased_at = leased_at - ${seconds} * interval '1 second',
      viewed_at = viewed_at - ${seconds} * interval '1 second' where state = 'leased'`);
const secondsOf = async (id: PersonId) => totalOf(await timesheetOf(here.db, { labellerId: id })).seconds;

test('time begins with the first view where there was one; a withdrawn label takes nothing from it', async () => {
  const round = await openRound(here.db, { items: 4, labellers: 1, leaseMs: 1_000_000 });
  await pay(round, { wages: { perHour: 36, groups: {} }, currency: 'EUR' });
  const { id } = nth(round.labellers, 0);
  const desk = new Desk(here.db, round.id, id);
  const first = await desk.lease();
  await back(1_000);
  await view(here.db, { assignmentId: first.assignmentId, labellerId: id });
  await here.db.execute(
    sql`update assignments set viewed_at = viewed_at - interval '100 seconds' where id = ${first.assignmentId}`,
  );
  const submitted = await desk.submit(first.assignmentId);
  expect(Math.round((await secondsOf(id)) / 5) * 5).toBe(100);
  const before = await timesheetOf(here.db, { labellerId: id });
  expect(before).toMatchObject([{ labelled: 1, skipped: 0, withdrawn: 0, pay: { EUR: expect.closeTo(1, 0) } }]);

  if (submitted.kind !== 'accepted') throw new Error('not accepted');
  await withdrawLabel(here.db, { labelId: submitted.labelId, by: 'p_olga' as PersonId, why: 'careless' });
  const after = await timesheetOf(here.db, { labellerId: id });
  expect(after).toEqual(before.map((day) => ({ ...day, withdrawn: 1 })));
});

test('what was undone counts once, what was given back and skipped counts as time, what is in hand not yet', async () => {
  const round = await openRound(here.db, { items: 4, labellers: 1, leaseMs: 1_000_000, onePerPrompt: false });
  const { id } = nth(round.labellers, 0);
  const desk = new Desk(here.db, round.id, id);
  const { assignmentId } = await desk.label();
  await undo(here.db, { assignmentId, labellerId: id });
  await desk.submit(assignmentId, { verdict: 'ambiguous' });
  const skipped = await desk.lease();
  await skip(here.db, { assignmentId: skipped.assignmentId, labellerId: id, code: 'upsetting' });
  const released = await desk.lease();
  await back(50);
  await giveBack(here.db, { assignmentId: released.assignmentId, labellerId: id });
  await desk.lease();
  await back(5_000);
  const [sheet] = await timesheetOf(here.db, { labellerId: id });
  expect(sheet).toMatchObject({ labelled: 1, skipped: 1, withdrawn: 0, pay: {} });
  expect(sheet?.seconds).toBeGreaterThanOrEqual(50);
  expect(sheet?.seconds).toBeLessThan(100);
});

test('a lease that ran out counts from its view to the last sign of life, and not at all without one', async () => {
  const round = await openRound(here.db, { items: 6, labellers: 1, leaseMs: 600_000, onePerPrompt: false });
  const { id } = nth(round.labellers, 0);
  const desk = new Desk(here.db, round.id, id);
  const unseen = await desk.lease();
  await passTime(here.db, unseen.assignmentId);
  await expireLeases(here.db, { roundId: round.id, limit: 9 });
  expect(await secondsOf(id)).toBe(0);
  const seen = await desk.lease();
  // Seen 20 minutes ago, extended 12 minutes ago, run out 2 minutes ago.
  await here.db.execute(sql`
    update assignments set leased_at = now() - interval '21 minutes', viewed_at = now() - interval '20 minutes',
      expires_at = now() - interval '2 minutes' where id = ${seen.assignmentId}`);
  await expireLeases(here.db, { roundId: round.id, limit: 9 });
  expect(await secondsOf(id)).toBeCloseTo(8 * 60, 3);
});

test('first and last days bound it, and everybody is on it by name', async () => {
  const round = await openRound(here.db, { items: 3, labellers: 2, onePerPrompt: false });
  const [anna, bert] = [nth(round.labellers, 0).id, nth(round.labellers, 1).id];
  for (const labellerId of [anna, bert])
    await here.db.insert(members).values({ roundId: round.id, labellerId, arm: MAIN });
  const midnight = 24 * 60;
  await pretend([round], anna, [
    { round: 0, leased: midnight - 10, viewed: null, ended: midnight + 20, state: 'submitted' },
  ]);
  await pretend([round], bert, [{ round: 0, leased: 0, viewed: 5, ended: 10, state: 'submitted' }]);
  await here.db.update(itemArms).set({ slots: 9 }).where(eq(itemArms.roundId, round.id));
  const of = async (query: Parameters<typeof timesheetOf>[1]) =>
    (await timesheetOf(here.db, { ...query, roundId: round.id })).map(({ labellerId, day, seconds }) => [
      labellerId,
      day,
      seconds,
    ]);
  const first = [anna, '2026-03-01', 600];
  const second = [anna, '2026-03-02', 1_200];
  const berts = [bert, '2026-03-01', 300];
  expect((await of({})).sort()).toEqual([first, second, berts].sort());
  expect(await of({ labellerId: anna, from: '2026-03-02' })).toEqual([second]);
  expect((await of({ to: '2026-03-01' })).sort()).toEqual([first, berts].sort());
  expect(await of({ from: '2026-03-03' })).toEqual([]);
  await here.db.update(rounds).set({ status: 'done' }).where(eq(rounds.id, round.id));
  expect(await here.db.select().from(labellers).where(eq(labellers.id, anna))).toHaveLength(1);
});
