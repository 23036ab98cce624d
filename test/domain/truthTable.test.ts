import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { agree, covers, faultTable, labelTable, merged, printed } from './truthTable';

const DOCS = path.join(__dirname, '../../docs/measurement.md');
const [BEGIN, END] = ['<!-- truth-table:begin -->', '<!-- truth-table:end -->'];

describe.each([
  ['fault', faultTable(), 2 * 4 * 3 * 2 * 3],
  ['label', labelTable(), undefined],
])('the truth table of a %s', (_name, table, size) => {
  const rows = merged(table);

  test('has one outcome for each combination that it tells apart', () => {
    expect(agree(table.cases)).toBe(true);
    const combinations = new Set(table.cases.map(({ given }) => given.join('|')));
    const possible = table.columns.reduce((product, { values }) => product * values.length, 1);
    if (size !== undefined) expect([combinations.size, possible]).toEqual([size, size]);
    for (const [i, { values }] of table.columns.entries()) {
      expect(new Set(table.cases.map(({ given }) => given[i]))).toEqual(new Set(values));
    }
  });

  test('says of every case, in exactly one row, what the derivation says', () => {
    for (const one of table.cases) {
      expect(rows.filter((row) => covers(row, one)).map(({ outcome }) => outcome)).toEqual([one.outcome]);
    }
  });

  test('is short enough to read', () => {
    expect(rows.length).toBeLessThanOrEqual(20);
  });
});

test('rows are merged where the rest says the same, and only there', () => {
  const columns = [
    { name: 'a', values: ['1', '2', '3'] },
    { name: 'b', values: ['x', 'y', 'z'] },
  ];
  const cases = [
    { given: ['1', 'x'], outcome: 'in' },
    { given: ['1', 'y'], outcome: 'out' },
    { given: ['2', 'x'], outcome: 'in' },
    { given: ['3', 'x'], outcome: 'out' },
  ];
  expect(printed({ columns, cases, heading: 'it is' }).split('\n')).toEqual([
    '| a | b | → it is |',
    '| --- | --- | --- |',
    '| 1 or 2 | x or z | in |',
    '| 1 or 2 | y | out |',
    '| 3 | any | out |',
  ]);
});

test('docs/measurement.md has the tables as the derivation makes them; UPDATE_DOCS=1 writes them', () => {
  const docs = readFileSync(DOCS, 'utf8');
  const [before, after] = [docs.indexOf(BEGIN), docs.indexOf(END)];
  expect(before).toBeGreaterThan(-1);
  expect(after).toBeGreaterThan(before);
  const tables = `${BEGIN}\n\n${printed(faultTable())}\n\n${printed(labelTable())}\n\n`;
  if (process.env.UPDATE_DOCS) writeFileSync(DOCS, docs.slice(0, before) + tables + docs.slice(after));
  else expect(docs.slice(before, after)).toBe(tables);
});
