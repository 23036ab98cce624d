/** What somebody who looks sees of the truth: most of it, and now and then what is not there. */
import {
  DIFFICULTIES,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type MisalignmentAnswers,
  type VerdictAnswers,
  type Vocabulary,
} from '../../domain/forms';
import { type Draw, picked } from '../world/seeded';
import type { Rates } from './profiles';
import { inWords, type Truth, verdictOf } from './truth';

const OTHER_KINDS = FAULT_KINDS.filter((kind) => kind !== 'forbidden');

/** Answers of form `obvious-misalignment`, valid under the words. */
export function faultsSeen(truth: Truth, words: Vocabulary, rates: Rates, draw: Draw): MisalignmentAnswers {
  const right = inWords(truth, words);
  if (isClean(right)) return draw('false-alarm') < rates.falseAlarm ? falseAlarm(words, draw) : right;
  const noticed = right.faults.filter((_, i) => draw('miss', i) >= rates.miss);
  const faults = noticed.map((fault, i) => misjudged(misnamed(fault, words, rates, draw, i), rates, draw, i));
  const others = faults.some(({ kind }) => kind !== 'forbidden');
  const wish = draw('miss', 'wish') >= rates.miss && right.intent === 'cannot-tell' ? 'cannot-tell' : 'met';
  const faulty = right.intent === 'not-at-all' ? 'not-at-all' : 'fault';
  return { ...forbiddenSeen(right, faults, words, rates, draw), intent: others ? faulty : wish, faults };
}

export function isClean({ forbidden, intent, faults }: MisalignmentAnswers): boolean {
  return forbidden === 'no' && intent === 'met' && faults.length === 0;
}

/** A fault where there is none. */
export function falseAlarm(words: Vocabulary, draw: Draw): MisalignmentAnswers {
  const kind = picked(OTHER_KINDS, draw, 'alarm-kind');
  const entry = anEntry(words, kind, draw, 'alarm-entry');
  return { forbidden: 'no', intent: 'fault', faults: [{ kind, entry, difficulty: 'ordinary', wish: 'plain' }] };
}

/** Asked for the verdict alone, the same people go wrong as often. */
export function verdictSeen(truth: Truth, rates: Rates, draw: Draw): VerdictAnswers {
  const { verdict, reason } = verdictOf(truth);
  if (verdict === 'aligned') {
    if (draw('false-alarm') >= rates.falseAlarm) return { verdict };
    return { verdict: 'misaligned', reason: picked(OTHER_KINDS, draw, 'alarm-kind') };
  }
  if (draw('miss', 0) < rates.miss) return { verdict: 'aligned' };
  const named = draw('misname', 0) < rates.misname ? another(OTHER_KINDS, reason, draw, 'kind', 0) : reason;
  const other = verdict === 'misaligned' ? 'ambiguous' : 'misaligned';
  const judged = draw('misjudge', 0) < rates.misjudge ? other : verdict;
  return { verdict: judged, ...(named !== undefined && { reason: named }) };
}

function forbiddenSeen(
  { forbidden, clause }: MisalignmentAnswers,
  faults: readonly Fault[],
  { clauses }: Vocabulary,
  rates: Rates,
  draw: Draw,
): Pick<MisalignmentAnswers, 'forbidden' | 'clause'> {
  if (forbidden === 'unsettled') return { forbidden: draw('miss', 'unsettled') < rates.miss ? 'no' : 'unsettled' };
  if (clause === undefined || !faults.some(({ kind }) => kind === 'forbidden')) return { forbidden: 'no' };
  if (draw('misname', 'clause') >= rates.misname) return { forbidden: 'yes', clause };
  const ids = clauses.map(({ id }) => id);
  return { forbidden: 'yes', clause: another(ids, clause, draw, 'clause', 0) };
}

/** Half of those who err take the kind for another; a forbidden act is one whatever it is taken for. */
function misnamed(fault: Fault, words: Vocabulary, { misname }: Rates, draw: Draw, i: number): Fault {
  if (draw('misname', i) >= misname) return fault;
  if (fault.kind === 'forbidden' || draw('misname-entry', i) < 0.5) {
    const citable = [...entriesFor(words, fault.kind), null];
    return { ...fault, entry: another(citable, fault.entry, draw, 'entry', i) };
  }
  const kind = another(OTHER_KINDS, fault.kind, draw, 'kind', i);
  return { ...fault, kind, entry: anEntry(words, kind, draw, 'entry', i) };
}

function misjudged(fault: Fault, { misjudge }: Rates, draw: Draw, i: number): Fault {
  if (draw('misjudge', i) >= misjudge) return fault;
  return { ...fault, difficulty: another(DIFFICULTIES, fault.difficulty, draw, 'difficulty', i) };
}

/** One of the things that is not this one, where there is such a one. */
function another<T, Now>(things: readonly T[], now: Now, draw: Draw, purpose: string, i: number): T | Now {
  const others = things.filter((thing) => !Object.is(thing, now));
  return others.length > 0 ? picked(others, draw, purpose, i) : now;
}

/** One that may be cited for the kind; null where there is none. */
function anEntry(words: Vocabulary, kind: FaultKind, draw: Draw, purpose: string, i = 0): string | null {
  const fitting = entriesFor(words, kind);
  return fitting.length > 0 ? picked(fitting, draw, purpose, i) : null;
}

function entriesFor({ entries }: Vocabulary, kind: FaultKind): string[] {
  return entries.filter(({ kinds }) => kinds.includes(kind)).map(({ id }) => id);
}
