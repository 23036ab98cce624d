import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { type Connection, connect } from '../../../db/connection';
import { expireLeases, giveBack, skip, undo, withdrawLabel } from '../../../db/labelling';
import type { AssignmentId, LabelId, PersonId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk } from '../../setup/desk';
import { makeLabellers, nth, openRound } from '../../setup/round';

let here: TestDatabase;
let crowd: Connection;
beforeAll(async () => {
  here = await createTestDatabase();
  crowd = connect(here.url, { max: 8, name: 'crowd' });
});
afterAll(async () => {
  await crowd.close();
  await here.drop();
});

const LABELLERS = 4;
const OVERLAP = 2;

/** What a labeller, the clock or an operator may do; `pick` chooses among what there is to do it to. */
const act = fc.record({
  kind: fc.constantFrom(
    'next',
    'next',
    'submit',
    'submit',
    'late',
    'undo',
    'skip',
    'give-back',
    'pass-time',
    'expire',
    'withdraw',
  ),
  labeller: fc.nat(LABELLERS - 1),
  pick: fc.nat(1_000),
});
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
/** Acts that run at the same time, then others, and so on. */
const plot = fc.array(fc.array(act, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 12 });

test.each([
  ['one completion of a prompt per labeller', true],
  ['several', false],
])('whatever the order of acts, slots, labels and queue agree: %s', async (_, onePerPrompt) => {
  await fc.assert(
    fc.asyncProperty(plot, async (steps) => {
      const { id, items, labellers } = await openRound(here.db, {
        items: 4,
        models: 2,
        overlap: OVERLAP,
        onePerPrompt,
        labellers: LABELLERS,
      });
      const desks = labellers.map((labeller) => new Desk(crowd.db, id, labeller.id));
      for (const step of steps) {
        await Promise.all(step.map((each) => perform(each, nth(desks, each.labeller), id)));
        expect(await brokenRules(here.db, id)).toEqual([]);
      }

      // Whatever happened, labellers who come fresh can bring every item to its overlap.
      await here.db.execute(sql`
        update assignments set expires_at = now() - interval '1 second' where round_id = ${id} and state = 'leased'`);
      await expireLeases(here.db, { roundId: id, limit: 1_000 });
      const fresh = await makeLabellers(here.db, id, onePerPrompt ? 2 * OVERLAP : OVERLAP);
      await Promise.all(fresh.map((labeller) => new Desk(crowd.db, id, labeller.id).drain()));
      const [end] = await here.db.execute(sql`
        select (select count(*)::int from labels where round_id = ${id} and withdrawn_at is null) as counted,
          (select sum(taken)::int from item_arms where round_id = ${id}) as taken`);
      expect(end).toEqual({ counted: items.length * OVERLAP, taken: items.length * OVERLAP });
      expect(await brokenRules(here.db, id)).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

async function perform({ kind, pick }: Act, desk: Desk, roundId: string): Promise<void> {
  const own = { labellerId: desk.id, assignmentId: await pickAssignment(roundId, desk.id, kind, pick) };
  switch (kind) {
    case 'next':
      await desk.next();
      break;
    case 'submit':
    case 'late':
      await desk.submit(own.assignmentId);
      break;
    case 'undo':
      await undo(crowd.db, own);
      break;
    case 'skip':
      await skip(crowd.db, { ...own, code: 'language' });
      break;
    case 'give-back':
      await giveBack(crowd.db, own);
      break;
    case 'pass-time':
      await crowd.db.execute(sql`
        update assignments set expires_at = now() - interval '1 second' where id = ${own.assignmentId} and state = 'leased'`);
      break;
    case 'expire':
      await expireLeases(crowd.db, { limit: 3 });
      break;
    case 'withdraw': {
      const labels = await crowd.db.execute<{ id: LabelId }>(
        sql`select id from labels where round_id = ${roundId} and labeller_id = ${desk.id} order by submitted_at`,
      );
      const labelId = labels[pick % Math.max(1, labels.length)]?.id;
      if (labelId) await withdrawLabel(crowd.db, { labelId, by: 'p_operator' as PersonId, why: 'a test' });
    }
  }
}

/** One of the labeller's own, in a state that the act is for; one that never was, if there is none. */
async function pickAssignment(roundId: string, labellerId: string, kind: Act['kind'], pick: number) {
  const state = kind === 'undo' ? 'submitted' : kind === 'late' ? 'expired' : 'leased';
  const rows = await crowd.db.execute<{ id: AssignmentId }>(sql`
    select id from assignments where round_id = ${roundId} and labeller_id = ${labellerId} and state = ${state} order by leased_at, id`);
  return rows[pick % Math.max(1, rows.length)]?.id ?? (randomUUID() as AssignmentId);
}
