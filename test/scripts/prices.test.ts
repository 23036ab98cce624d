import { ProblemsError } from '../../domain/problems';
import { specFromText } from '../../scripts/intake/spec';

const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const SPEC = 'prompts: p.jsonl\nmodels: [{name: small, model: gpt-4o-mini}, large]\n';

function refusalOf(text: string) {
  try {
    specFromText(text, 'round.yaml', { env });
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('prices are of the spec’s models, by the names that it gives them', () => {
  const { settings } = specFromText(
    `${SPEC}prices:\n  small: {input: 0.15, output: 0.6}\n  large: {call: 1}\n`,
    'r.yaml',
    { env },
  );
  expect(settings.prices).toEqual({
    small: { input: 0.15, output: 0.6, call: 0 },
    large: { input: 0, output: 0, call: 1 },
  });
});

test('a price of another model is refused, with its place and the one that was meant', () => {
  expect(refusalOf(`${SPEC}prices:\n  smal: {input: 1}\n`)).toEqual([
    {
      kind: 'spec',
      message: 'there is no model smal in this file',
      hint: 'did you mean small?',
      at: expect.stringContaining('round.yaml:4:'),
    },
  ]);
  expect(refusalOf(`${SPEC}prices: {gpt-4o-mini: {input: 1}}\n`)).toMatchObject([{ hint: 'there is: small, large' }]);
});

test('other faults of the spec are told with it', () => {
  expect(refusalOf(`${SPEC}overlap: 0\nprices: {other: {input: -1}}\n`)).toHaveLength(3);
});
