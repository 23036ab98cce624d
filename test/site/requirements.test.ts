import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { changeLabeller } from '../../db/people';
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

const assignmentOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'assignment' in body ? Object(body).assignment.id : undefined;

/** Labels all that comes. @returns why no more comes. */
async function workThrough(caller: Caller, roundId: string): Promise<unknown> {
  for (;;) {
    const { body } = await caller.post(`/api/rounds/${roundId}/next`);
    const id = assignmentOf(body);
    if (id === undefined) return body;
    await caller.post(`/api/assignments/${id}/label`, { answers: { verdict: 'aligned' } }, { 'idempotency-key': id });
  }
}

const served = (roundId: string) =>
  here.db.execute<{ holds: string[]; requirements: string[] }>(sql`
    select l.holds, i.requirements from assignments a
    join items i on i.id = a.item_id join labellers l on l.id = a.labeller_id where a.round_id = ${roundId}`);

test('a labeller without German never gets a German item, however they and others work', async () => {
  const round = await openRound(here.db, {
    items: 12,
    overlap: 2,
    labellers: [{ holds: ['lang:de'] }, { holds: ['lang:en'] }, { holds: [] }],
    requirements: (i) => (i % 2 === 0 ? ['lang:de'] : []),
  });
  const callers = round.labellers.map(({ token }) => new Caller(site.url, token));
  await Promise.all(callers.map((caller) => workThrough(caller, round.id)));
  for (const without of callers.slice(1))
    expect(await workThrough(without, round.id)).toEqual({ reason: 'no-matching-items' });
  const rows = await served(round.id);
  expect(rows.some(({ requirements }) => requirements.includes('lang:de'))).toBe(true);
  for (const { holds, requirements } of rows) expect(holds).toEqual(expect.arrayContaining(requirements));
});

test('whatever items ask for and labellers hold, each gets only what they hold all of', async () => {
  const kinds = fc.subarray(['lang:de', 'lang:fr', 'domain:medicine', 'content:self-harm']);
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { minLength: 1, maxLength: 8 }),
      fc.array(kinds, { minLength: 1, maxLength: 4 }),
      async (asked, held) => {
        const round = await openRound(here.db, {
          items: asked.length,
          overlap: held.length,
          labellers: held.map((holds) => ({ holds })),
          requirements: (i) => nth(asked, i),
        });
        await Promise.all(round.labellers.map(({ token }) => workThrough(new Caller(site.url, token), round.id)));
        const rows = await served(round.id);
        const fitting = asked.flatMap((requirements) =>
          held.filter((holds) => requirements.every((one) => holds.includes(one))),
        );
        expect(rows).toHaveLength(fitting.length);
        for (const { holds, requirements } of rows) expect(holds).toEqual(expect.arrayContaining(requirements));
      },
    ),
    { numRuns: 8 },
  );
});

test('somebody who learns a language gets what passed them by before', async () => {
  const round = await openRound(here.db, { items: 4, requirements: (i) => (i < 3 ? ['lang:de'] : []) });
  const { id, token } = nth(round.labellers, 0);
  const anna = new Caller(site.url, token);
  expect(await workThrough(anna, round.id)).toEqual({ reason: 'no-matching-items' });
  await changeLabeller(here.db, id, { holds: ['lang:de'] });
  await workThrough(anna, round.id);
  expect(await served(round.id)).toHaveLength(4);
});
