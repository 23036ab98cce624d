import { type Problem, ProblemsError } from '../../domain/problems';
import { specFromText } from '../../scripts/intake/spec';

const ENDPOINT = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const SMALL = 'prompts: prompts.jsonl\nmodels: [small]\n';

const read = (text: string) => specFromText(text, 'round.yaml', { env: ENDPOINT });

function problemsOf(text: string): readonly Problem[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('variants are every combination of what is tried', () => {
  const { frozen } = read(
    `${SMALL}variants:\n  templates:\n    plain: "{{prompt}}"\n    asked: "Q: {{ prompt }} ({{subject}})\\nA:"\n  temperature: [0, 0.7]\ncompletions_per_prompt: 3\n`,
  );
  expect(frozen.variants).toEqual([
    { id: 'plain,temperature=0', template: '{{prompt}}', temperature: 0 },
    { id: 'plain,temperature=0.7', template: '{{prompt}}', temperature: 0.7 },
    { id: 'asked,temperature=0', template: 'Q: {{ prompt }} ({{subject}})\nA:', temperature: 0 },
    { id: 'asked,temperature=0.7', template: 'Q: {{ prompt }} ({{subject}})\nA:', temperature: 0.7 },
  ]);
  expect(frozen.completionsPerPrompt).toBe(3);
});

test('a base model, its stops and the fields of its endpoint are frozen with the round', () => {
  const text =
    'prompts: p\nmodels:\n  - name: base\n    api: completions\n    stop: "\\n\\n"\n    body: { repetition_penalty: 1.1 }\n';
  expect(read(text).frozen.models).toMatchObject([
    { api: 'completions', stop: ['\n\n'], body: { repetition_penalty: 1.1 } },
  ]);
});

test.each([
  ['a template without the prompt', 'templates: { a: "x {{question}}" }', 'variants.templates.a', 'has no {{prompt}}'],
  ['a place that does not end', 'templates: { a: "{{prompt}} {{x}" }', 'variants.templates.a', 'has {{ without }}'],
  ['a value that stands twice', 'temperature: [0, 0.7, 0]', 'variants.temperature[2]', 'stands here twice'],
  ['a text that stands twice', 'system: [a, a]', 'variants.system[1]', 'stands here twice'],
  [
    'too many of them',
    `max_tokens: [${manyOf(12)}]\n  top_p: [${manyOf(10, 0.1)}]`,
    'variants',
    'these are 120 variants',
  ],
])('%s is refused, with the place of it', (_, axes, field, message) => {
  const text = `${SMALL}variants:\n  ${axes}\n`;
  expect(problemsOf(text)).toEqual([
    expect.objectContaining({
      at: expect.stringMatching(/^round\.yaml:\d+:\d+ /),
      message: expect.stringContaining(message),
    }),
  ]);
  expect(problemsOf(text)[0]?.at?.split(' ')[1]).toBe(field);
});

test('what is escaped is no place', () => {
  expect(read(`${SMALL}variants: { templates: { a: '\\{{x {{prompt}}' } }\n`).frozen.variants).toHaveLength(1);
});

test.each(['variants: { temperature: [0, 1] }', 'completions_per_prompt: 2'])(
  'completions that are given cannot be asked for again: %s',
  (setting) => {
    const text = `prompts: p\nmodels: [a, { name: b, completions: given }]\n${setting}\n`;
    expect(problemsOf(text)).toEqual([expect.objectContaining({ message: expect.stringContaining('are given') })]);
    expect(read(text.replace(setting, '')).frozen.models[1]?.accountId).toBeNull();
  },
);

test.each(['messages: []', 'prompt: x', 'stream: true', 'n: 2', 'echo: true'])(
  'what the round itself says to an endpoint is no added field: %s',
  (field) => {
    const text = `prompts: p\nmodels: [{ name: a, body: { ${field} } }]\n`;
    expect(problemsOf(text)).toMatchObject([{ message: expect.stringContaining('none of them model, messages') }]);
  },
);

function manyOf(n: number, unit = 1): string {
  return Array.from({ length: n }, (_, i) => ((i + 1) * unit).toFixed(unit === 1 ? 0 : 1)).join(', ');
}
