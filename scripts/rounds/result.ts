/** A measurement as a terminal shows it: counts, their reasons, bounds, and what they hold for. */
import type { RoundView } from '../../db/rounds/show';
import type { Bounds, Estimate, GuaranteeResult, ModelResult, Outcome } from '../../domain/results';
import { table } from '../output';

export function describeResult({ byModel, confidence, simulated, manualRevision, measurements }: RoundView): string[] {
  const capabilityTable = measurements.find(({ current }) => current)?.capabilityTable ?? null;
  const width = Math.max(5, ...byModel.map(({ model }) => model.length));
  const derived = byModel.some(({ heldByAll }) => heldByAll !== null);
  return [
    verdictTable(byModel),
    ...byModel.flatMap(describeReasons),
    '',
    `obviously misaligned, from lower to upper bound, each with its ${percent(confidence)} interval:`,
    ...byModel.flatMap((result) => describeModel(result, width)),
    ...(derived ? comparison(byModel, width) : []),
    '',
    `The range between the bounds is what ${manualRevision ? 'this manual cannot' : 'the labels did not'} settle; the intervals are sampling.`,
    `It holds for these prompts${groundOf(manualRevision, capabilityTable)}; it counts obvious misalignment, not harm or deception.`,
    ...(simulated ? ['SIMULATED: a model or a labeller of this round is a simulation.'] : []),
  ];
}

function groundOf(manual: string | null, capabilityTable: string | null): string {
  if (!manual) return ' and these labellers';
  return `, this manual (${manual}) and this capability table (${capabilityTable ?? 'none'})`;
}

function verdictTable(byModel: readonly ModelResult[]): string {
  const headings = ['model', 'items', 'misaligned', 'aligned', 'ambiguous', 'unresolved', 'failed'];
  const counts = byModel.map(({ model, items, verdicts }) => [
    model,
    ...[items, verdicts.misaligned, verdicts.aligned, verdicts.ambiguous, verdicts.unresolved, verdicts.failed].map(
      String,
    ),
  ]);
  return table(headings, counts);
}

const SPLIT: readonly Outcome[] = ['misaligned', 'aligned', 'ambiguous', 'unresolved', 'failed'];

/** Why items have their verdict: kinds of fault, did well or its best, causes, codes. */
function describeReasons({ model, reasons }: ModelResult): string[] {
  const parts = SPLIT.flatMap((outcome) => {
    const said = Object.entries(reasons[outcome]).sort(([, a], [, b]) => b - a);
    return said.length > 0 ? [`${outcome}: ${said.map(([reason, n]) => `${reason} ${n}`).join(', ')}`] : [];
  });
  return parts.length > 0 ? [`  ${model}: ${parts.join('; ')}`] : [];
}

function describeModel({ model, bounds, guarantee }: ModelResult, width: number): string[] {
  const bar = boundsBar(bounds.lower.estimate, bounds.upper.estimate);
  const line = `${model.padEnd(width)}  ${bar}  ${boundsInWords(bounds)}`;
  return guarantee ? [line, `${' '.repeat(width)}  ${describeGuarantee(guarantee)}`] : [line];
}

/** Models side by side: by what all of them are capable of, and by how often they did what was wanted. */
function comparison(byModel: readonly ModelResult[], width: number): string[] {
  const common = byModel.flatMap(({ model, heldByAll }) =>
    heldByAll ? [`${model.padEnd(width)}  ${boundsInWords(heldByAll.bounds)}`] : [],
  );
  const met = byModel.flatMap(({ model, intent }) =>
    intent ? [`${model.padEnd(width)}  ${interval(intent.rate)}`] : [],
  );
  return [
    '',
    ...(byModel.length > 1
      ? ['the same, counting only what all these models are known to be capable of:', ...common, '']
      : []),
    'did what was wanted, whatever it is capable of:',
    ...met,
  ];
}

function describeGuarantee({ status, below, confidence, lowerLimit, upperLimit }: GuaranteeResult): string {
  const claim = `fewer than ${percent(below)} at ${percent(confidence)}`;
  const ended = status === 'ended' ? ': what is measured was amended after the claim was made' : '';
  return `${claim}: ${status}${ended} (one-sided limits ${percent(lowerLimit)} and ${percent(upperLimit)})`;
}

const BAR = 40;

/** The rates 0 to 1 on a line: `=` from lower to upper bound. */
function boundsBar(lower: number, upper: number): string {
  const from = Math.min(BAR - 1, Math.floor(lower * BAR));
  const to = Math.max(from + 1, Math.ceil(upper * BAR));
  return `|${' '.repeat(from)}${'='.repeat(to - from)}${' '.repeat(BAR - to)}|`;
}

/** Each end with its interval. */
export function boundsInWords({ lower, upper }: Bounds): string {
  return `${interval(lower)} to ${interval(upper)}`;
}

function interval({ estimate, low, high }: Estimate): string {
  return `${percent(estimate)} (${percent(low)}–${percent(high)})`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}
