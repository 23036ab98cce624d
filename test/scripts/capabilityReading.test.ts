import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { hashTable } from '../../domain/capability';
import { type Problem, ProblemsError } from '../../domain/problems';
import { manualOfCapability, readCapability } from '../../scripts/intake/capability';
import { readManual } from '../../scripts/intake/manual';
import { CELL, HEAD, KNOWN, MANUAL, read, WHOLE } from './capabilityTables';

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
