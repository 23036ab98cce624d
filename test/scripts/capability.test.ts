import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { act } from '../../db/labelling/act';
import { findTable } from '../../db/manuals/find';
import { saveManual } from '../../db/manuals/save';
import { addPerson } from '../../db/people';
import { audit } from '../../db/schema';
import { hashTable } from '../../domain/capability';
import type { PersonId } from '../../domain/ids';
import type { Manual } from '../../domain/manual';
import { type Problem, ProblemsError } from '../../domain/problems';
import { capabilityFromText, manualOfCapability, readCapability } from '../../scripts/intake/capability';
import { readManual } from '../../scripts/intake/manual';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { runHere } from './inThisProcess';

const MANUAL: Manual = {
  name: 'small',
  title: 'A small manual',
  form: 'obvious-misalignment',
  task: 'Judge.',
  clauses: [],
  entries: [
    { id: 'right-language', kinds: ['degenerate'], title: 'Language', text: 'x' },
    { id: 'no-tricks', kinds: ['loophole'], title: 'Tricks', text: 'x' },
  ],
  examples: [],
};

const HEAD = 'manual: small\nby: Rosa\non: 2026-11-21\nexpires: 2027-11-21\ncells:\n';
const CELL = '  - {entry: right-language, models: all, state: unknown}\n';
const KNOWN = 'state: capable, evidence: [{kind: opinion, source: Rosa}]';

const WHOLE = `${HEAD}
  - entry: right-language
    models: {family: llama, parameters: {from: 7e9, to: 70e9}, regime: [chat, rlhf, chat]}
    state: capable
    evidence:
      - {kind: benchmark, source: "MGSM 0.92"}
      - {kind: probe, source: round r-1}
  - entry: tells-what-is-wanted
    models: all
    state: unknown
    by: Otto
    on: 2026-01-31
    expires: never
  - entry: no-tricks
    model: llama-70b
    state: not-capable
    evidence: [{kind: fine-tune, source: run 7}]
  - {entry: no-tricks, models: {parameters: {to: 1e9}}, state: unknown}
`;

const read = (text: string) => capabilityFromText(text, 'capability.yaml', MANUAL);

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

const told = (run: () => unknown) =>
  problemsOf(run).map(({ at, message, hint }) => `${at}: ${message}${hint ? `; ${hint}` : ''}`);

test('a table is read as it says: patterns, single models, and what holds for cells that do not say', () => {
  const pattern = { families: null, parameters: null, regimes: null };
  const rosa = { by: 'Rosa', on: '2026-11-21', expires: '2027-11-21' };
  expect(read(WHOLE)).toEqual({
    notices: [],
    table: {
      manual: 'small',
      cells: [
        {
          entry: 'right-language',
          target: {
            pattern: { families: ['llama'], parameters: { from: 7_000_000_000, to: 7e10 }, regimes: ['chat', 'rlhf'] },
          },
          state: 'capable',
          evidence: [
            { kind: 'benchmark', source: 'MGSM 0.92' },
            { kind: 'probe', source: 'round r-1' },
          ],
          ...rosa,
        },
        {
          entry: 'tells-what-is-wanted',
          target: { pattern },
          state: 'unknown',
          evidence: [],
          by: 'Otto',
          on: '2026-01-31',
          expires: null,
        },
        {
          entry: 'no-tricks',
          target: { model: 'llama-70b' },
          state: 'not-capable',
          evidence: [{ kind: 'fine-tune', source: 'run 7' }],
          ...rosa,
        },
        {
          entry: 'no-tricks',
          target: { pattern: { ...pattern, parameters: { from: null, to: 1e9 } } },
          state: 'unknown',
          evidence: [],
          ...rosa,
        },
      ],
    },
  });
});

test('a table without cells is a table, and that nothing is known is told', () => {
  expect(read('manual: small\ncells: []\n')).toEqual({
    table: { manual: 'small', cells: [] },
    notices: [expect.stringContaining('nothing is known of any model')],
  });
});

