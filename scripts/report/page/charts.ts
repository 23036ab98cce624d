/** The charts of a page: what is in them, drawn all at once. */
import type { Part } from '../../../db/report/agreement';
import type { ReportedLabeller } from '../../../db/report/labellers';
import type { Report } from '../../../db/report/read';
import { clopperPearson } from '../../../domain/intervals';
import { harmlessLine } from '../../harmless';
import { boundsChart } from '../charts/bounds';
import { agreementChart, type ChartedLabeller, speedChart } from '../charts/labellers';
import { renderCharts } from '../charts/render';
import { type ChartSpec, NARROW, WIDE } from '../charts/theme';
import { verdictChart } from '../charts/verdicts';
import { shownLabeller } from '../words';

interface Drawn {
  wide: string;
  narrow: string;
}

/** Those for which there is something to draw. */
export interface Charts {
  bounds?: Drawn;
  verdicts?: Drawn;
  heldByAll?: Drawn;
  agreement?: string;
  speed?: string;
}

/** More dots than this nobody reads: those who stand out and those who agree least come first. */
export const CHARTED_LABELLERS = 40;

export async function drawCharts(report: Report): Promise<Charts> {
  const { byModel } = report;
  const measured = byModel
    .filter(({ items }) => items > 0)
    .map((each) => ({ ...each, model: harmlessLine(each.model) }));
  const common = measured.flatMap(({ model, heldByAll }) =>
    heldByAll ? [{ model, verdicts: heldByAll.verdicts }] : [],
  );
  const claim = byModel[0]?.guarantee?.below ?? null;
  const dots = chartedLabellers(report.labellers).map(charted);
  const specs = new Map<string, ChartSpec>();
  for (const [size, width] of [['wide', WIDE] as const, ['narrow', NARROW] as const]) {
    if (measured.length > 0) specs.set(`bounds ${size}`, boundsChart(measured, claim, width));
    if (measured.length > 0) specs.set(`verdicts ${size}`, verdictChart(measured, width));
    if (common.length > 1) specs.set(`heldByAll ${size}`, verdictChart(common, width));
  }
  if (dots.length > 0) specs.set('agreement', agreementChart(dots, report.usual.others));
  if (dots.length > 0) specs.set('speed', speedChart(dots, report.usual.medianSeconds));
  const svgs = await renderCharts([...specs.values()]);
  const drawn = new Map([...specs.keys()].map((name, i) => [name, svgs[i] ?? '']));
  return chartsOf(drawn);
}

function chartsOf(drawn: ReadonlyMap<string, string>): Charts {
  const both = (name: 'bounds' | 'verdicts' | 'heldByAll'): Partial<Record<typeof name, Drawn>> => {
    const [wide, narrow] = [drawn.get(`${name} wide`), drawn.get(`${name} narrow`)];
    return wide === undefined || narrow === undefined ? {} : { [name]: { wide, narrow } };
  };
  const [agreement, speed] = [drawn.get('agreement'), drawn.get('speed')];
  return {
    ...both('bounds'),
    ...both('verdicts'),
    ...both('heldByAll'),
    ...(agreement !== undefined && { agreement }),
    ...(speed !== undefined && { speed }),
  };
}

/** In the order of the page: who stands out, then who agrees least. */
export function inReadingOrder(labellers: readonly ReportedLabeller[]): ReportedLabeller[] {
  const share = ({ others }: ReportedLabeller) => (others.of === 0 ? 2 : others.n / others.of);
  const out = ({ signs }: ReportedLabeller) => (signs.length > 0 ? 0 : 1);
  return labellers.toSorted((a, b) => out(a) - out(b) || share(a) - share(b) || (a.labellerId < b.labellerId ? -1 : 1));
}

export function chartedLabellers(labellers: readonly ReportedLabeller[]): ReportedLabeller[] {
  return inReadingOrder(labellers).slice(0, CHARTED_LABELLERS);
}

/** The same in the chart and in the table. @returns shares, 0 to 1. */
export function agreementInterval({ n, of }: Part): { low: number; high: number } {
  const [low, high] = clopperPearson(n, of, 0.95);
  return { low, high };
}

function charted(labeller: ReportedLabeller): ChartedLabeller {
  const { others, rulings, signs, medianSeconds } = labeller;
  return {
    name: harmlessLine(shownLabeller(labeller)),
    standsOut: signs.length > 0,
    others: others.of === 0 ? null : { share: others.n / others.of, ...agreementInterval(others) },
    rulings: rulings.of === 0 ? null : rulings.n / rulings.of,
    medianSeconds,
  };
}
