import fc from 'fast-check';
import {
  describeForm,
  FAULT_KINDS,
  FORMS,
  type FormDescription,
  type MisalignmentAnswers,
  NO_WORDS,
  readAnswers,
  type Vocabulary,
} from '../../domain/forms';
import { wordsOfForm } from '../../domain/forms/asking';
import { type Act, answer, type Judging } from '../../simulation/people/answer';
import { PROFILE_NAMES, PROFILES, type Profile } from '../../simulation/people/profiles';
import { decide } from '../../simulation/people/ruling';
import { CLEAN, type Truth } from '../../simulation/people/truth';
import { validAnswers, WORDS } from '../domain/misalignmentAnswers';

const id = fc.stringMatching(/^[a-z][a-z-]{0,8}$/);
/** Manuals with and without clauses, with none and with many entries, among them those that the truth cites. */
const words: fc.Arbitrary<Vocabulary> = fc.oneof(
  fc.constantFrom(WORDS, NO_WORDS),
  fc.record({
    clauses: fc.uniqueArray(fc.record({ id, title: fc.string() }), { selector: (one) => one.id, maxLength: 4 }),
    entries: fc.uniqueArray(fc.record({ id, title: fc.string(), kinds: fc.subarray([...FAULT_KINDS]) }), {
      selector: (one) => one.id,
      maxLength: 45,
    }),
  }),
);
const truths: fc.Arbitrary<Truth> = fc.record({ answers: validAnswers, avoidable: fc.boolean() });
const items = fc.record({
  messages: fc.array(fc.record({ role: fc.constantFrom('system', 'user'), content: fc.string() })),
  completion: fc.string(),
});
const served = (form: FormDescription): FormDescription => JSON.parse(JSON.stringify(form));
const judgings = fc.record({
  seed: fc.string(),
  labeller: fc.string(),
  profile: fc.constantFrom(...PROFILE_NAMES).map((name): Profile => PROFILES[name]),
  item: items,
  form: fc.tuple(fc.constantFrom(...FORMS), words).map(([form, cited]) => served(describeForm(form, cited))),
});

const MANUAL = served(describeForm('obvious-misalignment', WORDS));
const VERDICT = describeForm('verdict');
const PERFECT: Profile = {
  looks: true,
  rates: { miss: 0, falseAlarm: 0, misname: 0, misjudge: 0, unsure: 0, cantJudge: 0 },
  seconds: 1,
};
const FAULTY: MisalignmentAnswers = {
  forbidden: 'no',
  intent: 'fault',
  faults: [{ kind: 'confident-error', entry: 'facts', difficulty: 'ordinary', wish: 'plain' }],
};
const FORBIDDEN: MisalignmentAnswers = {
  forbidden: 'yes',
  clause: 'no-weapons',
  intent: 'met',
  faults: [{ kind: 'forbidden', entry: 'declines', difficulty: 'ordinary' }],
};
const judging = (more: Partial<Judging> = {}): Judging => ({
  seed: '7',
  labeller: 'Ada',
  profile: PERFECT,
  item: { messages: [{ role: 'user', content: 'Hello' }], completion: 'Hi' },
  form: MANUAL,
  ...more,
});
const given = (act: Act) => (act.kind === 'label' ? act.answers : act.code);

test('whoever labels, by whatever manual and whatever is true, gives answers that are valid', () => {
  fc.assert(
    fc.property(judgings, fc.option(truths), (asked, truth) => {
      const act = answer(asked, truth);
      expect(act.seconds).toBeGreaterThanOrEqual(0);
      if (act.kind === 'skip') return;
      expect(readAnswers(asked.form.name, act.answers, wordsOfForm(asked.form))).toEqual(act.answers);
    }),
    { numRuns: 1_000 },
  );
});

test('the same labeller says the same of the same item, whatever else they label and however it was sent', () => {
  fc.assert(
    fc.property(judgings, truths, (asked, truth) => {
      const first = answer(asked, truth);
      const { messages, completion } = asked.item;
      answer({ ...asked, item: { messages, completion: `${completion}!` } }, truth);
      const turned = messages.map(({ role, content }) => ({ content, role }));
      expect(answer({ ...asked, item: { completion, messages: turned } }, structuredClone(truth))).toEqual(first);
    }),
  );
});

test('who never errs says what is true, in the words of the manual at hand', () => {
  const inWords = (answers: MisalignmentAnswers, form = MANUAL, avoidable = true) =>
    given(answer(judging({ form }), { answers, avoidable }));
  for (const answers of [CLEAN, FAULTY, FORBIDDEN]) expect(inWords(answers)).toEqual(answers);
  const other: Vocabulary = {
    clauses: [{ id: 'no-harm', title: 'No harm' }],
    entries: [{ id: 'facts', title: 'Facts', kinds: ['low-quality'] }],
  };
  const elsewhere = describeForm('obvious-misalignment', other);
  expect(inWords(FAULTY, elsewhere)).toMatchObject({ faults: [{ kind: 'confident-error', entry: null }] });
  expect(inWords(FORBIDDEN, elsewhere)).toMatchObject({ clause: 'no-harm', faults: [{ entry: null }] });
  const nothing = describeForm('obvious-misalignment', NO_WORDS);
  expect(inWords(FORBIDDEN, nothing)).toEqual({ forbidden: 'unsettled', intent: 'met', faults: [] });

  expect(inWords(FAULTY, VERDICT)).toEqual({ verdict: 'misaligned', reason: 'confident-error' });
  expect(inWords(FAULTY, VERDICT, false)).toEqual({ verdict: 'ambiguous', reason: 'confident-error' });
  expect(inWords(CLEAN, VERDICT, false)).toEqual({ verdict: 'aligned' });
  const unclear: MisalignmentAnswers = { ...CLEAN, intent: 'cannot-tell' };
  expect(inWords(unclear)).toEqual(unclear);
  expect(inWords(unclear, VERDICT, false)).toEqual({ verdict: 'ambiguous', reason: 'intent-unclear' });
});

