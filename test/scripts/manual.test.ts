import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { findManual, newestTable } from '../../db/manuals/find';
import { addPerson } from '../../db/people';
import { savePromptSet } from '../../db/prompts';
import { audit, rounds } from '../../db/schema';
import { hashManual } from '../../domain/manual';
import { readManual } from '../../scripts/intake/manual';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';
import { sourceOf } from '../setup/roundPlan';
import { runHere } from './inThisProcess';
import { changed, folderOf, root, workInOwnFolder } from './manualFolder';

workInOwnFolder();

describe('plumbline manual', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
    await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
    await addPerson(database.db, { name: 'Ada', roles: ['admin'] });
    await addPerson(database.db, { name: 'Lea', roles: ['labeller'] });
  });
  afterAll(() => database.drop());

  const plumbline = (args: string, env: Record<string, string> = {}): Promise<CommandEnd> =>
    runHere(args.split(' '), root, { DATABASE_URL: database.url, PLUMBLINE_PERSON: 'Rosa', ...env });
  const errorOf = ({ json }: CommandEnd) => json()[0]?.error as Record<string, unknown>;

  test('init begins with the starter manual, keeps it and its table, and changes nothing the second time', async () => {
    const command = ['manual', 'init', '--json', '--as', 'Rosa'];
    const first = await startCommand(command, root, { DATABASE_URL: database.url }).end;
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('copied the starter manual to manual')]);
    expect(existsSync(path.join(root, 'manual/manual.md'))).toBe(true);
    const { manual } = readManual('manual');
    const record = {
      event: 'imported',
      manual: 'starter@1',
      hash: hashManual(manual),
      form: 'obvious-misalignment',
      clauses: manual.clauses.length,
      entries: manual.entries.length,
      examples: manual.examples.length,
      capabilityTable: existsSync('manual/capability.yaml') ? 'starter@1' : null,
      created: true,
      notices: expect.any(Array),
    };
    expect(first.json()).toEqual([record]);
    const second = await plumbline('manual init manual --json');
    expect(second.json()).toEqual([{ ...record, created: false }]);
    expect(second.stderr).not.toContain('copied');
    const found = await findManual(database.db, 'starter');
    expect(found).toMatchObject({ revision: 1, importedBy: 'Rosa', manual });
    expect((await newestTable(database.db, 'starter'))?.revision ?? null).toBe(record.capabilityTable ? 1 : null);
    expect(await database.db.select().from(audit).where(eq(audit.action, 'manual.init'))).toHaveLength(1);
  });

  test('init --dry-run checks the files without any service, and copies nothing', async () => {
    const dir = path.basename(folderOf());
    const env = { DATABASE_URL: '' };
    const [mine, starter] = await Promise.all([
      plumbline(`manual init ${dir} --dry-run --json`, env),
      plumbline('manual init nowhere-yet --dry-run --json', env),
    ]);
    expect(mine.json()).toMatchObject([{ event: 'would-import', manual: 'small', clauses: 3, capabilityTable: null }]);
    expect(starter.json()).toMatchObject([{ event: 'would-import', manual: 'starter' }]);
    expect(existsSync(path.join(root, 'nowhere-yet'))).toBe(false);
  });

  test('init tells what is wrong with the files before it looks for a database', async () => {
    const dir = path.basename(folderOf(changed('manual.md', 'form: obvious-misalignment\n', '')));
    const table = path.basename(folderOf({ 'capability.yaml': 'manual: other\ncells: []\n' }));
    const [form, other] = await Promise.all([
      plumbline(`manual init ${dir} --json`, { DATABASE_URL: '' }),
      plumbline(`manual init ${table} --json`, { DATABASE_URL: '' }),
    ]);
    expect([form.code, errorOf(form)]).toEqual([
      2,
      expect.objectContaining({ at: `${dir}/manual.md:2:1 form`, message: 'is missing' }),
    ]);
    expect(errorOf(other)).toMatchObject({ kind: 'capability', at: `${table}/capability.yaml:1:9 manual` });
  });

  test('init replaces what no round rests on, says so, and refuses once a round does', async () => {
    const dir = folderOf(changed('manual.md', 'name: small', 'name: growing'));
    const name = path.basename(dir);
    let added = 0;
    const grown = () =>
      writeFileSync(path.join(dir, 'clauses/50.md'), `---\nid: x${added++}\npart: general\ntitle: X\n---\nx`);
    await plumbline(`manual init ${name}`);
    grown();
    const replaced = await plumbline(`manual init ${name} --json`);
    expect(replaced.json()).toMatchObject([
      { manual: 'growing@1', created: true, notices: [expect.stringContaining('no round rested on it')] },
    ]);
    const found = await findManual(database.db, 'growing');
    const { id } = await openRound(database.db);
    await database.db
      .update(rounds)
      .set({ manualRevision: found?.hash ?? null })
      .where(eq(rounds.id, id));
    grown();
    const refused = await plumbline(`manual init ${name} --json`);
    expect([refused.code, errorOf(refused)]).toEqual([
      2,
      expect.objectContaining({ kind: 'manual-in-use', message: `rounds rest on growing@1: ${id}` }),
    ]);
  });

  test('init is a researcher’s: others are refused on the record, and told how to get the role; an admin may', async () => {
    const dir = path.basename(folderOf(changed('manual.md', 'name: small', 'name: guarded')));
    for (const name of ['Lea', 'Olga']) {
      const end = await plumbline(`manual init ${dir} --json --as ${name}`);
      expect([end.code, errorOf(end)]).toEqual([
        1,
        expect.objectContaining({
          kind: 'not-allowed',
          message: `${name} may not do this: it takes the role researcher`,
          hint: expect.stringContaining(`plumbline person add "${name}" --role researcher`),
        }),
      ]);
    }
    const refused = { action: 'manual.init', subject: 'guarded' };
    expect(await database.db.select().from(audit).where(eq(audit.refused, true))).toMatchObject([refused, refused]);
    expect(await findManual(database.db, 'guarded')).toBeUndefined();
    expect((await plumbline(`manual init ${dir} --as Ada`)).code).toBe(0);
  });

  test('init refuses examples that show prompts stored to measure, and names their files; what is stored stays', async () => {
    const content = ' wave GOODBYE.\n---\nNow.';
    const { db } = database;
    const waving = changed('examples/01-fine.md', 'Say hello', 'Wave goodbye');
    const dir = folderOf({ ...changed('manual.md', 'name: small', 'name: walled'), ...waving });
    const early = folderOf({ ...changed('manual.md', 'name: small', 'name: early'), ...waving });
    await plumbline(`manual init ${path.basename(early)}`);
    await db.transaction((tx) => savePromptSet(tx, sourceOf([{ content }]), 'measure'));
    const refused = await plumbline(`manual init ${path.basename(dir)} --json`);
    expect([refused.code, errorOf(refused)]).toEqual([
      2,
      expect.objectContaining({
        kind: 'measure-prompt',
        message: 'the example fine shows a prompt that is stored to measure',
        at: `${path.basename(dir)}/examples/01-fine.md`,
      }),
    ]);
    expect(await findManual(db, 'walled')).toBeUndefined();
    expect((await plumbline(`manual init ${path.basename(early)}`)).code).toBe(0);
    const other = folderOf({ ...changed('manual.md', 'name: small', 'name: walled'), 'examples/01-fine.md': null });
    expect((await plumbline(`manual init ${path.basename(other)}`)).code).toBe(0);
  });

  test('show has the whole manual, stored or in a folder', async () => {
    const dir = path.basename(folderOf());
    await plumbline(`manual init ${dir}`);
    const { manual } = readManual(dir);
    const [stored, folder, human, unknown, unclear] = await Promise.all([
      plumbline('manual show small@1 --json'),
      plumbline(`manual show --folder ${dir} --json`, { DATABASE_URL: '' }),
      plumbline('manual show small'),
      plumbline('manual show smal --json'),
      plumbline('manual show --json'),
    ]);
    const hash = hashManual(manual);
    expect(stored.json()).toEqual([
      expect.objectContaining({ ...manual, manual: 'small@1', revision: 1, hash, importedBy: 'Rosa' }),
    ]);
    expect(folder.json()).toEqual([
      { ...manual, manual: 'small', revision: null, hash, importedAt: null, importedBy: null },
    ]);
    for (const part of ['small@1  A small manual', hash, '== clauses: prohibited ==', 'no-harm: No harm', 'Judge it.'])
      expect(human.stdout).toContain(part);
    expect(human.stdout).toContain('== entries for instruction ==\nright-language: The language asked for');
    expect(human.stdout).toMatch(
      /forbidden: no; what was wanted: fault\n +fault: degenerate, takes right-language \(The language/,
    );
    expect(errorOf(unknown)).toMatchObject({
      kind: 'unknown-manual',
      hint: expect.stringContaining('did you mean small?'),
    });
    expect(errorOf(unclear)).toMatchObject({
      kind: 'which-manual',
      message: expect.stringContaining('small, starter'),
    });
  });
});
