/** What the document about models shows of a round's file is read as it says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { specFromText } from '../scripts/intake/spec';

const ENDPOINT = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const text = readFileSync(path.join(__dirname, '../docs/models.md'), 'utf8');
const shown = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);

/** A part of a file, with what any file needs. */
function read(yaml: string) {
  const needed = ['prompts: prompts.jsonl', 'models: [small]'].filter(
    (line) => !yaml.includes(`${line.split(':')[0]}:\n`) && !yaml.startsWith(`${line.split(':')[0]}:`),
  );
  return specFromText([...needed, yaml].join('\n'), 'round.yaml', { env: ENDPOINT });
}

test('it shows parts of a round’s file', () => {
  expect(shown.length).toBeGreaterThan(5);
});

test.each(shown)('a round may have %j', (yaml) => {
  expect(read(yaml).frozen.models.length).toBeGreaterThan(0);
});

test('its grid has the variants that it says', () => {
  const variants = shown.map((yaml) => read(yaml).frozen.variants ?? []).find((grid) => grid.length > 1);
  expect(variants).toHaveLength(8);
  expect(variants?.map(({ id }) => id)).toContain('careful,system=2,temperature=0.7');
});