/** What one labeller makes of many items of which the same is true. */
function many(profile: Profile, answers: MisalignmentAnswers, form = MANUAL): Act[] {
  return Array.from({ length: 4_000 }, (_, i) => {
    const item = { messages: [], completion: `answer ${i}` };
    return answer(judging({ profile, item, form }), { answers, avoidable: true });
  });
}
const labelsOf = (acts: readonly Act[]) => acts.flatMap((act) => (act.kind === 'label' ? [act] : []));
const faultsOf = (act: Act) => (act.kind === 'label' && 'faults' in act.answers ? act.answers.faults : []);
const verdictOf = (act: Act) => (act.kind === 'label' && 'verdict' in act.answers ? act.answers.verdict : null);
function shareOf<T>(things: readonly T[], holds: (thing: T) => boolean): number {
  return things.filter(holds).length / things.length;
}
const LOOKING = PROFILE_NAMES.filter((name) => PROFILES[name].looks);

test.each(LOOKING)('somebody %s goes wrong as often as the profile says', (name) => {
  const profile = PROFILES[name];
  if (!profile.looks) throw new Error('does not look');
  const { miss, falseAlarm, misname, misjudge, unsure, cantJudge } = profile.rates;
  const faulty = many(profile, FAULTY);
  const labels = labelsOf(faulty);
  const faults = labels.flatMap(faultsOf);
  const clean = labelsOf(many(profile, CLEAN));
  const verdicts = labelsOf(many(profile, FAULTY, VERDICT));
  const shares: [string, share: number, rate: number][] = [
    ['skipped', shareOf(faulty, ({ kind }) => kind === 'skip'), cantJudge],
    ['unsure', shareOf(labels, (label) => label.unsure), unsure],
    ['missed', shareOf(labels, (label) => faultsOf(label).length === 0), miss],
    ['misnamed', shareOf(faults, ({ kind, entry }) => kind !== 'confident-error' || entry !== 'facts'), misname],
    ['misjudged', shareOf(faults, ({ difficulty }) => difficulty !== 'ordinary'), misjudge],
    ['false alarms', shareOf(clean, (label) => faultsOf(label).length > 0), falseAlarm],
    ['missed by verdict', shareOf(verdicts, (label) => verdictOf(label) === 'aligned'), miss],
    ['misjudged by verdict', shareOf(verdicts, (label) => verdictOf(label) === 'ambiguous'), misjudge * (1 - miss)],
  ];
  expect(shares.filter(([, share, rate]) => Math.abs(share - rate) > 0.02)).toEqual([]);
});

test('who spams needs no truth: one always finds nothing, one presses any key', () => {
  const gives = (name: (typeof PROFILE_NAMES)[number], form: FormDescription) =>
    many(PROFILES[name], FAULTY, form).map((act, i) => {
      const item = { messages: [], completion: `answer ${i}` };
      expect(answer(judging({ profile: PROFILES[name], item, form }), null)).toEqual(act);
      return JSON.stringify(given(act));
    });
  expect(new Set(gives('spammer-clean', MANUAL))).toEqual(new Set([JSON.stringify(CLEAN)]));
  expect(new Set(gives('spammer-clean', VERDICT))).toEqual(new Set(['{"verdict":"aligned"}']));
  expect(new Set(gives('spammer-random', VERDICT)).size).toBe(3);
  const any = gives('spammer-random', MANUAL).join('\n');
  for (const kind of FAULT_KINDS) expect(any).toContain(`"${kind}"`);
});

test('of a text that nobody knows a labeller says so', () => {
  expect(answer(judging(), null)).toMatchObject({ kind: 'skip', code: 'beyond-my-knowledge' });
});

test('the researcher says what is true and why, but for one time in a hundred, and always validly', () => {
  fc.assert(
    fc.property(judgings, truths, ({ seed, item, form }, truth) => {
      const ruling = decide({ seed, researcher: 'Rosa', item, form }, truth);
      expect(readAnswers(form.name, ruling.answers, wordsOfForm(form))).toEqual(ruling.answers);
      expect(ruling.why).toMatch(/^[A-Z].*\.$/s);
      expect(decide({ seed, researcher: 'Rosa', item, form }, truth)).toEqual(ruling);
    }),
    { numRuns: 500 },
  );
  const rulings = Array.from({ length: 4_000 }, (_, i) => {
    const item = { messages: [], completion: `answer ${i}` };
    return decide({ seed: '7', researcher: 'Rosa', item, form: MANUAL }, { answers: FAULTY, avoidable: true });
  });
  const right = rulings.filter(({ answers }) => 'faults' in answers && answers.faults.length > 0);
  expect(right[0]?.why).toBe('It states as certain what is wrong (Common facts).');
  expect(right.length / rulings.length).toBeGreaterThan(0.98);
  expect(right.length / rulings.length).toBeLessThan(0.995);
});
