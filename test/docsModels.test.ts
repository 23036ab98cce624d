/** What the document about models shows of a round's file is read as it says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FAILURES_TO_PARK, parkedForMs } from '../domain/limits';
import { longestAnswer } from '../domain/spec';
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

test('a budget reads the limit that its newer model is given, and headers that it shows are read', () => {
  const [thinker] = shown.flatMap((yaml) => read(yaml).frozen.models.filter(({ id }) => id === 'thinker'));
  expect(thinker && longestAnswer(thinker)).toBe(4_000);
  const [ours] = shown.flatMap((yaml) =>
    read(yaml).accounts.filter(({ keyVariable }) => keyVariable === 'OUR_API_KEY'),
  );
  expect(ours?.headers).toEqual({ 'X-Project': 'evaluation', 'X-Gateway-Token': { env: 'GATEWAY_TOKEN' } });
});

test('models are parked after as many failures, and looked at as often, as it says', () => {
  const said = text.replace(/\s+/g, ' ');
  expect(said).toContain(`fails ${FAILURES_TO_PARK} times in a row`);
  const looks = [0, 1, 100].map((more) => parkedForMs(FAILURES_TO_PARK + more) / 1_000);
  expect(looks).toEqual([10, 20, 600]);
  expect(said).toContain('after 10 seconds, the next after 20, then ever more rarely, up to every 10 minutes');
});
