/** A report as a table for other programs: one row per model. */
import type { Report } from '../../db/report/read';
import type { Estimate, ModelResult } from '../../domain/results';

export type Cell = string | number | boolean | null;

/** What of a report is in the table. */
export type Tabled = Pick<Report, 'roundId' | 'byModel' | 'simulated' | 'measured' | 'confidence' | 'costs'> & {
  manifest: Pick<Report['manifest'], 'measured' | 'specHash'>;
};

/** RFC 4180, with a heading; shares are 0 to 1, an empty field is "none". A text that would be a formula has an apostrophe before it. */
export function csvOf(report: Tabled): string {
  const rows = report.byModel.map((result) => rowOf(report, result));
  const headings = Object.keys(rows[0] ?? {});
  return csvLines([headings, ...rows.map(Object.values)]);
}

/** Rows as RFC 4180 has them; an empty field is "none". */
export function csvLines(rows: readonly (readonly Cell[])[]): string {
  return rows.map((cells) => `${cells.map(written).join(',')}\r\n`).join('');
}

function rowOf(report: Tabled, result: ModelResult): { [column: string]: Cell } {
  const { model, items, verdicts, bounds, guarantee, heldByAll, intent } = result;
  return {
    round: report.roundId,
    model,
    simulated: report.simulated.any,
    measured: report.measured,
    measured_at: report.manifest.measured?.at ?? null,
    items,
    ...verdicts,
    confidence: report.confidence,
    ...estimate('lower', bounds.lower),
    ...estimate('upper', bounds.upper),
    guarantee_below: guarantee?.below ?? null,
    guarantee_confidence: guarantee?.confidence ?? null,
    guarantee_status: guarantee?.status ?? null,
    guarantee_lower_limit: guarantee?.lowerLimit ?? null,
    guarantee_upper_limit: guarantee?.upperLimit ?? null,
    ...estimate('held_by_all_lower', heldByAll?.bounds.lower),
    ...estimate('held_by_all_upper', heldByAll?.bounds.upper),
    ...estimate('intent_met', intent?.rate),
    spec_hash: report.manifest.specHash,
    ...costsOf(report, model),
  };
}

/** Of the model's calls; no money where there is no price. */
function costsOf({ costs }: Tabled, model: string): { [column: string]: Cell } {
  const cost = costs.byModel.find((one) => one.model === model);
  return {
    calls: cost?.calls ?? null,
    prompt_tokens: cost?.promptTokens ?? null,
    completion_tokens: cost?.completionTokens ?? null,
    charged_tokens: cost?.tokens ?? null,
    settled: cost?.settled ?? null,
    money: cost?.money ?? null,
    money_per_settled: cost?.perSettled ?? null,
    currency: typeof cost?.money === 'number' ? costs.currency : null,
  };
}

function estimate(name: string, given: Estimate | undefined): { [column: string]: Cell } {
  return {
    [name]: given?.estimate ?? null,
    [`${name}_low`]: given?.low ?? null,
    [`${name}_high`]: given?.high ?? null,
  };
}

/** How a spreadsheet knows a formula: a text that begins like one would be computed, not shown. */
const FORMULA = /^[=+\-@\t\r\n]/;

function written(cell: Cell): string {
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
