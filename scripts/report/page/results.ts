/** The result: bounds, verdicts with their reasons, models by what all are capable of. */
import { html } from 'hono/html';
import type { Report } from '../../../db/report/read';
import { type ModelResult, OUTCOMES, type Outcome } from '../../../domain/results';
import { harmlessLine } from '../../harmless';
import { FILLS, STACKED, verdictsInWords } from '../charts/verdicts';
import { grouped, listed, percent, percentInColumn, range, rangeInColumn } from '../numbers';
import { hasResult } from '../words';
import type { Charts } from './charts';
import { type Column, dataTable, figure, type Html, NOTHING, named, section } from './pieces';
import { reasonInWords } from './reasons';

const NONE = html`<p>There is no result yet.</p>`;

export function boundsSection(report: Report, { bounds }: Charts): Html {
  const { byModel, confidence } = report;
  if (!hasResult(report)) return section('bounds', 'Bounds', NONE);
  const claim = byModel[0]?.guarantee;
  const at = percent(confidence);
  return section(
    'bounds',
    'Bounds',
    html`${bounds ? figure(boundsInWords(report), bounds) : NOTHING}
<p class="caption">Striped bar: from the lower to the upper bound, what ${report.manifest.manual ? 'this manual does' : 'the labels do'} not settle. Thin lines with caps: sampling, the ${at} interval of the lower bound (above the bar) and of the upper one (below it).${claim ? ` Dashed line: the claim, fewer than ${percent(claim.below)}.` : ''}</p>
${dataTable('Bounds of the share that is obviously misaligned', boundsColumns(report), byModel, { broad: true })}
<p class="note">Lower: settled as misaligned, of all sampled items, also those that failed. Upper: all but those settled as aligned. Intervals: Clopper–Pearson, ${at}.</p>`,
  );
}

function boundsInWords({ byModel }: Report): string {
  const each = byModel.map(
    ({ model, bounds: { lower, upper } }) =>
      `${harmlessLine(model)}: lower bound ${percent(lower.estimate)}, interval ${range(lower)}; upper bound ${percent(upper.estimate)}, interval ${range(upper)}`,
  );
  return `Bounds per model. ${each.join('. ')}.`;
}

function boundsColumns({ byModel, confidence }: Report): Column<ModelResult>[] {
  const interval = `${percent(confidence)} interval`;
  const claim = byModel[0]?.guarantee?.below;
  return [
    { heading: 'Model', cell: ({ model }) => named(model) },
    { heading: 'Items', cell: ({ items }) => grouped(items) },
    { heading: 'Lower', cell: ({ bounds }) => percentInColumn(bounds.lower.estimate) },
    { heading: interval, cell: ({ bounds }) => rangeInColumn(bounds.lower) },
    { heading: 'Upper', cell: ({ bounds }) => percentInColumn(bounds.upper.estimate) },
    { heading: interval, cell: ({ bounds }) => rangeInColumn(bounds.upper) },
    { heading: 'Not settled', cell: ({ bounds }) => percentInColumn(bounds.upper.estimate - bounds.lower.estimate) },
    ...(claim !== undefined
      ? [
          {
            heading: `Below ${percent(claim)}`,
            words: true,
            cell: ({ guarantee }: ModelResult) => guarantee?.status ?? '–',
          },
          {
            heading: 'One-sided limits',
            cell: ({ guarantee }: ModelResult) =>
              guarantee ? rangeInColumn({ low: guarantee.lowerLimit, high: guarantee.upperLimit }) : '–',
          },
        ]
      : []),
  ];
}

export function verdictsSection(report: Report, { verdicts, heldByAll }: Charts): Html {
  const { byModel } = report;
  if (!hasResult(report)) return section('verdicts', 'Verdicts', NONE);
  return section(
    'verdicts',
    'Verdicts and their reasons',
    html`${verdicts ? figure(`Verdicts per model. ${inWords(byModel)}.`, verdicts) : NOTHING}
${key()}
${dataTable('Verdicts of record and their reasons, as items and as shares of all', reasonColumns(byModel), reasonRows(byModel), { classOf: ({ reason }) => (reason === null ? 'total' : 'reason') })}
${byModel.some((each) => each.heldByAll) ? comparison(report, heldByAll) : NOTHING}`,
  );
}

function inWords(models: readonly Counted[]): string {
  return models.map(({ model, verdicts }) => verdictsInWords({ model: harmlessLine(model), verdicts })).join('. ');
}

function key(): Html {
  return html`<ul class="key">${STACKED.map(
    (outcome) => html`
<li><svg width="14" height="14" aria-hidden="true" focusable="false"><rect x="0.5" y="0.5" width="13" height="13" fill="${FILLS[outcome]}" stroke="var(--muted)"/></svg> ${outcome}</li>`,
  )}
</ul>`;
}

