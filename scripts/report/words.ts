/** The report's sentences, the same in a terminal and on the page. Whoever prints them makes names harmless. */
import { type LabellerFigures, SIGNS, type Sign } from '../../db/report/careless';
import type { ReportedLabeller } from '../../db/report/labellers';
import type { Report } from '../../db/report/read';
import type { Bounds, GuaranteeResult, ModelResult } from '../../domain/results';
import { count } from '../output';
import { duration, grouped, listed, percent, range, shareOf } from './numbers';

/** A sentence about a model, with room for its name. */
export interface Claim {
  before: string;
  model: string;
  after: string;
}

export function claimOf({ model, items, verdicts, bounds }: ModelResult, confidence: number): Claim {
  if (items === 0) return { before: 'Of ', model, after: ' no item has been measured.' };
  const [low, high] = [verdicts.misaligned, items - verdicts.aligned];
  const intervals = `${percent(confidence)} ${low === high ? 'interval' : 'intervals'} ${ends(bounds)}`;
  const said =
    low === high
      ? `in ${percent(bounds.lower.estimate)} (${grouped(low)}), none left unsettled; ${intervals}.`
      : `in at least ${percent(bounds.lower.estimate)} (${grouped(low)}) and at most ${percent(bounds.upper.estimate)} (${grouped(high)}); ${intervals}.`;
  return { before: `Of ${grouped(items)} items, `, model, after: ` was obviously misaligned ${said}` };
}

function ends({ lower, upper }: Bounds): string {
  return lower.estimate === upper.estimate ? range(lower) : `${range(lower)} and ${range(upper)}`;
}

const OUTCOME_OF_CLAIM: Record<GuaranteeResult['status'], string> = {
  met: 'is met',
  broken: 'is broken',
  undecided: 'is undecided',
  ended: 'has ended: what is measured was amended after it was made',
};

export function guaranteeInWords({ status, below, confidence, lowerLimit, upperLimit }: GuaranteeResult): string {
  const limits = `one-sided limits ${percent(lowerLimit)} and ${percent(upperLimit)}`;
  return `The claim of fewer than ${percent(below)}, at ${percent(confidence)}, ${OUTCOME_OF_CLAIM[status]} (${limits}).`;
}

export function hasResult({ measured, byModel }: Report): boolean {
  return measured || byModel.some(({ items }) => items > 0);
}

/** What comes before everything else of a round without a result of its present state; undefined where it has one. */
export function notMeasured(report: Report): string | undefined {
  const { measured, status, statusReason } = report;
  if (measured) return undefined;
  const why = statusReason ? `: ${statusReason}` : '';
  if (hasResult(report)) return `Not measured anew (${status}${why}): the result is that of an earlier state.`;
  return status === 'cancelled' || status === 'failed'
    ? `Not measured, and never will be (${status}${why}).`
    : `Not measured yet (${status}${why}): bounds appear when every item has ended.`;
}

/** What stands at the beginning of every report. */
export function limitsOf({ manifest, simulated, labellers, clusters }: Report): string[] {
  const { promptSet, sample, manual, capabilityTable, measured } = manifest;
  const table = measured ? measured.capabilityTable : capabilityTable;
  const judged = manual
    ? `this manual (${manual.name}) and this capability table (${table?.name ?? 'none'})`
    : 'these labellers, who had no manual';
  return [
    `The range between the bounds is what ${manual ? 'this manual cannot' : 'the labels did not'} settle; the intervals are sampling.`,
    `It holds for this population of prompts (${grouped(sample)} of the ${grouped(promptSet.size)} of ${promptSet.name}), ${judged}, and for nothing else.`,
    ...(clusters ? [`${clusters.charAt(0).toUpperCase()}${clusters.slice(1)}.`] : []),
    'It counts obvious misalignment: not harm, not deception. Doing well is neither necessary nor sufficient for safety, and fewer faults may mean less known ability.',
    ...(simulated.any ? [simulatedInWords(simulated, labellers.length)] : []),
  ];
}

function simulatedInWords({ models, labellers }: Report['simulated'], all: number): string {
  const parts = [
    ...(models.length > 0 ? [`the ${models.length === 1 ? 'model' : 'models'} ${listed(models)}`] : []),
    ...(labellers > 0 ? [`${labellers} of ${count(all, 'labeller')}`] : []),
  ];
  const what =
    parts.length > 0 ? `of this round, ${listed(parts)} are simulated` : 'a part of this round is a simulation';
  return `SIMULATED: ${what}. Nothing here is a finding about a real model or real people.`;
}

/** A simulated labeller by name; people by id. */
export function shownLabeller({ labellerId, name }: Pick<LabellerFigures, 'labellerId' | 'name'>): string {
  return name ?? labellerId;
}

export const SIGN_WORDS: Record<Sign, string> = {
  disagrees: 'agrees far less',
  overlooks: 'overlooks faults',
  'too-fast': 'very fast',
};

/** Of more labellers than this a sentence names only the first. */
const MOST_NAMED = 8;

/** Whether careless work shows; who stands out, and what it cost. */
export function carelessInWords({ labellers, usual, madeContested }: Report): string {
  const out = labellers.filter(({ signs }) => signs.length > 0);
  if (out.length === 0) {
    return usual.others === null ? 'Too little is labelled yet to tell who stands out.' : 'No labeller stands out.';
  }
  const named = out.slice(0, MOST_NAMED).map((each) => `${shownLabeller(each)} (${signsInWords(each, usual)})`);
  const who = out.length > MOST_NAMED ? [...named, `${out.length - MOST_NAMED} more`] : named;
  const made =
    madeContested === 0
      ? 'No item is contested because of what they answered'
      : `What they answered made ${count(madeContested, 'item')} contested that all other labels on ${madeContested === 1 ? 'it' : 'them'} would have settled`;
  return `${out.length} of ${count(labellers.length, 'labeller')} ${out.length === 1 ? 'stands' : 'stand'} out: ${listed(who)}. ${made}.`;
}

function signsInWords({ signs, others, faults, medianSeconds }: ReportedLabeller, usual: Report['usual']): string {
  const share = (value: number | null) => shareOf({ n: value ?? 0, of: 1 });
  const said: Record<Sign, string> = {
    disagrees: `agrees with the others on ${shareOf(others)} of ${others.of} items, where ${share(usual.others)} is usual`,
    overlooks: `sees ${shareOf(faults)} of the ${faults.of} faults that the others see, where ${share(usual.faults)} is usual`,
    'too-fast': `takes ${duration(medianSeconds ?? 0)}, where ${duration(usual.medianSeconds ?? 0)} is usual`,
  };
  return SIGNS.filter((sign) => signs.includes(sign))
    .map((sign) => said[sign])
    .join('; ');
}
