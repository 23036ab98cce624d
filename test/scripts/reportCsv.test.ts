import { parse } from 'csv-parse/sync';
import type { RoundId } from '../../domain/ids';
import { boundsOf, type ModelResult, noOutcomes } from '../../domain/results';
import { csvOf, type Tabled } from '../../scripts/report/csv';

function resultOf(model: string): ModelResult {
  const verdicts = { ...noOutcomes(), misaligned: 1, aligned: 9 };
  const reasons = { misaligned: {}, aligned: {}, ambiguous: {}, unresolved: {}, failed: {} };
  return {
    model,
    items: 10,
    verdicts,
    reasons,
    bounds: boundsOf(verdicts, 0.95),
    guarantee: null,
    heldByAll: null,
    intent: null,
  };
}

const NO_COSTS: Tabled['costs'] = {
  currency: 'USD',
  calls: { money: null, tokens: 0, inFlight: { money: null, tokens: 0 } },
  unpriced: [],
  budget: null,
  forecast: null,
  byModel: [],
  people: { hours: 0, money: null, labellers: 0 },
  perSettled: null,
};

function tableOf(...models: string[]): { [column: string]: string }[] {
  const report: Tabled = {
    roundId: 'r-1' as RoundId,
    byModel: models.map(resultOf),
    simulated: { any: false, models: [], labellers: 0 },
    measured: true,
    confidence: 0.95,
    manifest: { measured: null, specHash: 'ab' },
    costs: NO_COSTS,
  };
  return parse(csvOf(report), { columns: true });
}

test('a text that a spreadsheet would compute has an apostrophe before it, and reads back as one field', () => {
  const formulas = ['=1+2', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '=HYPERLINK("http://x","y")'];
  expect(tableOf(...formulas).map(({ model }) => model)).toEqual(formulas.map((text) => `'${text}`));
});

test('other texts and numbers stay as they are', () => {
  const rows = tableOf('a=b', 'meta/llama-3', 'with, "quotes"');
  expect(rows.map(({ model }) => model)).toEqual(['a=b', 'meta/llama-3', 'with, "quotes"']);
  expect(rows[0]).toMatchObject({ round: 'r-1', simulated: 'false', items: '10', lower: '0.1', measured_at: '' });
});
