/** What operators do with labellers, by command: invitations, groups, suspensions, timesheets. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { addPerson, inviteLabeller, listLabellers } from '../../db/people';
import { audit, promptSets, prompts } from '../../db/schema';
import { saveText } from '../../db/texts';
import type { PromptId } from '../../domain/ids';
import { hashText } from '../../domain/text';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { nth, openRound } from '../setup/round';
import { runHere } from './inThisProcess';

let here: TestDatabase;
let folder: string;
beforeAll(async () => {
  here = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-labellers-'));
  await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  await addPerson(here.db, { name: 'Rita', roles: ['researcher'] });
});
afterAll(async () => {
  await here.drop();
  rmSync(folder, { recursive: true });
});

const plumbline = (words: string) => {
  const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  return runHere(args, folder, { DATABASE_URL: here.url, PLUMBLINE_PERSON: 'Olga' });
};
const labeller = async (name: string) => (await listLabellers(here.db)).find((one) => one.name === name);
const errorOf = (end: Awaited<ReturnType<typeof plumbline>>) => Object(end.json()[0]?.error);

/** A prompt that asks for this. */
async function ask(requirement: string): Promise<void> {
  const setHash = hashText(requirement);
  await here.db.insert(promptSets).values({ hash: setHash, name: 'asking', size: 1 });
  const messagesHash = await saveText(here.db, `[${JSON.stringify(requirement)}]`);
  const id = '00000000-0000-4000-8000-000000000001' as PromptId;
  const row = { id, setHash, externalId: '1', position: 0, purpose: 'measure' as const, messagesHash };
  await here.db.insert(prompts).values({ ...row, requirements: [requirement] });
}

test('an invitation takes languages and terms; a slip of the hand is noticed and still taken', async () => {
  await ask('lang:de');
  writeFileSync(path.join(folder, 'terms.md'), '# Terms\n');
  const invited = await plumbline(
    'labeller invite --name Ada --lang de --lang en --holds domain:law --consent terms.md --json',
  );
  expect(invited.code).toBe(0);
  expect(invited.stderr).not.toContain('did you mean');
  expect(await labeller('Ada')).toMatchObject({
    holds: ['domain:law', 'lang:de', 'lang:en'],
    terms: { hash: hashText('# Terms\n'), agreedAt: null },
  });
  const slipped = await plumbline('labeller invite --name Bo --lang dee --json');
  expect(slipped.stderr).toContain('no prompt asks for lang:dee: did you mean lang:de?');
  expect(await labeller('Bo')).toMatchObject({ holds: ['lang:dee'] });
  const [wrong, missing] = [
    await plumbline('labeller invite --name Cy --lang "de en" --json'),
    await plumbline('labeller invite --name Cy --consent nowhere.md --json'),
  ];
  expect([wrong.code, errorOf(wrong)]).toMatchObject([2, { message: 'de en is no language', at: '--lang' }]);
  expect(errorOf(missing)).toMatchObject({ kind: 'file', message: 'there is no such file' });
  expect(await labeller('Cy')).toBeUndefined();
});

test('groups and requirements are added and taken away one by one; the list can be of one group', async () => {
  await inviteLabeller(here.db, { name: 'Dee', kind: 'human', groups: ['old', 'kept'], holds: ['lang:fr'] });
  const dry = await plumbline('labeller set Dee --group doctors --no-group old --dry-run --json');
  expect(dry.json()[0]).toMatchObject({ event: 'would-set', groups: ['doctors', 'kept'], changed: true });
  expect(await labeller('Dee')).toMatchObject({ groups: ['kept', 'old'] });
  const set = await plumbline('labeller set Dee --group doctors --no-group old --lang de --no-holds lang:fr --json');
  expect(set.json()[0]).toMatchObject({ event: 'set', groups: ['doctors', 'kept'], holds: ['lang:de'], changed: true });
  const again = await plumbline('labeller set Dee --group doctors --no-group old');
  expect(again.stdout).toContain('as before');
  expect(again.stderr).toContain('Dee is not in the group old');
  const listed = (await plumbline('labeller list --group doctors --json')).json();
  expect(listed.map(({ name }) => name)).toEqual(['Dee']);
  const [nothing, both, nobody, refused] = [
    await plumbline('labeller set Dee --json'),
    await plumbline('labeller set Dee --group a --no-group a --json'),
    await plumbline('labeller set De --group a --json'),
    await plumbline('labeller set Dee --group a --as Rita --json'),
  ];
  expect([nothing.code, both.code, nobody.code, refused.code]).toEqual([2, 2, 2, 1]);
  expect(errorOf(nobody).hint).toBe('did you mean Dee?');
  const acts = await here.db.select().from(audit).where(eq(audit.action, 'labeller.set')).orderBy(audit.id);
  expect(acts.map((act) => act.refused)).toEqual([false, true]);
});