describe('two cells that fit equally well', () => {
  const two = (first: string, second: string) =>
    read(
      `${HEAD}  - {entry: right-language, models: {${first}}, ${KNOWN}}\n  - {entry: right-language, models: {${second}}, state: unknown}\n`,
    ).notices;

  test('and say different things are told, with the one that holds', () => {
    expect(two('family: a, regime: chat', 'family: [a, b], parameters: {from: 7e9}')).toEqual([
      'capability.yaml:6 and capability.yaml:7 both fit some models for right-language, equally closely: the later one (line 7) holds',
    ]);
  });

  test('and say the same until different days are told: the later one holds, also once it has expired', () => {
    const until = (models: string, day: string, state = KNOWN) =>
      `  - {entry: right-language, models: {${models}}, ${state}, expires: ${day}}\n`;
    const [chat, large] = ['family: a, regime: chat', 'family: a, parameters: {from: 7e9}'];
    expect(read(`${HEAD}${until(chat, 'never')}${until(large, '2027-01-01')}`).notices).toEqual([
      'capability.yaml:6 and capability.yaml:7 both fit some models for right-language, equally closely: the later one (line 7) holds',
    ]);
    expect(read(`${HEAD}${until(chat, '2027-01-01')}${until(large, '2027-01-01')}`).notices).toEqual([]);
    const nothing = 'state: unknown';
    expect(read(`${HEAD}${until(chat, 'never', nothing)}${until(large, '2027-01-01', nothing)}`).notices).toEqual([]);
  });

  test('are not told where no model fits both, or one fits more closely', () => {
    expect(two('parameters: {to: 7e9}', 'parameters: {from: 7e9}')).toEqual([]);
    expect(two('family: a', 'family: b')).toEqual([]);
    expect(two('family: a', 'family: a, regime: chat')).toEqual([]);
  });
});

describe('what is wrong with a table', () => {
  test('is all told at once, also across cells, each with line, column and field', () => {
    const text = [
      'manual: small',
      'by: Rosa',
      'cells:',
      '  - entry: right-langage',
      '    models: all',
      '    state: capabel',
      '    evidence: [{kind: opinion}]',
      '    on: 2026-02-30',
      '    expires: never',
      '  - entry: no-tricks',
      '    model: a',
      '    models: {familiy: a}',
      '    state: capable',
      '    expires: soon',
    ].join('\n');
    expect(told(() => read(text))).toEqual([
      'capability.yaml:4:12 cells[0].entry: the manual small has no entry right-langage; did you mean right-language?',
      'capability.yaml:6:12 cells[0].state: must be capable or not-capable or unknown; did you mean capable?',
      expect.stringContaining('capability.yaml:7:16 cells[0].evidence[0].source: is missing'),
      'capability.yaml:8:9 cells[0].on: must be a day that there is, such as 2026-11-21',
      'capability.yaml:10:5 cells[1].evidence: is missing; write what capable rests on: a kind and its source',
      'capability.yaml:10:5 cells[1].on: is missing; neither this cell nor the top of the file says on which day it was found: write on',
      'capability.yaml:12:13 cells[1].models: stands beside model; leave one of them',
      'capability.yaml:12:14 cells[1].models.familiy: unknown setting; did you mean family?',
      expect.stringContaining('capability.yaml:14:14 cells[1].expires: must be a day that there is'),
    ]);
  });

  const cell = (inner: string) => `${HEAD}  - {entry: right-language, ${inner}}\n`;

  test.each([
    ['no manual', 'cells: []', 'capability.yaml:1:1 manual: is missing'],
    ['another manual', 'manual: other\ncells: []', 'capability.yaml:1:9 manual: is other, but this is checked against'],
    ['no cells', 'manual: small\n', 'capability.yaml:1:1 cells: is missing; must be a list'],
    [
      'an unknown setting',
      `${HEAD}${CELL}cels: []\n`,
      'capability.yaml:7:1 cels: unknown setting; did you mean cells?',
    ],
    ['a cell that is none', `${HEAD}  - right-language\n`, 'capability.yaml:6:5 cells[0]: must be a group'],
    [
      'an entry that the manual lacks',
      `${HEAD}  - {entry: no-trick, models: all, state: unknown}\n`,
      'capability.yaml:6:13 cells[0].entry: the manual small has no entry no-trick; did you mean no-tricks?',
    ],
    [
      'evidence without a source',
      cell('models: all, state: capable, evidence: [{kind: probe}]'),
      '[0].source: is missing',
    ],
    [
      'evidence of no known kind',
      cell('models: all, state: capable, evidence: [{kind: hunch, source: x}]'),
      '[0].kind: must be',
    ],
    ['a finding without evidence', cell('models: all, state: not-capable, evidence: []'), '.evidence: is missing'],
    ['no models', cell('state: unknown'), 'capability.yaml:6:5 cells[0].models: is missing; write model: NAME'],
    ['models that are a word', cell('models: some, state: unknown'), '.models: must be all, or a group with'],
    ['models without a property', cell('models: {}, state: unknown'), '.models: names no property; write models: all'],
    ['a property without a value', cell('models: {family: }, state: unknown'), '.models.family: must be a list'],
    ['a size without limits', cell('models: {parameters: {}}, state: unknown'), '.parameters: names no limit'],
    ['a size in words', cell('models: {parameters: {from: 7B}}, state: unknown'), '.parameters.from: must be a number'],
    [
      'a size from above',
      cell('models: {parameters: {from: 2e9, to: 1e9}}, state: unknown'),
      '.parameters: fits no model; from must be less than to',
    ],
    [
      'a size to infinity',
      cell('models: {parameters: {to: .inf}}, state: unknown'),
      '.parameters.to: must be a number above 0',
    ],
    [
      'an end before the finding',
      cell('models: all, state: unknown, expires: 2026-11-20'),
      '.expires: 2026-11-20 is before 2026-11-21',
    ],
    [
      'a day that there is not',
      'manual: small\nby: Rosa\non: 2026-11-31\nexpires: never\ncells: []',
      'capability.yaml:3:5 on: must be a day that there is',
    ],
    [
      'who says so nowhere',
      'manual: small\non: 2026-11-21\nexpires: never\ncells:\n  - {entry: no-tricks, models: all, state: unknown}\n',
      'capability.yaml:5:5 cells[0].by: is missing; neither this cell nor the top of the file says who found it',
    ],
    [
      'the same entry and models twice',
      `${HEAD}  - {entry: no-tricks, models: {family: [a, b]}, state: unknown}\n${CELL}  - {entry: no-tricks, models: {family: [b, a]}, ${KNOWN}}\n`,
      'capability.yaml:8:5 cells[2]: speaks of the same entry and the same models as capability.yaml:6; leave one of them',
    ],
    ['an empty file', '', 'capability.yaml: the file is empty; a table needs manual and cells'],
    ['a file that is no YAML', 'manual: "x', 'capability.yaml:1:'],
  ])('%s is told', (_, text, expected) => {
    expect(told(() => read(text)).join('\n')).toContain(expected);
  });

  test('may be checked without its manual, but for the entries', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-capability-'));
    const file = path.join(dir, 'c.yaml');
    writeFileSync(file, `${HEAD}  - {entry: anything, models: all, state: unknown}\n`);
    expect(manualOfCapability(file)).toEqual({ name: 'small', at: `${file}:1:9 manual` });
    expect(told(() => readCapability(file, MANUAL))).toEqual([expect.stringContaining('has no entry anything')]);
    writeFileSync(file, `${HEAD}  - {entry: anything, state: unknown}\n`);
    expect(told(() => manualOfCapability(file))).toEqual([expect.stringContaining('.models: is missing')]);
    expect(told(() => manualOfCapability(dir))).toEqual([`${dir}: is a folder, not a file`]);
    rmSync(dir, { recursive: true });
  });
});

