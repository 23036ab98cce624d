import { sql } from 'drizzle-orm';
import { type Connection, connect } from '../../../db/connection';
import { resolveItems } from '../../../db/items/resolve';
import { next, undo } from '../../../db/labelling';
import { whyNothing } from '../../../db/labelling/reason';
import { changeLabeller, removePerson } from '../../../db/people';
import type { PersonId, RoundId } from '../../../domain/ids';
import type { Json } from '../../../domain/text';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { brokenRules, Desk, passTime, slotsOf } from '../../setup/desk';
import { makeLabellers, nth, openRound, type RoundOptions } from '../../setup/round';

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

async function open(options: RoundOptions = {}) {
  const round = await openRound(here.db, options);
  return { ...round, desks: round.labellers.map(({ id }) => new Desk(crowd.db, round.id, id)) };
}

describe('what is served', () => {
  test('the system prompt, the messages and the completion, with the round’s form', async () => {
    const { desks } = await open({ system: 'Be brief.', messages: [{ role: 'user', content: 'Hi?' }] });
    const got = await nth(desks, 0).next();
    expect(got).toMatchObject({
      kind: 'leased',
      served: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi?' },
        ],
        completion: expect.stringMatching(/^answer 0 of/),
        form: 'verdict',
        manual: null,
      },
    });
    expect(got.kind === 'leased' && Object.keys(got.served).sort()).toEqual([
      'completion',
      'form',
      'manual',
      'messages',
      'words',
    ]);
  });

  test.each<[string, Json, unknown]>([
    ['no words at all', { role: 'assistant', content: null }, { completion: '' }],
    [
      'a refusal',
      { role: 'assistant', content: null, refusal: 'No.' },
      { completion: '', completionMessage: { role: 'assistant', content: null, refusal: 'No.' } },
    ],
    [
      'a tool call, without the provider’s id for it',
      {
        role: 'assistant',
        content: 'Wait.',
        tool_calls: [{ id: 'call_x', type: 'function', function: { name: 'f' } }],
      },
      {
        completion: 'Wait.',
        completionMessage: {
          role: 'assistant',
          content: 'Wait.',
          tool_calls: [{ type: 'function', function: { name: 'f' } }],
        },
      },
    ],
    ['nothing of a provider’s own fields', { role: 'assistant', content: 'Hi', vendor: 'x' }, { completion: 'Hi' }],
  ])('%s', async (_, message, shown) => {
    const { desks } = await open({ completion: () => message });
    const got = await nth(desks, 0).next();
    if (got.kind !== 'leased') throw new Error(got.kind);
    const { completion, completionMessage } = got.served;
    expect({ completion, ...(completionMessage && { completionMessage }) }).toEqual(shown);
  });

  test('a completion of 200 kB comes whole', async () => {
    const long = 'é'.repeat(100_000);
    const { desks } = await open({ completion: () => ({ role: 'assistant', content: long }) });
    const got = await nth(desks, 0).next();
    expect(got.kind === 'leased' && got.served.completion === long).toBe(true);
  });
});