test('a suspension takes a reason and the role, is shown, and is lifted', async () => {
  const round = await openRound(here.db);
  const { id } = nth(round.labellers, 0);
  await new Desk(here.db, round.id, id).lease();
  const [unsaid, refused] = [
    await plumbline(`labeller suspend ${id} --why " " --json`),
    await plumbline(`labeller suspend ${id} --why careless --as Rita --json`),
  ];
  expect([unsaid.code, errorOf(unsaid).at, refused.code, errorOf(refused).kind]).toEqual([
    2,
    '--why',
    1,
    'not-allowed',
  ]);
  const dry = await plumbline(`labeller suspend ${id} --why careless --dry-run --json`);
  expect(dry.json()[0]).toMatchObject({ event: 'would-suspend', released: 1 });
  const done = await plumbline(`labeller suspend ${id} --why careless --json`);
  expect(done.json()[0]).toEqual({ event: 'suspended', labellerId: id, released: 1 });
  expect((await plumbline(`labeller show ${id}`)).stdout).toMatch(/suspended at .* UTC by Olga: careless/);
  const [shown] = (await plumbline(`labeller show ${id} --json`)).json();
  expect(shown).toMatchObject({ suspended: { why: 'careless', at: expect.any(String) } });
  expect((await plumbline(`labeller resume ${id}`)).stdout).toContain('gets items again');
  expect((await plumbline(`labeller resume ${id} --json`)).json()[0]).toMatchObject({ event: 'not-suspended' });
});

test('a timesheet is written by the day, with totals, and as a table for other programs', async () => {
  const round = await openRound(here.db, { items: 2, onePerPrompt: false });
  const { id } = nth(round.labellers, 0);
  const wages = JSON.stringify({ wages: { perHour: 30, groups: {} }, currency: 'CHF' });
  await here.db.execute(sql`update rounds set settings = settings || ${wages}::text::jsonb where id = ${round.id}`);
  await new Desk(here.db, round.id, id).label();
  await here.db.execute(sql`
    update assignments set leased_at = '2026-03-01T10:00:00Z', ended_at = '2026-03-01T10:30:00Z' where round_id = ${round.id}`);
  await here.db.execute(sql`alter table labels disable trigger user`);
  await here.db.execute(sql`update labels set submitted_at = '2026-03-01T10:30:00Z' where round_id = ${round.id}`);
  await here.db.execute(sql`alter table labels enable trigger user`);
  const sheet = await plumbline(
    `labeller timesheet ${id} --from 2026-03-01 --round ${round.id} --csv sheet.csv --json`,
  );
  const work = { labelled: 1, skipped: 0, withdrawn: 0, seconds: 1_800, pay: { CHF: 15 } };
  expect(sheet.json()).toEqual([
    { kind: 'day', labellerId: id, name: expect.any(String), day: '2026-03-01', ...work },
    { kind: 'labeller', labellerId: id, name: expect.any(String), ...work },
    { kind: 'total', ...work },
  ]);
  expect(readFileSync(path.join(folder, 'sheet.csv'), 'utf8').split('\r\n')).toEqual([
    'labeller_id,name,day,labelled,skipped,withdrawn,seconds,hours,pay_chf',
    expect.stringMatching(new RegExp(`^${id},.*,2026-03-01,1,0,0,1800,0.5000,15.00$`)),
    '',
  ]);
  expect((await plumbline(`labeller timesheet ${id}`)).stdout).toMatch(/2026-03-01 +1 +0 +0 +0\.50 +15\.00 CHF/);
  expect((await plumbline(`labeller timesheet ${id} --to 2026-02-28`)).stdout).toBe('nobody worked then\n');
  const [day, order] = [
    await plumbline('labeller timesheet --from 2026-02-30 --json'),
    await plumbline('labeller timesheet --from 2026-03-02 --to 2026-03-01 --json'),
  ];
  expect([errorOf(day).at, errorOf(order).at]).toEqual(['--from', '--to']);
});