interface ReasonRow {
  outcome: Outcome;
  /** null: the outcome as a whole. `''`: no reason was given. */
  reason: string | null;
}

/** Each outcome, and under it the reasons that some model has, the commonest first. */
function reasonRows(byModel: readonly ModelResult[]): ReasonRow[] {
  return OUTCOMES.flatMap((outcome) => {
    const sums = new Map<string, number>();
    for (const { reasons } of byModel) {
      for (const [reason, n] of Object.entries(reasons[outcome])) sums.set(reason, (sums.get(reason) ?? 0) + n);
    }
    const given = [...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([reason]) => reason);
    const all = byModel.reduce((sum, { verdicts }) => sum + verdicts[outcome], 0);
    const reasoned = [...sums.values()].reduce((sum, n) => sum + n, 0);
    const unreasoned = given.length > 0 && all > reasoned ? [''] : [];
    return [null, ...given, ...unreasoned].map((reason) => ({ outcome, reason }));
  });
}

function reasonColumns(byModel: readonly ModelResult[]): Column<ReasonRow>[] {
  return [
    {
      heading: 'Verdict',
      cell: ({ outcome, reason }) => (reason === null ? outcome : named(reasonInWords(reason))),
    },
    ...byModel.map((result) => ({
      heading: harmlessLine(result.model),
      cell: (row: ReasonRow) => countAndShare(countOf(result, row), result.items),
    })),
  ];
}

function countOf({ verdicts, reasons }: ModelResult, { outcome, reason }: ReasonRow): number {
  if (reason === null) return verdicts[outcome];
  if (reason !== '') return (Object.hasOwn(reasons[outcome], reason) && reasons[outcome][reason]) || 0;
  return verdicts[outcome] - Object.values(reasons[outcome]).reduce((sum, n) => sum + n, 0);
}

/** Models side by side: else the best-studied one looks worst. */
function comparison({ byModel, confidence }: Report, heldByAll: Charts['heldByAll']): Html {
  const common = byModel.flatMap(({ model, heldByAll: held }) => (held ? [{ model, verdicts: held.verdicts }] : []));
  const several = byModel.length > 1;
  const columns: Column<ModelResult>[] = [
    { heading: 'Model', cell: ({ model }) => named(model) },
    { heading: 'By its own abilities', cell: ({ bounds }) => ends(bounds) },
    ...(several
      ? [
          {
            heading: 'By what all are capable of',
            cell: ({ heldByAll: held }: ModelResult) => (held ? ends(held.bounds) : '–'),
          },
        ]
      : []),
    { heading: 'Did what was wanted', cell: ({ intent }) => (intent ? percentInColumn(intent.rate.estimate) : '–') },
    { heading: `${percent(confidence)} interval`, cell: ({ intent }) => (intent ? rangeInColumn(intent.rate) : '–') },
  ];
  const models = listed(byModel.map(({ model }) => harmlessLine(model)));
  return html`<h3>${several ? 'Models side by side' : 'What was wanted'}</h3>
<p>${several ? 'A model of which more is known is more often found misaligned. So the same answers are counted again by what all these models are known to be capable of; and beside it how often each did what was wanted, whatever it is capable of.' : 'How often it did what was wanted, whatever it is capable of.'}</p>
${heldByAll ? html`${figure(`Verdicts by what all of ${models} are capable of. ${inWords(common)}.`, heldByAll)}${key()}` : NOTHING}
${dataTable(several ? 'Models side by side: bounds, and how often they did what was wanted' : 'Bounds, and how often it did what was wanted', columns, byModel)}
${heldByAll ? dataTable('Verdicts by what all are capable of, as items and as shares of all', countColumns(), common) : NOTHING}`;
}

type Counted = Pick<ModelResult, 'model' | 'verdicts'>;

/** What the stacked bars show, in their order. */
function countColumns(): Column<Counted>[] {
  return [
    { heading: 'Model', cell: ({ model }) => named(model) },
    ...STACKED.map((outcome) => ({
      heading: `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`,
      cell: ({ verdicts }: Counted) =>
        countAndShare(
          verdicts[outcome],
          STACKED.reduce((sum, each) => sum + verdicts[each], 0),
        ),
    })),
  ];
}

function countAndShare(n: number, of: number): Html {
  return n === 0
    ? html`<span class="none">0</span>`
    : html`${grouped(n)} <span class="share">${percentInColumn(n / of)}</span>`;
}

function ends({ lower, upper }: ModelResult['bounds']): string {
  return `${percentInColumn(lower.estimate)} to ${percentInColumn(upper.estimate)}`;
}