describe('leases', () => {
  test('a labeller holds two; a third asking gets the oldest again', async () => {
    const { desks } = await open({ items: 3 });
    const desk = nth(desks, 0);
    const first = await desk.lease();
    const second = await desk.lease();
    expect(second.itemId).not.toBe(first.itemId);
    expect(await desk.lease()).toEqual(first);
    await desk.submit(first.assignmentId);
    const third = await desk.lease();
    expect([first.itemId, second.itemId]).not.toContain(third.itemId);
    expect(await desk.lease()).toEqual(second);
  });

  test('eight connections of one labeller get two leases between them', async () => {
    const { id, desks } = await open({ items: 40, overlap: 2 });
    const desk = nth(desks, 0);
    for (let i = 0; i < 5; i += 1) {
      const leases = await Promise.all(Array.from({ length: 8 }, () => desk.lease()));
      const distinct = [...new Set(leases.map((lease) => lease.assignmentId))];
      expect(distinct).toHaveLength(2);
      for (const assignmentId of distinct) await desk.submit(assignmentId);
    }
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('a lease lasts as long as the round’s settings say, by the database’s clock', async () => {
    const { desks } = await open({ leaseMs: 60_000 });
    const { assignmentId, expiresAt } = await nth(desks, 0).lease();
    const [row] = await here.db.execute<{ ms: number }>(sql`
      select (extract(epoch from expires_at - leased_at) * 1000)::float8 as ms from assignments where id = ${assignmentId}`);
    expect(row?.ms).toBe(60_000);
    expect(Math.abs(expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(30_000);
  });

  test('nobody waits for an item whose slots another transaction holds', async () => {
    const { items, desks } = await open({ items: 2 });
    await here.db.transaction(async (tx) => {
      await tx.execute(sql`select 1 from item_arms where item_id = ${nth(items, 0).id} for update`);
      expect((await nth(desks, 0).lease()).itemId).toBe(nth(items, 1).id);
    });
    expect((await nth(desks, 0).lease()).itemId).toBe(nth(items, 0).id);
  });

  test('items come in the order of their places, those begun first', async () => {
    const { items, desks } = await open({ items: 3, overlap: 2, labellers: 3 });
    const order = items.map((item) => item.id);
    expect(await nth(desks, 0).drain()).toEqual(order);
    await nth(desks, 1).label();
    expect(await nth(desks, 2).drain()).toEqual(order.slice(1));
    expect(await nth(desks, 1).drain()).toEqual([]);
  });
});

describe('one completion of a prompt', () => {
  test('is all a labeller sees, even after the lease on it expired', async () => {
    const { items, desks } = await open({ items: 4, models: 2, labellers: 2, overlap: 1 });
    const desk = nth(desks, 0);
    const first = await desk.lease();
    await passTime(here.db, first.assignmentId);
    const prompts = new Map(items.map((item) => [item.id, item.promptId]));
    const labelled = await desk.drain();
    expect(labelled).toHaveLength(2);
    expect(new Set(labelled.map((id) => prompts.get(id))).size).toBe(2);
    expect(labelled).toContain(first.itemId);
  });

  test('or all of them, where the round does not ask for that', async () => {
    const { desks } = await open({ items: 4, models: 2, onePerPrompt: false });
    expect(await nth(desks, 0).drain()).toHaveLength(4);
  });
});

describe('requirements', () => {
  const german: RoundOptions = { items: 4, requirements: (item) => (item % 2 === 0 ? ['lang:de'] : []) };

  test('an item is served to those who hold all of its own', async () => {
    const both = ['lang:de', 'domain:law'];
    const requirements = (item: number) => both.slice(0, item);
    const { items, desks } = await open({ items: 3, overlap: 3, requirements, labellers: [{}, { holds: both }] });
    expect(await nth(desks, 0).drain()).toEqual([nth(items, 0).id]);
    expect(await nth(desks, 1).drain()).toEqual(items.map((item) => item.id));
  });

  test('what a labeller comes to hold opens what was passed before', async () => {
    const { items, desks } = await open(german);
    const desk = nth(desks, 0);
    expect(await desk.drain()).toEqual([nth(items, 1).id, nth(items, 3).id]);
    await changeLabeller(here.db, desk.id, { holds: ['lang:de'] });
    expect(await desk.drain()).toEqual([nth(items, 0).id, nth(items, 2).id]);
  });

  test('items asking for what the labeller lacks are the reason given', async () => {
    const { desks } = await open(german);
    await nth(desks, 0).drain();
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'no-matching-items' });
  });

  test('with a time to ask again while others may come', async () => {
    const { desks } = await open({ ...german, items: 6, pendingFrom: 4 });
    await nth(desks, 0).drain();
    expect(await nth(desks, 0).next()).toMatchObject({ reason: 'no-matching-items', retryAfter: expect.any(Number) });
  });
});

describe('the reason why there is nothing', () => {
  const set = (roundId: RoundId, change: ReturnType<typeof sql>) =>
    here.db.execute(sql`update rounds set ${change} where id = ${roundId}`);

  test('none-left: nothing is open, nothing will come', async () => {
    const { id, desks } = await open({ items: 1 });
    await nth(desks, 0).label();
    expect(await nth(desks, 0).next()).toMatchObject({ reason: 'all-leased' });
    await resolveItems(here.db, id, 0);
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'none-left' });
  });

  test('all-leased: others hold all slots now, or items are still being generated', async () => {
    const { desks } = await open({ items: 1, labellers: 2, leaseMs: 2_500 });
    await nth(desks, 0).lease();
    expect(await nth(desks, 1).next()).toEqual({ kind: 'nothing', reason: 'all-leased', retryAfter: 3 });
    const coming = await open({ items: 2, pendingFrom: 0 });
    expect(await nth(coming.desks, 0).next()).toEqual({ kind: 'nothing', reason: 'all-leased', retryAfter: 5 });
  });

  test('all-leased: what somebody takes back may come to others, before its shard has looked at it and after', async () => {
    const { id, desks } = await open({ items: 1, labellers: 2 });
    const [one, two] = [nth(desks, 0), nth(desks, 1)];
    const { assignmentId } = await one.label();
    await resolveItems(here.db, id, 0);
    expect(await two.next()).toMatchObject({ reason: 'none-left' });
    await undo(here.db, { assignmentId, labellerId: one.id });
    expect(await two.next()).toMatchObject({ reason: 'all-leased' });
    await resolveItems(here.db, id, 0);
    expect(await two.next()).toMatchObject({ reason: 'all-leased' });
  });

  test('all-leased: before the sample is drawn an empty round is not an exhausted one', async () => {
    const { id, desks } = await open({ items: 0 });
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'none-left' });
    await set(id, sql`drawn_at = null`);
    expect(await nth(desks, 0).next()).toMatchObject({ reason: 'all-leased' });
  });

  test('seen-all: what is free the labeller has had', async () => {
    const { desks } = await open({ items: 2, overlap: 2, labellers: 2 });
    await nth(desks, 0).drain();
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'seen-all' });
  });

  test('seen-all, to be asked again while another’s lease on an unseen item may expire', async () => {
    const { desks } = await open({ items: 2, overlap: 1, labellers: 2 });
    const other = await nth(desks, 1).lease();
    const lease = await nth(desks, 0).lease();
    await here.db.execute(
      sql`update assignments set state = 'skipped', skip_code = 'language' where id = ${lease.assignmentId}`,
    );
    await here.db.execute(sql`update item_arms set taken = 0 where item_id = ${lease.itemId}`);
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'seen-all', retryAfter: 5 });
    await nth(desks, 1).submit(other.assignmentId);
    expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'seen-all' });
  });

  test('not-qualified: no labeller, removed, or of none of the round’s groups', async () => {
    const { id, labellers } = await open({ groups: ['doctors'], labellers: [{ groups: ['lawyers'] }] });
    const lawyer = nth(labellers, 0).id;
    const ask = (labellerId: PersonId) => next(here.db, { roundId: id, labellerId });
    const refused = { kind: 'nothing', reason: 'not-qualified' };
    expect(await ask(lawyer)).toEqual(refused);
    expect(await ask('p_nobody' as PersonId)).toEqual(refused);
    await changeLabeller(here.db, lawyer, { groups: ['lawyers', 'doctors'] });
    expect(await ask(lawyer)).toMatchObject({ kind: 'leased' });
    await removePerson(here.db, lawyer);
    expect(await ask(lawyer)).toEqual(refused);
  });

  test('paused: until the round goes on', async () => {
    const { id, desks } = await open();
    await nth(desks, 0).lease();
    await set(id, sql`paused_at = now()`);
    expect(await nth(desks, 0).next()).toMatchObject({ kind: 'nothing', reason: 'paused' });
    await set(id, sql`paused_at = null`);
    expect(await nth(desks, 0).next()).toMatchObject({ kind: 'leased' });
  });

  test.each([sql`status = 'cancelled'`, sql`status = 'failed'`, sql`deadline_at = now() - interval '1 second'`])(
    'none-left: the round is over (%#)',
    async (change) => {
      const { id, desks } = await open();
      await nth(desks, 0).lease();
      await set(id, change);
      expect(await nth(desks, 0).next()).toEqual({ kind: 'nothing', reason: 'none-left' });
    },
  );

  test('a round that was measured serves again what was reopened in it', async () => {
    const { id, desks } = await open();
    await set(id, sql`status = 'done'`);
    expect(await nth(desks, 0).next()).toMatchObject({ kind: 'leased' });
  });

  test('is not given while the queue has places that were not looked at', async () => {
    const { id, labellers } = await open({ items: 2 });
    const member = { kind: 'member', roundId: id, labellerId: nth(labellers, 0).id, arm: 'main', cursor: 0 } as const;
    const looked = (to: number) =>
      whyNothing(here.db, { ...member, onePerPrompt: true, leaseMs: 1_000, drawing: false }, to);
    expect(await looked(1)).toBeUndefined();
    expect(await looked(2)).toMatchObject({ kind: 'nothing' });
  });

  test('a round that is not there', async () => {
    const [labeller] = await makeLabellers(here.db, 'no round', 1);
    const request = { roundId: 'r-none' as RoundId, labellerId: labeller?.id ?? ('p_nobody' as PersonId) };
    expect(await next(here.db, request)).toEqual({ kind: 'unknown-round' });
  });
});

describe('expired leases', () => {
  test('are found by a `next` that has nothing else, and had again by anyone', async () => {
    const { id, items, desks } = await open({ items: 1, labellers: 2 });
    const lease = await nth(desks, 0).lease();
    expect(await nth(desks, 1).next()).toMatchObject({ reason: 'all-leased' });
    await passTime(here.db, lease.assignmentId);
    const again = await nth(desks, 1).lease();
    expect(again.itemId).toBe(lease.itemId);
    await passTime(here.db, again.assignmentId);
    expect((await nth(desks, 0).lease()).itemId).toBe(lease.itemId);
    expect(await slotsOf(here.db, nth(items, 0).id)).toEqual({ slots: 1, taken: 1 });
    expect(await brokenRules(here.db, id)).toEqual([]);
  });

  test('do not count as live', async () => {
    const { desks } = await open({ items: 4 });
    const [first, second] = [await nth(desks, 0).lease(), await nth(desks, 0).lease()];
    await passTime(here.db, first.assignmentId);
    const third = await nth(desks, 0).lease();
    expect([first.itemId, second.itemId]).not.toContain(third.itemId);
    expect((await nth(desks, 0).lease()).assignmentId).toBe(second.assignmentId);
  });
});
