import type { NewPrompt } from '../../domain/prompts';
import type { PromptFile } from '../../scripts/intake/promptFile';
import { SeenTexts } from '../../scripts/intake/promptIds';
import { DuplicateSearch } from '../../scripts/prompts/duplicates';
import { Likeness } from '../../scripts/prompts/likeness';
import { wordsIn } from '../../scripts/prompts/words';

const file: PromptFile = { path: 'p', shown: 'p.jsonl', label: 'p', format: 'lines', gzip: false, tabs: false };

function search(prompts: readonly (string | Partial<NewPrompt>)[], most?: number) {
  const duplicates = new DuplicateSearch(most);
  prompts.forEach((given, position) => {
    const content = typeof given === 'string' ? given : 'the same prompt';
    const prompt = { externalId: String(position), requirements: [], position };
    const more = typeof given === 'string' ? {} : given;
    duplicates.add({ ...prompt, messages: [{ role: 'user', content }], ...more }, file, position + 1);
  });
  return duplicates.result();
}

/** From a fixed start: words of a language of its own. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function jaccard(one: readonly string[], other: readonly string[]): number {
  const pairsOf = (words: readonly string[]) => new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`));
  const [a, b] = [pairsOf(one), pairsOf(other)];
  const common = [...a].filter((pair) => b.has(pair)).length;
  return common / (a.size + b.size - common);
}

test('prompts that are word for word the same are counted, with the first pairs by their lines', () => {
  expect(search(['a b c', 'x y z', 'a b c', 'a b c'])).toEqual({
    exact: 2,
    near: 0,
    pairs: [
      { kind: 'exact', at: 'p.jsonl:3', of: 'p.jsonl:1' },
      { kind: 'exact', at: 'p.jsonl:4', of: 'p.jsonl:1' },
    ],
    compared: 2,
    capped: false,
  });
});

test('case, punctuation, white space and the form of characters set nothing apart', () => {
  const { exact, near } = search([
    'Why is the sky blue?',
    'why is the sky  blue',
    'Ｗhy, is\nthe SKY blue!',
    'Why is the sea blue?',
  ]);
  expect({ exact, near }).toEqual({ exact: 0, near: 2 });
  expect(search(['???', '!!!', '??? ']).near).toBe(1);
});

test('the same prompt with another completion is another one', () => {
  const { exact, near } = search([
    { completion: 'It is blue.' },
    { completion: 'No idea at all.' },
    { completion: 'No idea at all.' },
  ]);
  expect({ exact, near }).toEqual({ exact: 1, near: 0 });
});

test('beyond the largest number that is compared only equal words are found', () => {
  const long = 'one two three four five six seven eight nine ten eleven twelve';
  expect(search(['a b', long, `${long} and`], 3)).toMatchObject({ near: 1, compared: 3, capped: false });
  expect(search(['a b', long, `${long} and`, 'A, b'], 2)).toMatchObject({ near: 1, compared: 2, capped: true });
});

test('texts that are alike are found as their exact likeness says, and none that are not', () => {
  const next = random(7);
  const word = () => `w${Math.floor(next() * 3_000)}`;
  const texts: string[][] = [];
  for (let i = 0; i < 150; i += 1) {
    const base = Array.from({ length: 10 + Math.floor(next() * 60) }, word);
    const changed = Math.floor(next() * base.length * (i % 2 === 0 ? 0.08 : 0.4));
    const other = [...base];
    for (let c = 0; c < changed; c += 1) other[Math.floor(next() * other.length)] = word();
    texts.push(base, other);
  }
  const likeness = new Likeness();
  for (const words of texts) likeness.add(words);
  const found = new Map(likeness.pairs());
  const exact = texts.flatMap((words, i) => (i % 2 === 0 ? [] : [{ i, is: jaccard(texts[i - 1] ?? [], words) }]));
  const sure = exact.filter(({ is }) => is >= 0.92);
  const unlike = exact.filter(({ is }) => is <= 0.65);
  expect(sure.length).toBeGreaterThan(15);
  expect(unlike.length).toBeGreaterThan(40);
  expect(sure.filter(({ i }) => found.get(i) !== i - 1)).toEqual([]);
  expect(unlike.filter(({ i }) => found.has(i))).toEqual([]);
  const errors = exact.map(({ i, is }) => Math.abs(likeness.likeness(i, i - 1) - is));
  expect(Math.max(...errors)).toBeLessThan(0.2);
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.05);
  expect([...found].filter(([text, earlier]) => jaccard(texts[text] ?? [], texts[earlier] ?? []) < 0.65)).toEqual([]);
});

test('a text is its words in any script', () => {
  expect(wordsIn('Ça va, “naïve” 3.5?')).toEqual(['ça', 'va', 'naïve', '3', '5']);
  expect(wordsIn('天空为什么')).toEqual(['天', '空', '为', '什', '么']);
  expect(wordsIn('')).toEqual(['']);
});

test('texts are known again among many, whatever has been added since', () => {
  const seen = new SeenTexts();
  for (let i = 0; i < 20_000; i += 1) expect(seen.add(`id ${i}`, i)).toBeUndefined();
  for (let i = 0; i < 20_000; i += 97) expect(seen.add(`id ${i}`, 0)).toBe(i);
  expect(seen.size).toBe(20_000);
});
