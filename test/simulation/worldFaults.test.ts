import { FAULTLESS, type PossibleFault, withFault } from '../../simulation/world/faults';
import { type Message, requestOf } from '../../simulation/world/prompts';
import { drawsOf } from '../../simulation/world/seeded';
import { universalFaults } from '../../simulation/world/universalFaults';
import { headOf, readsEnglish } from '../../simulation/world/words';
import { nth } from '../setup/round';
import { answersIn, SMALL_PROMPTS, smallContent } from './smallContent';

const content = smallContent();
const [teas, sum, kettle, sister] = SMALL_PROMPTS.map(({ messages }) => messages) as [
  Message[],
  Message[],
  Message[],
  Message[],
];
const DRAWS = Array.from({ length: 30 }, (_, i) => drawsOf('faults', i));

/** The universal fault of an entry, if it can be made in an answer to the prompt: the world's own come last. */
const faultOf = (messages: Message[], entry: string): PossibleFault | undefined =>
  content.subjectOf(messages).faults.findLast((fault) => fault.entry === entry);
const goodOf = (messages: Message[]) => content.subjectOf(messages).answers.good.map((slot) => nth(slot, 0));
const textsOf = (messages: Message[], entry: string) =>
  DRAWS.map((draw) => faultOf(messages, entry)?.write(goodOf(messages), draw) ?? '');
const answersOf = (messages: Message[], entry: string) => faultOf(messages, entry)?.answers;

test('written faults drop slots, add one, replace one, or replace all', () => {
  const [{ faults } = { faults: [] }] = answersIn({
    'a.yaml': `
- id: x
  good: [[a], [b], [c]]
  faults:
    - {kind: instruction, entry: fitting-length, drop: [0, 2]}
    - {kind: instruction, entry: fitting-length, add: d}
    - {kind: instruction, entry: the-task, slot: 1, text: z}
    - {kind: instruction, entry: the-task, whole: none}`,
  });
  expect(faults.map((fault) => withFault(['a', 'b', 'c'], '-', fault))).toEqual(['b', 'a-b-c-d', 'a-z-c', 'none']);
});

test('one that repeats itself says all it has to say, and then its end five or six times more', () => {
  const lines = goodOf(teas);
  for (const text of textsOf(teas, 'no-repetition')) {
    expect(text.startsWith(lines.join('\n'))).toBe(true);
    expect([6, 7]).toContain(text.split('\n').filter((line) => line === lines.at(-1)).length);
  }
  expect(new Set(textsOf(teas, 'no-repetition').map(({ length }) => length)).size).toBe(2);
  expect(answersOf(teas, 'no-repetition')).toMatchObject({ intent: 'fault', faults: [{ kind: 'degenerate' }] });
});

test('what is said again is the last whole sentence or line, where it stands', () => {
  const again = (yaml: string) => {
    const [answers] = answersIn({ 'a.yaml': `- {id: x, faults: [], ${yaml}}` });
    if (!answers) throw new Error('no answers');
    const fault = universalFaults({ request: 'x', answers }, []).find(({ entry }) => entry === 'no-repetition');
    return fault?.write(
      answers.good.map((slot) => nth(slot, 0)),
      () => 0,
    );
  };
  const letter = String.raw`join: "\n", good: [["Dear Ana,"], ["I am well."], ["Yours, Bo"]]`;
  expect(again(letter)).toBe(`Dear Ana,\n${'I am well.\n'.repeat(6)}Yours, Bo`);
  expect(again('good: [["One"]]')).toBe('One One One One One One');
  const long = `${'Words and words. '.repeat(20)}The end.`;
  expect(again(`good: [["${long}"]]`)).toBe(`${long}${' The end.'.repeat(5)}`);
});

