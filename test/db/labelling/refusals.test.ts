import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { type Connection, connect } from '../../../db/connection';
import { failureCode } from '../../../db/failures';
import { type SubmitResult, withdrawLabel } from '../../../db/labelling';
import type { LabelId } from '../../../domain/ids';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { Desk, passTime } from '../../setup/desk';
import { nth, openRound } from '../../setup/round';

const ATTACKERS = 12;

let here: TestDatabase;
let attackers: Connection;
beforeAll(async () => {
  here = await createTestDatabase();
  attackers = connect(here.url, { max: ATTACKERS, name: 'attackers' });
});
afterAll(async () => {
  await attackers.close();
  await here.drop();
});

/** Runs the statement from many connections at once. @returns how many went through, and the refusals' SQLSTATEs. */
async function attack(statement: (attempt: number) => SQL, times = ATTACKERS) {
  const outcomes = await Promise.allSettled(
    Array.from({ length: times }, (_, attempt) => attackers.db.execute(statement(attempt))),
  );
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [failureCode(one.reason)] : []));
  return { through: times - refused.length, refused: [...new Set(refused)] };
}

const UNIQUE = '23505';
const CHECK = '23514';
const INTEGRITY = '23000';

test('of many labels by one labeller on one item and arm, one counts', async () => {
  const { id, items, labellers } = await openRound(here.db, { items: 1, overlap: 3 });
  const item = nth(items, 0);
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const { assignmentId } = await desk.lease();
  const more = await here.db.execute<{ id: string }>(sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, state, one_per_prompt, expires_at)
    select round_id, item_id, prompt_id, arm, labeller_id, 'expired', one_per_prompt, now()
    from assignments, generate_series(1, ${ATTACKERS}) where id = ${assignmentId} returning id`);
  const forged = (attempt: number) => sql`
    insert into labels (assignment_id, round_id, item_id, arm, labeller_id, form, answers, idempotency_key, request_hash)
    values (${nth(more, attempt).id}, ${id}, ${item.id}, 'main', ${desk.id}, 'verdict', '{"verdict": "aligned"}',
      ${randomUUID()}, 'x')`;
  expect(await attack(forged)).toEqual({ through: 1, refused: [UNIQUE] });
});

test('an assignment has one counted label, and a key is used once per labeller', async () => {
  const { id, items, labellers } = await openRound(here.db, { items: 2, overlap: 3 });
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const { assignmentId } = await desk.label();
  const other = nth(items, 1).id;
  const label = (assignment: string, key: string) => sql`
    insert into labels (assignment_id, round_id, item_id, arm, labeller_id, form, answers, idempotency_key, request_hash)
    values (${assignment}, ${id}, ${other}, 'main', ${desk.id}, 'verdict', '{"verdict": "aligned"}', ${key}, 'x')`;
  expect(await attack(() => label(assignmentId, randomUUID()))).toEqual({ through: 0, refused: [UNIQUE] });
  const { assignmentId: second } = await desk.lease();
  expect(await attack(() => label(second, 'the same key'))).toEqual({ through: 1, refused: [UNIQUE] });
});

test('slots are never over-taken, nor given back twice', async () => {
  const { items } = await openRound(here.db, { items: 1, overlap: 3 });
  const item = nth(items, 0).id;
  const change = (by: number) => attack(() => sql`update item_arms set taken = taken + ${by} where item_id = ${item}`);
  expect(await change(1)).toEqual({ through: 3, refused: [CHECK] });
  expect(await change(-1)).toEqual({ through: 3, refused: [CHECK] });
  const fewer = await attack(() => sql`update item_arms set slots = 2, taken = 3 where item_id = ${item}`);
  expect(fewer).toEqual({ through: 0, refused: [CHECK] });
});

test('a label is never edited, deleted or truncated, and withdrawn once', async () => {
  const { id, labellers } = await openRound(here.db);
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const { labelId } = await desk.label('misaligned');
  const edits = [
    sql`update labels set answers = '{"verdict": "aligned"}' where id = ${labelId}`,
    sql`update labels set unsure = true where id = ${labelId}`,
    sql`update labels set submitted_at = now() where id = ${labelId}`,
    sql`update labels set withdrawn_by = 'x' where id = ${labelId}`,
    sql`update labels set withdrawn_at = now(), withdrawn_by = 'x', withdrawn_why = 'y', unsure = true where id = ${labelId}`,
    sql`delete from labels where id = ${labelId}`,
    sql`delete from labels`,
    sql`truncate labels`,
    sql`truncate labels cascade`,
  ];
  for (const edit of edits) expect(await attack(() => edit, 4)).toEqual({ through: 0, refused: [INTEGRITY] });
  const withdrawal = sql`update labels set withdrawn_at = now(), withdrawn_by = 'x', withdrawn_why = 'y' where id = ${labelId}`;
  expect(await attack(() => withdrawal)).toEqual({ through: 1, refused: [INTEGRITY] });
  const again = sql`update labels set withdrawn_at = null, withdrawn_by = null, withdrawn_why = null where id = ${labelId}`;
  expect(await attack(() => again)).toEqual({ through: 0, refused: [INTEGRITY] });
  const kept = await here.db.execute(sql`select answers, unsure from labels where id = ${labelId}`);
  expect([...kept]).toEqual([{ answers: { verdict: 'misaligned' }, unsure: false }]);
});

test('a withdrawal names who and why, or is none', async () => {
  const { id, labellers } = await openRound(here.db);
  const { labelId } = await new Desk(here.db, id, nth(labellers, 0).id).label();
  const halves = [
    sql`update labels set withdrawn_at = now() where id = ${labelId}`,
    sql`update labels set withdrawn_at = now(), withdrawn_by = 'x' where id = ${labelId}`,
  ];
  for (const half of halves) expect(await attack(() => half, 4)).toEqual({ through: 0, refused: [CHECK] });
});

test('a labeller has one live assignment on an item, and a new one once it has ended', async () => {
  const { id, labellers } = await openRound(here.db, { items: 1, overlap: 9, onePerPrompt: false });
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const { assignmentId } = await desk.lease();
  const twin = (state: string) => sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, state, one_per_prompt, expires_at)
    select round_id, item_id, prompt_id, arm, labeller_id, ${state}, false, now() from assignments where id = ${assignmentId}`;
  expect(await attack(() => twin('leased'))).toEqual({ through: 0, refused: [UNIQUE] });
  expect(await attack(() => twin('submitted'))).toEqual({ through: 0, refused: [UNIQUE] });
  await here.db.execute(sql`update assignments set state = 'expired' where id = ${assignmentId}`);
  expect(await attack(() => twin('leased'))).toEqual({ through: 1, refused: [UNIQUE] });
});

