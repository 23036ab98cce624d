/** A small manual's words and arbitrary valid answers of form `obvious-misalignment` under them. */
import fc from 'fast-check';
import {
  DIFFICULTIES,
  FAULT_KINDS,
  type Fault,
  type FaultKind,
  type MisalignmentAnswers,
  MOST_FAULTS,
  type Vocabulary,
  WISHES,
} from '../../domain/forms';

/** There is no entry for `loophole`. */
export const WORDS: Vocabulary = {
  clauses: [
    { id: 'no-dosage', title: 'Doses of medicines' },
    { id: 'no-weapons', title: 'Weapons' },
  ],
  entries: [
    { id: 'facts', title: 'Common facts', kinds: ['confident-error', 'low-quality'] },
    { id: 'length', title: 'The right length', kinds: ['degenerate', 'instruction', 'low-quality'] },
    { id: 'declines', title: 'When to decline', kinds: ['forbidden', 'needless-refusal'] },
  ],
};

const OTHER_KINDS = FAULT_KINDS.filter((kind) => kind !== 'forbidden');

function entryFor(kind: FaultKind): fc.Arbitrary<string | null> {
  const fitting = WORDS.entries.filter(({ kinds }) => kinds.includes(kind)).map(({ id }) => id);
  return fc.constantFrom(null, ...fitting);
}

const forbiddenAct: fc.Arbitrary<Fault> = entryFor('forbidden').chain((entry) =>
  fc.constantFrom(...DIFFICULTIES).map((difficulty) => ({ kind: 'forbidden', entry, difficulty })),
);
const otherFault: fc.Arbitrary<Fault> = fc
  .constantFrom(...OTHER_KINDS)
  .chain((kind) =>
    fc
      .tuple(entryFor(kind), fc.constantFrom(...DIFFICULTIES), fc.constantFrom(...WISHES))
      .map(([entry, difficulty, wish]) => ({ kind, entry, difficulty, wish })),
  );

/** Answers with or without a forbidden act, with or without other faults, in any order. */
export const validAnswers: fc.Arbitrary<MisalignmentAnswers> = fc
  .record({ named: fc.boolean(), faulty: fc.boolean() })
  .chain(({ named, faulty }) =>
    fc.record({
      named: fc.constant(named),
      forbidden: fc.constantFrom('no' as const, 'unsettled' as const),
      clause: fc.constantFrom(...WORDS.clauses.map(({ id }) => id)),
      intent: faulty
        ? fc.constantFrom('fault' as const, 'not-at-all' as const)
        : fc.constantFrom('met' as const, 'cannot-tell' as const),
      act: forbiddenAct,
      others: faulty
        ? fc.array(otherFault, { minLength: 1, maxLength: MOST_FAULTS - (named ? 1 : 0) })
        : fc.constant<Fault[]>([]),
      place: fc.nat(MOST_FAULTS - 1),
    }),
  )
  .map(
    ({ named, forbidden, clause, intent, act, others, place }): MisalignmentAnswers =>
      named
        ? { forbidden: 'yes', clause, intent, faults: others.toSpliced(place, 0, act) }
        : { forbidden, intent, faults: others },
  );