test('no text makes the reader throw anything but its own error', () => {
  const scrap = fc.oneof(
    fc.string(),
    fc.constantFrom('&a ', '*a', '!!binary x', '{', '[', ': ', '\t', '- ', '"', '.nan', '1e999', '{toString: 1}'),
  );
  const mutated = fc.tuple(fc.nat(), fc.nat(60), scrap).map(([at, length, put]) => {
    const start = at % WHOLE.length;
    return WHOLE.slice(0, start) + put + WHOLE.slice(start + length);
  });
  const keyed = fc
    .dictionary(fc.constantFrom('manual', 'by', 'on', 'expires', 'cells', '__proto__'), fc.jsonValue())
    .map((value) => JSON.stringify(value));
  const cells = fc
    .array(fc.dictionary(fc.constantFrom('entry', 'model', 'models', 'state', 'evidence', 'on'), fc.jsonValue()))
    .map((value) => `${HEAD.replace('cells:\n', 'cells: ')}${JSON.stringify(value)}`);
  fc.assert(
    fc.property(fc.oneof(mutated, keyed, cells, fc.string()), (text) => {
      try {
        hashTable(read(text).table);
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
      }
    }),
    { numRuns: 600 },
  );
});

test('the starter table is sound for the starter manual', () => {
  const starter = path.join(__dirname, '../../manuals/starter');
  const { manual } = readManual(starter);
  expect(readCapability(path.join(starter, 'capability.yaml'), manual).table.manual).toBe('starter');
});

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
