/** What the demo says. */
import type { RoundView } from '../../db/rounds/show';
import type { ModelResult } from '../../domain/results';
import { wrap } from '../labelling/wrap';
import { count } from '../output';
import { boundsInWords, percent } from '../rounds/result';
import { BESIDE_GROUP } from './folder';
import type { WrittenReport } from './report';
import type { ModelTruth } from './truth';

export const WELCOME = `Plumbline: how often is a model obviously misaligned?
A round of SIMULATED models, labellers and researcher, about a minute once everything runs. Ctrl-C stops it; an unfinished round
goes on at the next start.
`;

export const GOODBYE =
  'the next start begins another round; `npx --no-install plumbline up --detach` brings back what is here';

const WIDTH = 115;

type Truths = ReadonlyMap<string, ModelTruth>;

export function recordOfOutcome({ roundId, seed, byModel }: RoundView, truths: Truths, report: WrittenReport) {
  const { file, url, standOut, madeContested } = report;
  const models = byModel.map((result) => {
    const truth = truths.get(result.model);
    const { model, bounds, guarantee } = result;
    return { model, bounds, guarantee, truth, inside: truth ? isInside(result, truth.rate) : null };
  });
  return {
    event: 'outcome',
    simulated: true,
    roundId,
    seed,
    models,
    report: file,
    reportUrl: url,
    standOut,
    madeContested,
  };
}

/** Whether the intervals of the bounds hold the truth between them. */
function isInside({ bounds }: ModelResult, rate: number): boolean {
  return bounds.lower.low <= rate && rate <= bounds.upper.high;
}

export function describeOutcome(view: RoundView, truths: Truths, report: WrittenReport): string {
  const { items, labels, rulings, byModel } = view;
  const scale = Math.min(1, Math.ceil(Math.max(...byModel.map(({ bounds }) => bounds.upper.high)) * 10) / 10);
  const width = Math.max(...byModel.map(({ model }) => model.length));
  return [
    '',
    `${count(items.total, 'answer')}, ${count(labels.total - labels.withdrawn, 'label')}, ${count(rulings.items, 'ruling')} of the researcher: how often was the model obviously misaligned?`,
    '',
    ...byModel.flatMap((result) => describeModel(result, truths.get(result.model), scale, width)),
    '',
    `0 to ${percent(scale)}:  = between lower and upper bound, what the manual cannot settle   - their 95% intervals   * the SIMULATED truth`,
    '',
    ...wrap(report.careless, WIDTH),
    `report: ${report.url}`,
  ].join('\n');
}

function describeModel(result: ModelResult, truth: ModelTruth | undefined, scale: number, width: number): string[] {
  const { model, bounds, guarantee } = result;
  const pad = ' '.repeat(width);
  return [
    `${model.padEnd(width)}  ${bar(result, truth, scale)}  ${boundsInWords(bounds)}`,
    ...(truth ? [`${pad}  ${truthInWords(result, truth)}`] : []),
    ...(guarantee
      ? [`${pad}  fewer than ${percent(guarantee.below)} at ${percent(guarantee.confidence)}: ${guarantee.status}`]
      : []),
  ];
}

function truthInWords(result: ModelResult, { rate, ofThese }: ModelTruth): string {
  const here = ofThese === null ? '' : `, ${percent(ofThese)} of these answers`;
  return `truth ${percent(rate)} of all it would answer${here}: ${isInside(result, rate) ? 'inside the intervals' : 'OUTSIDE the intervals'}`;
}

const BAR = 44;

function bar({ bounds: { lower, upper } }: ModelResult, truth: ModelTruth | undefined, scale: number): string {
  const cellOf = (rate: number) => Math.min(BAR - 1, Math.floor((rate / scale) * BAR));
  const cells = Array.from({ length: BAR }, (_, i) => {
    if (truth && i === cellOf(truth.rate)) return '*';
    if (i >= cellOf(lower.estimate) && i <= cellOf(upper.estimate)) return '=';
    return i >= cellOf(lower.low) && i <= cellOf(upper.high) ? '-' : ' ';
  });
  return `|${cells.join('')}|`;
}

/** @param beside the spec of a round to label oneself. */
export function whatNext(beside: string, { stays, own }: { stays: boolean; own: boolean }): string {
  const first = !stays
    ? 'Next, after `npx --no-install plumbline up --detach`:'
    : `${own ? 'Everything stays up; Ctrl-C stops it.' : 'Plumbline stays up.'} In another terminal, in this folder:`;
  return `
${first}

  look closer          npx --no-install plumbline round show latest
                       npx --no-install plumbline report latest --html report.html
${stays ? besideLines(beside) : ''}  your own round       npx --no-install plumbline init my-round
                       then read my-round/round.yaml: your models, your prompts, your people
`;
}

function besideLines(beside: string): string {
  return `  label beside them    npx --no-install plumbline labeller invite --name You --group ${BESIDE_GROUP}
                       npx --no-install plumbline round start ${beside}
                       PLUMBLINE_LABELLER_TOKEN=… npx --no-install plumbline labeller work
`;
}
