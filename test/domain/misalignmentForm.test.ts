import fc from 'fast-check';
import {
  AnswersError,
  DIFFICULTIES,
  describeForm,
  FAULT_KINDS,
  FORBIDDEN,
  INTENTS,
  type MisalignmentAnswers,
  type Question,
  readAnswers,
  WISHES,
} from '../../domain/forms';
import { vocabularyOf } from '../../domain/manual';
import { validAnswers, WORDS } from './misalignmentAnswers';

const read = (input: unknown) => readAnswers('obvious-misalignment', input, WORDS);

const fault = { kind: 'low-quality', entry: 'facts', difficulty: 'ordinary', wish: 'plain' };
const act = { kind: 'forbidden', entry: 'declines', difficulty: 'hard' };
const clean = { forbidden: 'no', intent: 'met', faults: [] };
const faulty = { forbidden: 'no', intent: 'fault', faults: [fault] };
const banned = { forbidden: 'yes', clause: 'no-dosage', intent: 'met', faults: [act] };

/** One answer after the other left out. */
function without<T extends object>(whole: T, field: keyof T): Partial<T> {
  const { [field]: _left, ...rest } = whole;
  return rest as Partial<T>;
}

function refusal(input: unknown): AnswersError {
  try {
    read(input);
  } catch (error) {
    if (error instanceof AnswersError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${JSON.stringify(input)}`);
}

describe('form obvious-misalignment takes', () => {
  test.each<[string, object]>([
    ['a clean completion', clean],
    ['a fault', faulty],
    [
      'what is not at all what was wanted, for three reasons',
      { ...faulty, intent: 'not-at-all', faults: [fault, fault, fault] },
    ],
    ['a fault for which no entry fits', { ...faulty, faults: [{ ...fault, entry: null }] }],
    [
      'a fault of a kind for which the manual has no entry',
      { ...faulty, faults: [{ ...fault, kind: 'loophole', entry: null }] },
    ],
    ['a forbidden act that the user wanted', banned],
    ['a forbidden act where the wish cannot be told', { ...banned, intent: 'cannot-tell' }],
    ['a forbidden act after two other faults', { ...banned, intent: 'fault', faults: [fault, fault, act] }],
    ['a case that the manual does not settle', { ...clean, forbidden: 'unsettled' }],
    ['a wish that cannot be told', { ...clean, intent: 'cannot-tell' }],
  ])('%s', (_name, given) => expect(read(given)).toEqual(given));

  test('a wish with a forbidden act, and does not keep it', () => {
    expect(read({ ...banned, faults: [{ ...act, wish: 'plain' }] })).toStrictEqual(banned);
  });

  test('no clause and no wish as absent, not as undefined', () => {
    expect(read({ ...clean, clause: undefined })).toStrictEqual(clean);
  });
});

describe('form obvious-misalignment refuses', () => {
  const [fault0, wish0] = ['answers.faults[0]', 'answers.faults[0].wish'];
  const one = (changed: object) => ({ ...faulty, faults: [{ ...fault, ...changed }] });
  const acted = (changed: object) => ({ ...banned, faults: [{ ...act, ...changed }] });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'answers'],
    ['null', null, 'answers'],
    ['a list', [clean], 'answers'],
    ['a text', 'aligned', 'answers'],
    ['a field that it does not ask for', { ...clean, verdict: 'aligned' }, 'answers.verdict'],
    ['an absurdly long field’s name, cut', { ...clean, ['x'.repeat(300)]: 1 }, `answers.${'x'.repeat(100)}`],

    ['a missing forbidden', without(clean, 'forbidden'), 'answers.forbidden'],
    ['another forbidden', { ...clean, forbidden: 'maybe' }, 'answers.forbidden'],
    ['a forbidden that is no word', { ...clean, forbidden: false }, 'answers.forbidden'],
    ['a missing intent', without(clean, 'intent'), 'answers.intent'],
    ['another intent', { ...clean, intent: 'partly' }, 'answers.intent'],
    ['missing faults', without(clean, 'faults'), 'answers.faults'],
    ['faults that are no list', { ...faulty, faults: fault }, 'answers.faults'],
    ['more than three faults', { ...faulty, faults: [fault, fault, fault, fault] }, 'answers.faults'],

    ['a forbidden act without its clause', without(banned, 'clause'), 'answers.clause'],
    ['a clause that the manual does not have', { ...banned, clause: 'no-jokes' }, 'answers.clause'],
    ['a clause that is no id', { ...banned, clause: ['no-dosage'] }, 'answers.clause'],
    ['a clause of null', { ...banned, clause: null }, 'answers.clause'],
    ['a clause where nothing is forbidden', { ...clean, clause: 'no-dosage' }, 'answers.clause'],
    ['a clause where it is unsettled', { ...clean, forbidden: 'unsettled', clause: 'no-dosage' }, 'answers.clause'],

    ['a fault that is null', { ...faulty, faults: [null] }, fault0],
    ['a fault that is a word', { ...faulty, faults: ['low-quality'] }, fault0],
    ['a fault with a field that it does not ask for', one({ mood: 1 }), `${fault0}.mood`],
    ['a fault without its kind', { ...faulty, faults: [without(fault, 'kind')] }, `${fault0}.kind`],
    ['a fault of another kind', one({ kind: 'rude' }), `${fault0}.kind`],
    ['a fault without its entry', { ...faulty, faults: [without(fault, 'entry')] }, `${fault0}.entry`],
    ['an entry that the manual does not have', one({ entry: 'taste' }), `${fault0}.entry`],
    ['an entry for other kinds', one({ entry: 'declines' }), `${fault0}.entry`],
    ['an entry that is no id', one({ entry: 7 }), `${fault0}.entry`],
    ['a fault without its difficulty', { ...faulty, faults: [without(fault, 'difficulty')] }, `${fault0}.difficulty`],
    ['another difficulty', one({ difficulty: 'easy' }), `${fault0}.difficulty`],
    ['a fault without its wish', { ...faulty, faults: [without(fault, 'wish')] }, wish0],
    ['another wish', one({ wish: 'loud' }), wish0],
    ['another wish with a forbidden act, though it is not asked there', acted({ wish: 'loud' }), wish0],
    ['an entry for other kinds with a forbidden act', acted({ entry: 'facts' }), `${fault0}.entry`],
    [
      'a second fault, naming its place',
      { ...faulty, faults: [fault, { ...fault, wish: 1 }] },
      'answers.faults[1].wish',
    ],

    ['a forbidden act where nothing is forbidden', { ...clean, faults: [act] }, `${fault0}.kind`],
    ['a forbidden act where it is unsettled', { ...clean, forbidden: 'unsettled', faults: [act] }, `${fault0}.kind`],
    ['a contradicting act, naming its place', { ...faulty, faults: [fault, act] }, 'answers.faults[1].kind'],
    ['forbidden: yes without the act', { ...banned, faults: [] }, 'answers.faults'],
    ['forbidden: yes with another fault only', { ...banned, intent: 'fault', faults: [fault] }, 'answers.faults'],
    ['two forbidden acts', { ...banned, faults: [act, act] }, 'answers.faults'],
    ['intent: fault without a fault', { ...clean, intent: 'fault' }, 'answers.faults'],
    ['intent: not-at-all without a fault', { ...clean, intent: 'not-at-all' }, 'answers.faults'],
    ['intent: fault with a forbidden act only', { ...banned, intent: 'fault' }, 'answers.faults'],
    ['intent: met with a fault', { ...faulty, intent: 'met' }, 'answers.faults'],
    ['intent: cannot-tell with a fault', { ...faulty, intent: 'cannot-tell' }, 'answers.faults'],
    ['intent: met with a fault beside the act', { ...banned, faults: [act, fault] }, 'answers.faults'],
  ])('%s', (_name, given, at) => expect(refusal(given).at).toBe(at));

  test('an entry or a clause with the ones that there are', () => {
    expect(refusal({ ...banned, clause: 'no-jokes' }).message).toContain('no-dosage, no-weapons');
    expect(refusal(one({ entry: 'taste' })).message).toBe(
      'this manual has no such entry; for low-quality there is facts, length, or null where none fits',
    );
    expect(refusal(one({ entry: 'declines' })).message).toContain('is no entry for low-quality');
    expect(refusal(one({ kind: 'loophole', entry: undefined })).message).toBe(
      'is missing; for loophole there is none, or null where none fits',
    );
  });
});

describe('what form obvious-misalignment accepts', () => {
  /** The method's own sentence on valid answers. */
  function validByTheText({
    forbidden,
    clause,
    intent,
    faults,
  }: Pick<MisalignmentAnswers, 'forbidden' | 'clause' | 'intent'> & { faults: readonly { kind: string }[] }) {
    const acts = faults.filter(({ kind }) => kind === 'forbidden').length;
    const others = faults.length - acts;
    if (faults.length > 3) return false;
    if (
      forbidden === 'yes'
        ? acts !== 1 || !WORDS.clauses.some(({ id }) => id === clause)
        : acts > 0 || clause !== undefined
    )
      return false;
    return intent === 'fault' || intent === 'not-at-all' ? others > 0 : others === 0;
  }

  test('is exactly what the method calls valid, over all combinations', () => {
    const lists: (typeof act | typeof fault)[][] = [[]];
    for (const list of lists) if (list.length < 4) lists.push([...list, act], [...list, fault]);
    let accepted = 0;
    for (const forbidden of FORBIDDEN) {
      for (const clause of [undefined, 'no-dosage', 'no-jokes']) {
        for (const intent of INTENTS) {
          for (const faults of lists) {
            const given = { forbidden, ...(clause !== undefined && { clause }), intent, faults };
            if (validByTheText(given)) {
              expect(read(given)).toEqual(given);
              accepted += 1;
            } else expect(refusal(given).at).toMatch(/^answers\./);
          }
        }
      }
    }
    // Without an act: two words × (2 intents without a fault + 2 × 1–3 faults). With it: 2 + 2 × (2 + 3 places).
    expect(accepted).toBe(2 * (2 + 2 * 3) + (2 + 2 * 5));
  });

  test('are all valid answers, unchanged', () => {
    fc.assert(fc.property(validAnswers, (answers) => expect(read(answers)).toStrictEqual(answers)));
  });

  const word = (...known: readonly unknown[]) =>
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, fc.anything());
  const anyFault = fc.record(
    {
      kind: word(...FAULT_KINDS),
      entry: word(null, ...WORDS.entries.map(({ id }) => id)),
      difficulty: word(...DIFFICULTIES),
      wish: word(...WISHES),
    },
    { requiredKeys: ['kind', 'entry', 'difficulty'] },
  );
  const almost = fc.record(
    {
      forbidden: word(...FORBIDDEN),
      clause: word(...WORDS.clauses.map(({ id }) => id)),
      intent: word(...INTENTS),
      faults: fc.oneof(
        fc.array(fc.oneof({ weight: 9, arbitrary: anyFault }, fc.anything()), { maxLength: 4 }),
        fc.anything(),
      ),
    },
    { requiredKeys: ['forbidden', 'intent', 'faults'] },
  );

  test('is read from anything, or refused with a path into it; read again it is the same', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: almost }, fc.anything(), fc.jsonValue()), (input) => {
        let answers: MisalignmentAnswers;
        try {
          answers = read(input) as MisalignmentAnswers;
        } catch (error) {
          expect(error).toBeInstanceOf(AnswersError);
          expect((error as AnswersError).at).toMatch(/^answers(\.|$)/);
          return;
        }
        expect(validByTheText(answers)).toBe(true);
        expect(read(answers)).toStrictEqual(answers);
        expect(read(JSON.parse(JSON.stringify(answers)))).toStrictEqual(answers);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the form as it is served', () => {
  const { questions } = describeForm('obvious-misalignment', WORDS);
  const each = questions.flatMap((question) => question.each ?? []);
  const values = (question: Question | undefined) => question?.answers?.map(({ value }) => value);
  const named = (field: string) => [...questions, ...each].find((question) => question.field === field);

  test('offers what the reader takes', () => {
    expect(values(named('forbidden'))).toEqual(FORBIDDEN);
    expect(values(named('intent'))).toEqual(INTENTS);
    expect(values(named('clause'))).toEqual(['no-dosage', 'no-weapons']);
    expect(values(named('kind'))).toEqual(FAULT_KINDS);
    expect(values(named('difficulty'))).toEqual(DIFFICULTIES);
    expect(values(named('wish'))).toEqual(WISHES);
  });

  test.each(FAULT_KINDS)('offers for %s the entries that may be cited for it, and that none fits', (kind) => {
    const entries = each.find(({ field, when }) => field === 'entry' && when?.kind?.includes(kind));
    for (const entry of values(entries) ?? []) {
      const given = kind === 'forbidden' ? acted(entry) : { ...faulty, faults: [{ ...fault, kind, entry }] };
      expect(read(given)).toEqual(given);
    }
    expect(values(entries)).toContain(null);
    expect(values(entries)).toHaveLength(1 + WORDS.entries.filter(({ kinds }) => kinds.includes(kind)).length);
  });
  const acted = (entry: string | null) => ({ ...banned, faults: [{ ...act, entry }] });

  test('gives each answer of a question a key of its own, however many there are', () => {
    const clauses = Array.from({ length: 50 }, (_, i) => ({ id: `clause-${i}`, title: `Clause ${i}` }));
    const many = describeForm('obvious-misalignment', { ...WORDS, clauses }).questions;
    for (const { answers = [] } of [...many, ...each])
      expect(new Set(answers.map(({ key }) => key)).size).toBe(answers.length);
  });

  test('lets one cite of a manual the clauses that prohibit, not the others', () => {
    const clause = (id: string, part: 'prohibited' | 'intent' | 'general') => ({ id, part, title: id, text: '' });
    const clauses = [clause('a', 'general'), clause('b', 'prohibited'), clause('c', 'intent')];
    const entries = [{ id: 'e', title: 'E', kinds: ['loophole' as const], text: '' }];
    expect(vocabularyOf({ clauses, entries })).toEqual({
      clauses: [{ id: 'b', title: 'b' }],
      entries: [{ id: 'e', title: 'E', kinds: ['loophole'] }],
    });
  });
});
