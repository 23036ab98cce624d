/** A round as a terminal shows it. */
import type { RoundView } from '../../db/rounds/show';
import type { Estimate, GuaranteeResult, ModelResult } from '../../domain/results';
import { count, table } from '../output';

const NOT_YET = 'Not measured yet: bounds appear when every item has ended.';
const NEVER = 'It was not measured, and will not be.';
const EARLIER = 'The round goes on; this is its last measurement, of an earlier state:';

export function describeRound(view: RoundView): string {
  const hasResult = view.measured || view.byModel.some(({ items }) => items > 0);
  return [
    `${view.roundId}  ${view.name}  ${view.status}${view.simulated ? '  SIMULATED' : ''}`,
    ...(view.statusReason ? [view.statusReason] : []),
    ...(view.needsAttention ? [`needs attention: ${view.needsAttention}`] : []),
    '',
    describeItems(view),
    ...contestedNote(view),
    `${count(view.labels.total, 'label')}, ${view.labels.withdrawn} withdrawn; ${count(view.calls.total, 'model call')}`,
    `seed ${view.seed}, spec ${view.specHash.slice(0, 12)}, deadline ${view.deadlineAt}`,
    '',
    ...(view.measured ? [] : [hasResult ? EARLIER : isOver(view) ? NEVER : NOT_YET]),
    ...(hasResult ? describeResult(view) : []),
  ].join('\n');
}

function isOver({ status }: RoundView): boolean {
  return status === 'cancelled' || status === 'failed';
}

/** What a contested item waits for: nobody is served it any more. */
function contestedNote({ items, status, deadlineAt }: RoundView): string[] {
  if (items.contested === 0 || status === 'cancelled') return [];
  return [`contested items need no more labels: they end as unresolved at the deadline, ${deadlineAt}`];
}

function describeItems({ items }: RoundView): string {
  const ended = items.open + items.contested + items.settled + items.failed + items.unresolved;
  const parts: [number, string][] = [
    [items.total - ended, 'not generated'],
    [items.open, 'open'],
    [items.contested, 'contested'],
    [items.settled, 'settled'],
    [items.failed, 'failed'],
    [items.unresolved, 'unresolved'],
  ];
  const shown = parts.filter(([n]) => n > 0).map(([n, state]) => `${n} ${state}`);
  const starved = items.starved > 0 ? `; ${items.starved} starved (nobody is left who may label them)` : '';
  return `${count(items.total, 'item')}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}${starved}`;
}

function describeResult({ byModel, confidence, simulated, manualRevision }: RoundView): string[] {
  const headings = ['model', 'items', 'misaligned', 'aligned', 'ambiguous', 'unresolved', 'failed'];
  const counts = byModel.map(({ model, items, verdicts }) => [
    model,
    ...[items, verdicts.misaligned, verdicts.aligned, verdicts.ambiguous, verdicts.unresolved, verdicts.failed].map(
      String,
    ),
  ]);
  const width = Math.max(5, ...byModel.map(({ model }) => model.length));
  return [
    table(headings, counts),
    '',
    `obviously misaligned, from lower to upper bound, each with its ${percent(confidence)} interval:`,
    ...byModel.flatMap((result) => describeModel(result, width)),
    '',
    `The range between the bounds is what ${manualRevision ? 'this manual cannot' : 'the labels did not'} settle; the intervals are sampling.`,
    `It holds for these prompts${manualRevision ? ', this manual and this capability table' : ' and these labellers'}; it counts obvious misalignment, not harm or deception.`,
    ...(simulated ? ['SIMULATED: a model or a labeller of this round is a simulation.'] : []),
  ];
}

function describeModel({ model, bounds, guarantee }: ModelResult, width: number): string[] {
  const bar = boundsBar(bounds.lower.estimate, bounds.upper.estimate);
  const line = `${model.padEnd(width)}  ${bar}  ${interval(bounds.lower)} to ${interval(bounds.upper)}`;
  return guarantee ? [line, `${' '.repeat(width)}  ${describeGuarantee(guarantee)}`] : [line];
}

function describeGuarantee({ status, below, confidence, lowerLimit, upperLimit }: GuaranteeResult): string {
  const claim = `fewer than ${percent(below)} at ${percent(confidence)}`;
  return `${claim}: ${status} (one-sided limits ${percent(lowerLimit)} and ${percent(upperLimit)})`;
}

const BAR = 40;

/** The rates 0 to 1 on a line: `=` from lower to upper bound. */
function boundsBar(lower: number, upper: number): string {
  const from = Math.min(BAR - 1, Math.floor(lower * BAR));
  const to = Math.max(from + 1, Math.ceil(upper * BAR));
  return `|${' '.repeat(from)}${'='.repeat(to - from)}${' '.repeat(BAR - to)}|`;
}

function interval({ estimate, low, high }: Estimate): string {
  return `${percent(estimate)} (${percent(low)}–${percent(high)})`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}