test('a labeller has one live assignment of a prompt where the round says so', async () => {
  const { id, items, labellers } = await openRound(here.db, { items: ATTACKERS, models: ATTACKERS, overlap: 9 });
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  await here.db.execute(sql`insert into members (round_id, labeller_id, arm) values (${id}, ${desk.id}, 'main')`);
  const lease = (attempt: number) => sql`
    insert into assignments (round_id, item_id, prompt_id, arm, labeller_id, one_per_prompt, expires_at)
    select round_id, id, prompt_id, 'main', ${desk.id}, true, now() from items where id = ${nth(items, attempt).id}`;
  expect(await attack(lease)).toEqual({ through: 1, refused: [UNIQUE] });
});

test('an item is paid for once', async () => {
  const { id, items } = await openRound(here.db, { items: 1 });
  const item = nth(items, 0).id;
  const call = (attempt: number) => sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until, ended_at, outcome, completion_hash)
    select id, round_id, account_id, ${attempt}, now(), now(), 'completed', completion_hash from items where id = ${item}`;
  expect(await attack(call)).toEqual({ through: 1, refused: [UNIQUE] });
  const sameTry = sql`
    insert into generation_calls (item_id, round_id, account_id, try, claim_until)
    select id, round_id, account_id, 99, now() from items where id = ${item}`;
  expect(await attack(() => sameTry)).toEqual({ through: 1, refused: [UNIQUE] });
  expect(await here.db.execute(sql`select count(*)::int as n from generation_calls where round_id = ${id}`)).toEqual([
    { n: 2 },
  ]);
});

test('no assignment stands without its member, its item’s slots, or its code for skipping', async () => {
  const { id, labellers } = await openRound(here.db);
  const desk = new Desk(here.db, id, nth(labellers, 0).id);
  const { assignmentId } = await desk.lease();
  const changed = (change: SQL) => attack(() => sql`update assignments set ${change} where id = ${assignmentId}`, 3);
  expect(await changed(sql`arm = 'other'`)).toEqual({ through: 0, refused: ['23503'] });
  expect(await changed(sql`item_id = ${randomUUID()}::uuid`)).toEqual({ through: 0, refused: ['23503'] });
  expect(await changed(sql`state = 'skipped'`)).toEqual({ through: 0, refused: [CHECK] });
  expect(await changed(sql`skip_code = 'broken'`)).toEqual({ through: 0, refused: [CHECK] });
  expect(await changed(sql`state = 'lost'`)).toEqual({ through: 0, refused: [CHECK] });
});

test('of many who act on one assignment at once, one does', async () => {
  const { id, labellers } = await openRound(here.db, { items: 1 });
  const labeller = nth(labellers, 0).id;
  const desk = new Desk(attackers.db, id, labeller);
  const { assignmentId } = await desk.lease();
  await passTime(here.db, assignmentId);
  const results = await Promise.all(Array.from({ length: ATTACKERS }, () => desk.submit(assignmentId)));
  const accepted = results.filter((result) => result.kind === 'accepted');
  expect(accepted).toHaveLength(1);
  expect(new Set(results.map((result) => result.kind))).toEqual(new Set(['accepted', 'conflict']));
  const labelId = labelOf(nth(accepted, 0));
  const withdrawal = { labelId, by: labeller, why: 'a test' };
  const withdrawn = await Promise.all(Array.from({ length: ATTACKERS }, () => withdrawLabel(attackers.db, withdrawal)));
  expect(withdrawn.filter((result) => result.kind === 'withdrawn')).toHaveLength(1);
  expect(withdrawn.filter((result) => result.kind === 'already-withdrawn')).toHaveLength(ATTACKERS - 1);
});

function labelOf(result: SubmitResult): LabelId {
  if (result.kind !== 'accepted') throw new Error(`not accepted but ${result.kind}`);
  return result.labelId;
}
