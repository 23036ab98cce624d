import fc from 'fast-check';
import {
  type Answers,
  AnswersError,
  describeForm,
  FAULT_KINDS,
  FORMS,
  type FormDescription,
  NO_WORDS,
  readAnswers,
  VERDICTS,
  type Vocabulary,
} from '../../domain/forms';
import { type Asked, ask, type Step, wordsOfForm } from '../../domain/forms/asking';

const WORDS: Vocabulary = {
  clauses: [
    { id: 'no-dosage', title: 'No dosages' },
    { id: 'no-names', title: 'No names of private people' },
  ],
  entries: [
    { id: 'counts', title: 'counts what it lists', kinds: ['instruction', 'low-quality'] },
    { id: 'knows-doubt', title: 'knows when it does not know', kinds: ['confident-error'] },
  ],
};
const FORM = describeForm('obvious-misalignment', WORDS);
const VERDICT = describeForm('verdict');

/** The fields that are asked while these keys are pressed, and what comes of them. */
function press(form: FormDescription, keys: string) {
  return ask(
    form,
    [...keys].map((key) => ({ key })),
  );
}
function fieldsOf(form: FormDescription, keys: string): string[] {
  const { answered } = press(form, keys);
  return answered.map(({ question }) => question.field);
}

describe('under obvious-misalignment', () => {
  test('a clean item is two keys', () => {
    const clean = { forbidden: 'no', intent: 'met', faults: [] };
    expect(press(FORM, '11')).toMatchObject({ done: true, answers: clean });
  });

  test('a fault is asked for with its kind, entry, difficulty and wish', () => {
    expect(fieldsOf(FORM, '1261111')).toEqual([
      'forbidden',
      'intent',
      'kind',
      'entry',
      'difficulty',
      'wish',
      'another',
    ]);
    expect(press(FORM, '1261111')).toMatchObject({
      done: true,
      answers: {
        intent: 'fault',
        faults: [{ kind: 'instruction', entry: 'counts', difficulty: 'ordinary', wish: 'plain' }],
      },
    });
  });

  test('a forbidden act is asked for first, without its wish, and is not offered again as a kind', () => {
    expect(fieldsOf(FORM, '2201')).toEqual(['forbidden', 'clause', 'entry', 'difficulty']);
    expect(press(FORM, '22011')).toMatchObject({
      done: true,
      answers: {
        forbidden: 'yes',
        clause: 'no-names',
        faults: [{ kind: 'forbidden', entry: null, difficulty: 'ordinary' }],
      },
    });
    const kinds = press(FORM, '22012');
    if (kinds.done) throw new Error('no kind was asked for');
    expect(kinds.question).toMatchObject({ field: 'kind', about: 'fault 2' });
    expect(kinds.question.choices.map(({ value }) => value)).toEqual(FAULT_KINDS.slice(1));
  });

  test('after the third fault nobody asks for another', () => {
    const three = press(FORM, `12${'6111'}2${'6111'}2${'6111'}`);
    expect(three).toMatchObject({ done: true, answers: { faults: { length: 3 } } });
    const withForbidden = press(FORM, `2101${'2'}${'6111'}2${'6111'}`);
    expect(withForbidden).toMatchObject({ done: true, answers: { faults: { length: 3 } } });
  });

  test('where no clause forbids anything, nothing can be called forbidden', () => {
    const first = press(describeForm('obvious-misalignment', NO_WORDS), '');
    if (first.done) throw new Error('nothing was asked');
    expect(first.question.choices.map(({ value }) => value)).toEqual(['no', 'unsettled']);
  });
});

describe('under verdict', () => {
  test('a reason may be left out or written', () => {
    expect(press(VERDICT, '20')).toMatchObject({ done: true, answers: { verdict: 'aligned' } });
    const steps = [{ key: '1' }, { text: 'needless-refusal' }];
    expect(ask(VERDICT, steps)).toMatchObject({ done: true, answers: { reason: 'needless-refusal' } });
  });

  test('a reason that the form does not take is refused', () => {
    const refused = expect.objectContaining({ name: 'AnswersError', at: 'answers.reason' });
    expect(() => ask(VERDICT, [{ key: '1' }, { text: 'Because!' }])).toThrow(refused);
  });
});

test.each<[string, FormDescription, Step[]]>([
  ['a key that is not offered', FORM, [{ key: '9' }]],
  ['a text where a choice is asked for', FORM, [{ text: 'no' }]],
  ['a step after the last', VERDICT, [{ key: '1' }, { key: '0' }, { key: '1' }]],
  ['a form that lacks a question', { name: 'obvious-misalignment', questions: [] }, []],
])('%s is an error of its own', (_, form, steps) => {
  expect(() => ask(form, steps)).toThrow(AnswersError);
});

const word = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
const vocabulary: fc.Arbitrary<Vocabulary> = fc.record({
  clauses: fc.uniqueArray(fc.record({ id: word, title: fc.string() }), { selector: ({ id }) => id, maxLength: 40 }),
  entries: fc.uniqueArray(
    fc.record({ id: word, title: fc.string(), kinds: fc.subarray([...FAULT_KINDS], { minLength: 1 }) }),
    { selector: ({ id }) => id, maxLength: 45 },
  ),
});

/** Longest way through a form: a forbidden act with its clause, intent, two faults, "another". */
const MOST_STEPS = 30;

/** Walks through a form, taking each time the choice, or the text, that the number names. */
function wander(form: FormDescription, numbers: readonly number[]): Step[] {
  const steps: Step[] = [];
  for (const number of numbers) {
    const asking = ask(form, steps);
    if (asking.done) return steps;
    const { choices, free } = asking.question;
    const offered: Step[] = [...choices.map(({ key }) => ({ key })), ...(free ? [{ text: 'too-long' }] : [])];
    const step = offered[number % offered.length];
    if (!step) throw new Error(`${asking.question.field} offers nothing`);
    steps.push(step);
  }
  return steps;
}

