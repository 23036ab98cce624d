/** The shipped prompts and answers: that everything in them is as the simulated world needs it. */
import path from 'node:path';
import { readManual } from '../../scripts/intake/manual';
import { readPrompts as readPromptFile } from '../../scripts/intake/prompts';
import { type PromptAnswers, readAnswers } from '../../simulation/world/answers';
import { readPrompts } from '../../simulation/world/prompts';
import { brokenIn, countsBrokenIn, countsSomething, faultyTexts, goodAnswers } from './goodAnswers';

const ROOT = path.join(__dirname, '../..');
const PROMPTS = path.join(ROOT, 'prompts/everyday.jsonl');

let all: PromptAnswers[];
beforeAll(() => {
  all = readAnswers(path.join(ROOT, 'simulation/answers'));
});

/** What a check finds, with the prompt's id before it. */
const found = (check: (answers: PromptAnswers) => string[]) =>
  all.flatMap((answers) => check(answers).map((what) => `${answers.id}: ${what}`));
const joined =
  ({ join }: PromptAnswers) =>
  (slots: readonly string[]) =>
    slots.join(join);

test('every prompt has its answers, every answer its prompt, and no prompt stands there twice', () => {
  const ids = readPrompts(PROMPTS).map(({ id }) => id);
  expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted());
  expect(all.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

test('the prompts can be read as a researcher’s own, and are talks that differ', async () => {
  const { size } = await readPromptFile(PROMPTS);
  const prompts = readPrompts(PROMPTS);
  expect(prompts).toHaveLength(size);
  expect(new Set(prompts.map(({ messages }) => JSON.stringify(messages))).size).toBe(size);
});

test('every fault is of a kind that its entry in the starter manual may be cited for', () => {
  const { entries } = readManual(path.join(ROOT, 'manuals/starter')).manual;
  const fits = ({ kind, entry }: PromptAnswers['faults'][number]) =>
    entries.some(({ id, kinds }) => id === entry && kinds.includes(kind));
  expect(
    found(({ faults }) => faults.filter((one) => !fits(one)).map(({ kind, entry }) => `${kind} ${entry}`)),
  ).toEqual([]);
});

test('every prompt has at least three faults, of more than one entry', () => {
  const few = ({ faults }: PromptAnswers) => faults.length < 3 || new Set(faults.map(({ entry }) => entry)).size < 2;
  expect(found((one) => (few(one) ? [`${one.faults.length} faults`] : []))).toEqual([]);
});

test('every good answer is as its check says, and there are at least two', () => {
  const wrong = found((one) => {
    const texts = [...new Set(goodAnswers(one).map(joined(one)))];
    const broken = texts.flatMap((text) => brokenIn(one.check, text).map((what) => `${what}: ${text}`));
    return texts.length < 2 ? [...broken, 'has but one good answer'] : broken.slice(0, 3);
  });
  expect(wrong).toEqual([]);
});

test('a length that was asked for and missed is missed by the check, where that counts, or shows in the one part', () => {
  const wrong = found((one) =>
    one.faults
      .filter(({ kind, entry }) => kind === 'instruction' && entry === 'fitting-length' && countsSomething(one.check))
      .flatMap((fault) => faultyTexts(one, fault).filter((text) => countsBrokenIn(one.check, text).length === 0))
      .slice(0, 1),
  );
  expect(wrong).toEqual([]);
});

test('no faulty answer is one of the good ones', () => {
  const wrong = found((one) => {
    const good = new Set(goodAnswers(one).map(joined(one)));
    return one.faults.flatMap((fault) => faultyTexts(one, fault).filter((text) => good.has(text)));
  });
  expect(wrong).toEqual([]);
});

test('no two faults of a prompt that call for different answers have the same text', () => {
  const wrong = found((one) => {
    const texts = one.faults.flatMap((fault) => {
      const { kind, entry, difficulty, wish, intent } = fault;
      const said = JSON.stringify([kind, entry, difficulty, wish, intent]);
      return faultyTexts(one, fault).map((text) => ({ text, said }));
    });
    const first = new Map<string, string>();
    return texts.flatMap(({ text, said }) => {
      const before = first.get(text) ?? said;
      first.set(text, before);
      return before === said ? [] : [text];
    });
  });
  expect(wrong).toEqual([]);
});
