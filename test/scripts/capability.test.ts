import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { act } from '../../db/labelling/act';
import { findTable } from '../../db/manuals/find';
import { saveManual } from '../../db/manuals/save';
import { addPerson } from '../../db/people';
import { audit } from '../../db/schema';
import { hashTable } from '../../domain/capability';
import type { PersonId } from '../../domain/ids';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { CELL, HEAD, KNOWN, MANUAL, read, WHOLE } from './capabilityTables';
import { runHere } from './inThisProcess';

describe('plumbline capability', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(path.join(tmpdir(), 'plumbline-capability-'));
    const rosa: PersonId = (await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] })).id;
    await addPerson(database.db, { name: 'Lea', roles: ['labeller'] });
    await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
    await addPerson(database.db, { name: 'Ada', roles: ['admin'] });
    await act(database.db, (tx) => saveManual(tx, MANUAL, rosa));
    writeFileSync(path.join(folder, 'one.yaml'), WHOLE);
    writeFileSync(path.join(folder, 'two.yaml'), `${HEAD}${CELL}`);
    writeFileSync(path.join(folder, 'unknown.yaml'), WHOLE.replace('entry: no-tricks', 'entry: no-trick'));
    writeFileSync(path.join(folder, 'other.yaml'), 'manual: smal\ncells: []\n');
    writeFileSync(
      path.join(folder, 'old.yaml'),
      `${HEAD.replace('2027', '2026')}  - {entry: no-tricks, models: all, ${KNOWN}, on: 2025-01-01, expires: 2025-02-01}\n`,
    );
    mkdirSync(path.join(folder, 'handbook'));
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const plumbline = (args: string, env: Record<string, string> = {}): Promise<CommandEnd> =>
    runHere(args.split(' '), folder, { DATABASE_URL: database.url, PLUMBLINE_PERSON: 'Rosa', ...env });
  const errorOf = ({ json }: CommandEnd) => json()[0]?.error as Record<string, unknown>;

  test('import keeps a table under the next number, and the same again under its own', async () => {
    const dry = await plumbline('capability import one.yaml --dry-run --json');
    expect(dry.json()).toMatchObject([{ event: 'would-import', table: 'small', manual: 'small@1', cells: 4 }]);
    const command = ['capability', 'import', 'one.yaml', '--json', '--as', 'Rosa'];
    const first = await startCommand(command, folder, { DATABASE_URL: database.url }).end;
    expect(first.json()).toEqual([
      {
        event: 'imported',
        table: 'small@1',
        hash: hashTable(read(WHOLE).table),
        manual: 'small@1',
        cells: 4,
        created: true,
        notices: [],
      },
    ]);
    const second = await plumbline('capability import two.yaml');
    expect(second.stdout).toBe('imported small@2: 1 cell, checked against small@1\n');
    const again = await plumbline('capability import one.yaml --json');
    expect(again.json()).toMatchObject([
      { table: 'small@1', created: false, notices: [expect.stringContaining('small@2 is newer')] },
    ]);
    expect(again.stderr).toContain('small@2 is newer');
    expect((await findTable(database.db, 'small@1'))?.table).toEqual(read(WHOLE).table);
    const acts = await database.db.select().from(audit).where(eq(audit.action, 'capability.import'));
    expect(acts.map(({ subject }) => subject)).toEqual(['small@1', 'small@2']);
  });

  test('import refuses what is wrong by itself without any service, and what the manual lacks at its place', async () => {
    writeFileSync(path.join(folder, 'bad.yaml'), WHOLE.replace('state: capable', 'state: able'));
    const [bad, unknown, other, ...refused] = await Promise.all([
      plumbline('capability import bad.yaml --json', { DATABASE_URL: '' }),
      plumbline('capability import unknown.yaml --json'),
      plumbline('capability import other.yaml --json'),
      plumbline('capability import one.yaml --json', { PLUMBLINE_PERSON: 'Lea' }),
      plumbline('capability import one.yaml --json', { PLUMBLINE_PERSON: 'Olga' }),
    ]);
    expect([bad.code, errorOf(bad).at]).toEqual([2, 'bad.yaml:9:12 cells[0].state']);
    expect([unknown.code, errorOf(unknown)]).toEqual([
      2,
      expect.objectContaining({ at: 'unknown.yaml:19:12 cells[2].entry', hint: 'did you mean no-tricks?' }),
    ]);
    expect(errorOf(other)).toMatchObject({
      kind: 'unknown-manual',
      at: 'other.yaml:1:9 manual',
      hint: expect.stringContaining('did you mean small?'),
    });
    for (const end of refused) {
      const hint = expect.stringMatching(/person add "(?:Lea|Olga)" --role researcher$/);
      expect([end.code, errorOf(end)]).toEqual([1, expect.objectContaining({ kind: 'not-allowed', hint })]);
    }
    expect((await plumbline('capability import one.yaml --dry-run', { PLUMBLINE_PERSON: 'Ada' })).code).toBe(0);
  });

  test('show has the cells, marks what has expired, and says what holds of one model and why', async () => {
    await plumbline('capability import old.yaml');
    const [cells, human, model, modelHuman, size, none] = await Promise.all([
      plumbline('capability show small@1 --json'),
      plumbline('capability show'),
      plumbline('capability show small@1 --model llama-70b --family llama --parameters 8e9 --regime rlhf --json'),
      plumbline('capability show small --model x'),
      plumbline('capability show --parameters many --json'),
      plumbline('capability show smal --json'),
    ]);
    const [shown] = cells.json();
    expect(shown).toMatchObject({ table: 'small@1', manual: 'small', revision: 1, importedBy: 'Rosa' });
    expect(shown?.cells).toEqual(read(WHOLE).table.cells.map((one) => ({ ...one, expired: false })));
    expect(human.stdout).toContain('1 cell, 1 of them expired');
    expect(human.stdout).toMatch(/no-tricks +all +capable +opinion +Rosa +2025-01-01 +2025-02-01 EXPIRED/);
    expect(model.json()[0]).toMatchObject({
      table: 'small@1',
      model: { id: 'llama-70b', family: 'llama', parameters: 8e9, regime: 'rlhf' },
      abilities: [
        { entry: 'right-language', state: 'capable', cell: 0, expired: false },
        { entry: 'no-tricks', state: 'not-capable', cell: 2, from: { target: { model: 'llama-70b' } } },
        { entry: 'tells-what-is-wanted', state: 'unknown', cell: 1 },
      ],
    });
    expect(modelHuman.stdout).toContain('small@3 on x (family unknown, parameters unknown, regime unknown)');
    expect(modelHuman.stdout).toMatch(/right-language +unknown +no cell fits\n/);
    expect(modelHuman.stdout).toMatch(/no-tricks +unknown +cell 1: all +opinion .* EXPIRED/);
    expect([size.code, errorOf(size).at]).toEqual([2, '--parameters']);
    expect(errorOf(none)).toMatchObject({ kind: 'unknown-table', hint: 'did you mean small?' });
  });

  test('list has every table and every manual', async () => {
    const [json, human] = await Promise.all([plumbline('capability list --json'), plumbline('capability list')]);
    expect(json.json().map(({ kind, manual, name, revision }) => [kind, manual ?? name, revision])).toEqual([
      ['table', 'small', 3],
      ['table', 'small', 2],
      ['table', 'small', 1],
      ['manual', 'small', 1],
    ]);
    expect(human.stdout).toMatch(/^small@1 +4 +0 +\d{4}-/m);
    expect(human.stdout).toMatch(/^small@1 +obvious-misalignment +0 +\d{4}-/m);
  });

  test('a table beside a manual is checked against it and imported with it', async () => {
    const page = '---\nname: handbook\ntitle: Handbook\nform: obvious-misalignment\n---\nJudge.\n';
    const own = 'manual: handbook\ncells: []\n';
    writeFileSync(path.join(folder, 'handbook/manual.md'), page);
    writeFileSync(path.join(folder, 'handbook/capability.yaml'), own);
    const first = await plumbline('manual init handbook --json');
    expect(first.json()).toMatchObject([{ manual: 'handbook@1', capabilityTable: 'handbook@1', created: true }]);
    expect(errorOf(await plumbline('capability show --json'))).toMatchObject({ kind: 'which-manual' });
  });
});
