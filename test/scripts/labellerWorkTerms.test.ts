import { sql } from 'drizzle-orm';
import { inviteLabeller, suspendLabeller } from '../../db/people';
import { assignments } from '../../db/schema';
import type { PersonId } from '../../domain/ids';
import { answersOf, here, open, press, setUpDesk, sit } from './workAtTheDesk';

setUpDesk();

const invite = (name: string) =>
  inviteLabeller(here.db, { name, kind: 'human', groups: [], holds: [], terms: '# The terms\n\nBe careful.' });

test('the terms are shown before the first item, and agreed to with a key', async () => {
  const round = await open({ items: 1 });
  const { token } = await invite('Ada');
  const { keys, end } = sit(round, token);
  keys.end('y20q');
  const { code, stdout } = await end;
  expect(code).toBe(0);
  expect(stdout.indexOf('Be careful.')).toBeGreaterThan(0);
  expect(stdout.indexOf('Be careful.')).toBeLessThan(stdout.indexOf('THE COMPLETION'));
  expect(await answersOf(round.id)).toHaveLength(1);
  const again = sit(await open({ items: 1 }), token);
  again.keys.end('q');
  expect((await again.end).stdout).not.toContain('Be careful.');
});

test('who does not agree is shown no item, and is asked again another time', async () => {
  const round = await open({ items: 1 });
  const { token } = await invite('Bo');
  const refused = sit(round, token, { json: true });
  refused.keys.end('n20');
  expect(await refused.end).toMatchObject({ code: 1, problem: { kind: 'consent-needed' } });
  const left = sit(round, token);
  left.keys.end('20');
  expect((await left.end).code).toBe(0);
  expect(await here.db.select().from(assignments).where(sql`round_id = ${round.id}`)).toEqual([]);
});

test('who is suspended is told so before anything else', async () => {
  const round = await open({ items: 1 });
  const { labellerId, token } = await invite('Cy');
  await suspendLabeller(here.db, { id: labellerId, by: 'p_olga' as PersonId, why: 'x' });
  const { keys, end } = sit(round, token, { json: true });
  keys.end('y');
  expect(await end).toMatchObject({ code: 1, problem: { kind: 'suspended' } });
});

test('the site hears when an item is first on the screen, before its label', async () => {
  const round = await open({ items: 2 });
  expect((await press(round, '2020')).code).toBe(0);
  const rows = await here.db.select().from(assignments).where(sql`round_id = ${round.id}`);
  expect(rows).toHaveLength(2);
  for (const { viewedAt, leasedAt, endedAt } of rows) {
    expect(viewedAt?.getTime()).toBeGreaterThanOrEqual(leasedAt.getTime());
    expect(viewedAt?.getTime()).toBeLessThanOrEqual(endedAt?.getTime() ?? 0);
  }
});