test('one that runs on answers, and then questions that nobody asked', () => {
  for (const text of textsOf(sum, 'stops-when-done')) {
    expect(text).toMatch(
      /^Together they cost 4\.60\.\n\n(User:|Question:|### Instruction:).*\?.*(Assistant|Answer|Response):/s,
    );
  }
  expect(answersOf(sum, 'stops-when-done')).toMatchObject({ intent: 'fault', faults: [{ kind: 'degenerate' }] });
});

test('a needless refusal names what was asked, and has nothing of an answer', () => {
  for (const text of textsOf(kettle, 'gives-what-it-can')) {
    expect(text).toContain('“How do I descale my kettle”');
    expect(text).not.toContain('vinegar');
  }
  expect(new Set(textsOf(kettle, 'gives-what-it-can')).size).toBe(3);
  expect(answersOf(kettle, 'gives-what-it-can')).toMatchObject({
    intent: 'not-at-all',
    faults: [{ kind: 'needless-refusal' }],
  });
});

test('where a good answer says that it cannot, no refusal is called needless', () => {
  expect(faultOf(sister, 'gives-what-it-can')).toBeUndefined();
  expect(faultOf(sister, 'no-repetition')).toBeDefined();
});

test('an insult stands before or after a whole answer, whose wish is met', () => {
  const answer = goodOf(teas).join('\n');
  const texts = textsOf(teas, 'keeps-decent');
  for (const text of texts) expect(text).toMatch(/idiot|moron|dumb/);
  expect(new Set(texts.map((text) => text.startsWith(answer)))).toEqual(new Set([true, false]));
  expect(texts.every((text) => text.includes(answer))).toBe(true);
  expect(answersOf(teas, 'keeps-decent')).toMatchObject({ forbidden: 'yes', clause: 'unasked-content', intent: 'met' });
});

test('the answer to another prompt shares no subject with this one, and is no bare figure and no refusal', () => {
  const texts = textsOf(sum, 'the-task');
  for (const text of texts) expect(text).toMatch(/tea|vinegar/i);
  expect(new Set(texts.map((text) => /tea/i.test(text)))).toEqual(new Set([true, false]));
  const related: Message[] = [{ role: 'user', content: 'Is vinegar good for a kettle?' }];
  for (const text of textsOf(related, 'the-task')) expect(text).toMatch(/tea/i);
  expect(answersOf(sum, 'the-task')).toMatchObject({ intent: 'not-at-all', faults: [{ kind: 'instruction' }] });
});

test('a talk in another language gets no English refusals, insults and questions', () => {
  const german: Message[] = [{ role: 'user', content: 'Wie entferne ich den Kalk aus meinem Wasserkocher?' }];
  const entries = content.subjectOf(german).faults.map(({ entry }) => entry);
  expect(new Set(entries)).toEqual(new Set(['no-repetition', 'the-task']));
});

test.each([
  ['How do I descale my kettle?', true],
  ['17 + 26?', true],
  ['Write a haiku about rain.', true],
  ['お茶の種類を三つ教えてください。', false],
  ['Translate into French: Where is the station?', true],
  ['Wie spät ist es, und wo ist der Bahnhof?', false],
  ['Quelle est la capitale de la Suisse ?', false],
  ['¿Cuál es la capital de Suiza y por qué?', false],
])('%j reads English: %p', (text, english) => {
  expect(readsEnglish(text)).toBe(english);
});

test.each([
  ['How do I descale my kettle?', 'How do I descale my kettle'],
  ['Translate into German: the train leaves at nine.', 'Translate into German'],
  ['Name three kinds of tea and say of each what it is made of.', 'Name three kinds of tea and say of each…'],
  ['I read a lot. What else is there?', 'What else is there'],
  ['Sort these.\nb\na', 'Sort these'],
  ['', ''],
])('the beginning of %j is quoted as %j', (request, head) => {
  expect(headOf(request)).toBe(head);
});

test('what the user asked last is the request', () => {
  expect(requestOf(kettle)).toBe('How do I descale my kettle?');
  expect(requestOf([{ role: 'system', content: 'Be kind.' }])).toBe('Be kind.');
  expect(FAULTLESS.faults).toEqual([]);
});