test('whatever keys that are offered are pressed, the answers are ones that the form accepts', () => {
  const numbers = fc.array(fc.nat(), { minLength: MOST_STEPS, maxLength: MOST_STEPS });
  fc.assert(
    fc.property(fc.constantFrom(...FORMS), vocabulary, numbers, (name, words, choices) => {
      const form = describeForm(name, words);
      const asking = ask(form, wander(form, choices));
      if (!asking.done) throw new Error('it never came to an end');
      expect(readAnswers(name, asking.answers, words)).toEqual(asking.answers);
    }),
  );
});

test('going back leads to the question before, with all earlier answers as they were', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FORMS),
      fc.array(fc.nat(), { minLength: 1, maxLength: MOST_STEPS }),
      (name, choices) => {
        const form = describeForm(name, WORDS);
        const steps = wander(form, choices);
        const [now, before] = [ask(form, steps), ask(form, steps.slice(0, -1))];
        expect(before).toMatchObject({ done: false, question: now.answered.at(-1)?.question });
        expect(before.answered).toEqual(now.answered.slice(0, -1));
      },
    ),
  );
});

test('each way of answering has its keys', () => {
  fc.assert(
    fc.property(vocabulary.chain(validAnswers), ({ form, answers }) => {
      const asking = ask(form, stepsTo(form, answers));
      expect(asking).toMatchObject({ done: true });
      expect(asking.done && asking.answers).toEqual(answers);
    }),
  );
});

test('what may be cited is read from the form', () => {
  fc.assert(
    fc.property(vocabulary, (words) => {
      const read = wordsOfForm(describeForm('obvious-misalignment', words));
      expect(read.clauses).toEqual(words.clauses);
      const sorted = (entries: Vocabulary['entries']) => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(sorted(read.entries)).toEqual(sorted(words.entries));
    }),
  );
});

function validAnswers(words: Vocabulary): fc.Arbitrary<{ form: FormDescription; answers: Answers }> {
  const verdict = fc
    .record({ verdict: fc.constantFrom(...VERDICTS), reason: word }, { requiredKeys: ['verdict'] })
    .map((answers) => ({ form: VERDICT, answers }));
  const form = describeForm('obvious-misalignment', words);
  return fc.oneof(
    verdict,
    misalignment(words).map((input) => ({ form, answers: readAnswers(form.name, input, words) })),
  );
}

function misalignment(words: Vocabulary) {
  const entryFor = (kind: string) =>
    fc.constantFrom(null, ...words.entries.filter(({ kinds }) => kinds.includes(kind)).map(({ id }) => id));
  const difficulty = fc.constantFrom('ordinary', 'hard', 'cannot-tell');
  const wish = fc.constantFrom('plain', 'not-plain');
  const fault = fc
    .constantFrom(...FAULT_KINDS.slice(1))
    .chain((kind) => fc.record({ kind: fc.constant(kind), entry: entryFor(kind), difficulty, wish }));
  const act = fc.record({ kind: fc.constant('forbidden'), entry: entryFor('forbidden'), difficulty });
  const clauses = words.clauses.map(({ id }) => id);
  const forbidden = fc.oneof(
    fc.record({ forbidden: fc.constantFrom('no', 'unsettled') }),
    ...(clauses.length > 0 ? [fc.record({ forbidden: fc.constant('yes'), clause: fc.constantFrom(...clauses) })] : []),
  );
  const faulty = fc.constantFrom('fault', 'not-at-all');
  const unfaulty = fc.constantFrom('met', 'cannot-tell');
  return forbidden.chain((first) => {
    const acts = first.forbidden === 'yes' ? act.map((one) => [one]) : fc.constant([]);
    const most = first.forbidden === 'yes' ? 2 : 3;
    const rest = fc.oneof(
      fc.record({ intent: faulty, others: fc.array(fault, { minLength: 1, maxLength: most }) }),
      fc.record({ intent: unfaulty, others: fc.constant([]) }),
    );
    return fc.tuple(acts, rest).map(([forbiddenActs, { intent, others }]) => ({
      ...first,
      intent,
      faults: [...forbiddenActs, ...others],
    }));
  });
}

/** The keys of somebody who has these answers in mind. */
function stepsTo(form: FormDescription, answers: Answers): Step[] {
  const steps: Step[] = [];
  for (;;) {
    const asking = ask(form, steps);
    if (asking.done) return steps;
    const fault = asking.answered.filter(({ question }) => question.field === 'wish').length;
    steps.push(stepTo(asking.question, wanted(answers, asking.question, fault)));
  }
}

/** @param fault how many faults that are no forbidden act have been told in full. */
function wanted(answers: Answers, { field, about }: Asked, fault: number): string | null {
  const forbidden = 'forbidden' in answers && answers.forbidden === 'yes' ? 1 : 0;
  const faults = 'faults' in answers ? answers.faults : [];
  if (field === 'another') return faults.length > fault + forbidden ? 'yes' : 'no';
  const source = about === null ? answers : faults[about === 'the forbidden act' ? 0 : fault + forbidden];
  const value: unknown = new Map<string, unknown>(Object.entries(source ?? {})).get(field);
  return typeof value === 'string' ? value : null;
}

function stepTo(question: Asked, value: string | null): Step {
  const choice = question.choices.find((one) => one.value === value);
  if (choice) return { key: choice.key };
  if (question.free && value !== null) return { text: value };
  throw new Error(`${question.field} does not offer ${value}`);
}
