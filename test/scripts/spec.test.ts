import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { type Problem, ProblemsError } from '../../domain/problems';
import { type RoundSpec, readSpec, type SpecOptions, specFromText } from '../../scripts/intake/spec';

const ENDPOINT = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };
const SMALL = 'prompts: prompts.jsonl\nmodels: [small]\n';

const WHOLE = `
name: Whole
prompts: { file: p.jsonl, sample: 50, purpose: develop }
models:
  - small
  - name: large
    model: vendor/large-1
    account: other
    system: Be brief.
    temperature: 0.7
    top_p: 0.9
    max_tokens: 512
    seed: 3
    family: large
    parameters: 7e9
    training_compute: 1e23
    regime: rlhf
    released: 2026-03
accounts:
  default: { concurrency: 300 }
  other: { base_url: "https://api.example.com/v1/", key_env: OTHER_KEY, concurrency: 100, simulated: true }
form: verdict
manual: starter@1
capability: starter@2
overlap: 5
rule: unanimity
contest_on_conflict: false
one_per_prompt: false
confidence: 0.9
guarantee: { below: 0.02, confidence: 0.99 }
deadline: { after: 7d, unresolved: majority-so-far }
labellers: { groups: [doctors, nurses] }
lease: 45m
generation: { max_tries: 3, timeout: 60s, retry_delay: 500ms }
seed: 11
tuning: { shard_size: 100, chunk_size: 10, sweep: 5s, heartbeat: 10s, history_events: 500, retry_cap: 1m }
`;

function read(text: string, options: SpecOptions = {}): RoundSpec {
  return specFromText(text, 'round.yaml', { env: ENDPOINT, ...options });
}

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
  throw new Error('nothing was refused');
}

const told = (run: () => unknown) => problemsOf(run).map(({ at, message }) => `${at}: ${message}`);

describe('a spec with only prompts and models', () => {
  const spec = read(SMALL);

  test('has every other setting by default', () => {
    expect(spec.judged).toEqual({ form: null, manual: null, capability: null });
    expect(spec.frozen).toMatchObject({
      name: 'round',
      resolving: { overlap: 3, rule: 'majority', contestOnConflict: true, unresolved: 'count' },
      onePerPrompt: true,
      confidence: 0.95,
      guarantee: null,
    });
    expect(spec.prompts).toMatchObject({ files: [path.resolve('prompts.jsonl')], sample: null, purpose: 'measure' });
    expect(spec.settings).toMatchObject({ groups: [], leaseMs: 1_800_000, maxTries: 5, callTimeoutMs: 120_000 });
    expect(spec).toMatchObject({ deadlineMs: 14 * 86_400_000, seed: null });
  });

  test('asks the endpoint of the environment with the key variable of OpenAI’s own clients', () => {
    expect(spec.accounts).toMatchObject([{ baseUrl: 'http://127.0.0.1:9/v1', keyVariable: 'OPENAI_API_KEY' }]);
    expect(spec.frozen.models).toMatchObject([{ id: 'small', apiModel: 'small', temperature: null }]);
  });

  test('lets a window of shards in that keeps every permit in use', () => {
    expect(spec.settings.timings.window).toBe(Math.ceil((23 * 20) / 200) + 1);
  });

  test.each([
    [1, 200],
    [20, 200],
    [30, 300],
    [1_000, 1_000],
  ])('with %i calls at once has shards of %i items, each a chunk', (concurrency, size) => {
    const { settings } = read(`${SMALL}accounts: {default: {concurrency: ${concurrency}}}\n`);
    expect(settings).toMatchObject({ shardSize: size, chunkSize: size });
    expect(settings.timings.window * size).toBeGreaterThanOrEqual(23 * concurrency);
  });

  test('is refused where nothing says which endpoint to ask', () => {
    expect(problemsOf(() => read(SMALL, { env: {} }))).toEqual([
      expect.objectContaining({
        message: 'account default has no endpoint',
        hint: expect.stringContaining('OPENAI_BASE_URL'),
      }),
    ]);
  });
});

test('a spec that sets everything is read as it says', () => {
  const spec = read(WHOLE);
  expect(spec.frozen).toMatchObject({
    name: 'Whole',
    models: [
      { id: 'small', apiModel: 'small' },
      {
        id: 'large',
        apiModel: 'vendor/large-1',
        system: 'Be brief.',
        temperature: 0.7,
        topP: 0.9,
        maxTokens: 512,
        seed: 3,
        family: 'large',
        parameters: 7e9,
        regime: 'rlhf',
      },
    ],
    resolving: { overlap: 5, rule: 'unanimity', contestOnConflict: false, unresolved: 'majority-so-far' },
    guarantee: { below: 0.02, confidence: 0.99 },
  });
  expect(spec.judged).toEqual({ form: 'verdict', manual: 'starter@1', capability: 'starter@2' });
  expect(spec.accounts.map(({ baseUrl, concurrency, simulated }) => [baseUrl, concurrency, simulated])).toEqual([
    ['http://127.0.0.1:9/v1', 300, false],
    ['https://api.example.com/v1', 100, true],
  ]);
  expect(spec.models[1]).toEqual({
    id: 'large',
    family: 'large',
    parameters: 7e9,
    trainingCompute: 1e23,
    regime: 'rlhf',
    releasedOn: '2026-03',
  });
  expect(spec.settings.timings).toMatchObject({ window: 93, sweepMs: 5_000, heartbeatMs: 10_000, historyEvents: 500 });
  expect(spec).toMatchObject({ deadlineMs: 7 * 86_400_000, seed: '11' });
});

test('the same spec in JSON, even indented with tabs, says the same', () => {
  expect(read('{\n\t"prompts": "prompts.jsonl",\n\t"models": ["small"]\n}')).toEqual(read(SMALL));
});

describe('what is wrong with a spec', () => {
  test('is all told at once, each with line, column and field, and with what was probably meant', () => {
    const text =
      'prompts: p.jsonl\nmodels:\n  - name: a\n    temprature: 1\n    max_tokens: many\noverlap: 0\nrule: majorty\n';
    expect(problemsOf(() => read(text))).toEqual([
      {
        kind: 'spec',
        message: 'unknown setting',
        hint: 'did you mean temperature?',
        at: 'round.yaml:4:5 models[0].temprature',
      },
      expect.objectContaining({
        at: 'round.yaml:5:17 models[0].max_tokens',
        message: expect.stringContaining('whole number'),
      }),
      expect.objectContaining({ at: 'round.yaml:6:10 overlap', message: 'must be a whole number from 1 to 100' }),
      expect.objectContaining({ at: 'round.yaml:7:7 rule', hint: 'did you mean majority?' }),
    ]);
  });

  test('may be a setting that is missing: told with what may stand there', () => {
    expect(problemsOf(() => read('prompts: p.jsonl'))).toEqual([
      { kind: 'spec', message: 'is missing', hint: 'must be a list of 1 to 100 entries', at: 'round.yaml:1:1 models' },
    ]);
  });

  test.each([
    ['a missing setting', 'models: [a]', 'round.yaml:1:1 prompts: is missing'],
    ['a duration without a unit', `${SMALL}lease: 30`, 'round.yaml:3:8 lease: must be a duration'],
    ['a date that YAML reads as a number', `${SMALL}name: 2026`, 'round.yaml:3:7 name: must be a name'],
    [
      'a confidence that is no probability',
      `${SMALL}confidence: 95`,
      'round.yaml:3:13 confidence: must be a number between',
    ],
    ['a model named twice', 'prompts: p\nmodels: [a, a]', 'round.yaml:2:13 models[1].name: two models are called a'],
    ['a key that stands twice', `${SMALL}overlap: 3\noverlap: 4`, 'round.yaml:4:1: this key stands here twice'],
    ['a tab', 'prompts:\n\tfile: p', 'round.yaml:2:1: a tab stands'],
    ['a tag', `${SMALL}name: !!js/function x`, 'round.yaml:3:7: tags'],
    ['a second document', `${SMALL}---\na: 1`, 'round.yaml:3:1: a second document'],
    ['an unclosed quote', `${SMALL}name: "x`, 'round.yaml:3:9: Missing closing'],
    ['endless nesting', '['.repeat(4_000), 'round.yaml:1:'],
    ['a bare word', 'hello', 'round.yaml:1:1: must be a group of settings'],
    ['nothing at all', '', 'round.yaml: the file is empty'],
  ])('%s is told', (_, text, expected) => {
    expect(told(() => read(text))[0]).toContain(expected);
  });

  test('anchors that multiply beyond measure are told, not followed', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b]', 'd: [*c,*c,*c]'];
    expect(told(() => read(bomb.join('\n')))[0]).toContain('uses anchors');
  });

  test('an account that is not there suggests the one that was meant', () => {
    const text =
      'prompts: p\nmodels: [{name: a, account: opnai}]\naccounts:\n  openai: {base_url: "http://a", key_env: K}\n';
    expect(problemsOf(() => read(text))).toEqual([
      expect.objectContaining({ at: 'round.yaml:2:29 models[0].account', hint: 'did you mean openai?' }),
    ]);
  });

  test('an account other than the default one never takes the environment’s endpoint or key', () => {
    const text = 'prompts: p\nmodels: [{name: a, account: other}]\naccounts: {other: {concurrency: 3}}\n';
    expect(told(() => read(text))).toEqual([
      expect.stringContaining('account other has no endpoint'),
      expect.stringContaining('account other has no key'),
    ]);
  });

  test('secrets that stand in the wrong place are not repeated', () => {
    const secret = 'sk-very-secret';
    const accounts = `accounts: {default: {base_url: "https://user:${secret}@host", key_env: ${secret}}}`;
    const problems = problemsOf(() => read(`${SMALL}${accounts}`, { set: [`accounts.default.key_env=${secret}`] }));
    expect(problems.length).toBe(2);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });

  test.each([
    'Authorization',
    'proxy-authorization',
    'COOKIE',
    'X-Api-Key',
    'x-gateway-token',
    'My-Secret',
    'X-Auth-User',
  ])('may be a text for the header %s, which holds a secret: that is not repeated', (name) => {
    const spec = (value: string) => `${SMALL}accounts:\n  default:\n    headers:\n      ${name}: ${value}\n`;
    expect(problemsOf(() => read(spec('Bearer s3cret')))).toEqual([
      {
        kind: 'spec',
        message: 'by its name it holds a secret, which does not belong in this file',
        hint: expect.stringContaining('write {env: NAME}'),
        at: expect.stringContaining(`accounts.default.headers.${name}`),
      },
    ]);
    expect(read(spec('{env: GATEWAY}')).accounts).toMatchObject([{ headers: { [name]: { env: 'GATEWAY' } } }]);
  });

  test('a header of another name may be a text', () => {
    const headers = '{X-Project: evaluation, X-Trace: on}';
    expect(read(`${SMALL}accounts: { default: { headers: ${headers} } }`).accounts).toMatchObject([
      { headers: { 'X-Project': 'evaluation', 'X-Trace': 'on' } },
    ]);
  });

  test('a missing file, a folder and another encoding are told with the name of the file', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-spec-'));
    const latin = path.join(dir, 'latin.yaml');
    writeFileSync(latin, Buffer.from([0x6e, 0x3a, 0x20, 0xe9]));
    expect(told(() => readSpec(path.join(dir, 'none.yaml')))).toEqual([`${dir}/none.yaml: there is no such file`]);
    expect(told(() => readSpec(dir))).toEqual([`${dir}: is a folder, not a file`]);
    expect(told(() => readSpec(latin))).toEqual([`${latin}: is not UTF-8 text`]);
    rmSync(dir, { recursive: true });
  });
});

describe('--set', () => {
  test('lays values over the file’s, also below settings that are written short', () => {
    const set = ['overlap=5', 'prompts.sample=20', 'models.0.temperature=0', 'deadline.unresolved=majority-so-far'];
    const spec = read(SMALL, { set });
    expect(spec.prompts.sample).toBe(20);
    expect(spec.frozen.models[0]?.temperature).toBe(0);
    expect(spec.frozen.resolving).toMatchObject({ overlap: 5, unresolved: 'majority-so-far' });
    expect(spec.deadlineMs).toBe(14 * 86_400_000);
  });

  test('names the flag as the place of what is wrong, and checks what the file alone would have passed', () => {
    expect(
      told(() => read(SMALL, { set: ['overlap=many', 'overlp=3', 'models.4.seed=1', 'lease', 'name=[1'] })),
    ).toEqual([
      expect.stringContaining('--set lease: must be a setting, an equals sign'),
      expect.stringContaining('--set name: '),
      expect.stringContaining('--set models.4.seed: models is a list of 1'),
      expect.stringContaining('--set overlap: must be a whole number'),
      expect.stringContaining('--set overlp: unknown setting'),
    ]);
  });

  test('says of a value that is written short what is wrong with it, not that it is missing', () => {
    expect(told(() => read(SMALL, { set: ['budget=-1', 'deadline=-1d', 'wages=-2'] }))).toEqual([
      expect.stringMatching(/^--set budget: must be a number/),
      expect.stringMatching(/^--set wages: must be a number/),
      expect.stringMatching(/^--set deadline: must be a duration/),
    ]);
  });

  test('looks for a prompt file given so where the command runs, not beside the spec', () => {
    const spec = (set: string[]) => specFromText(SMALL, '/somewhere/round.yaml', { env: ENDPOINT, set });
    expect(spec([]).prompts.files[0]).toBe('/somewhere/prompts.jsonl');
    expect(spec(['prompts=here.jsonl']).prompts.files[0]).toBe(path.resolve('here.jsonl'));
  });
});

test('no text and no override makes the reader throw anything but its own error', () => {
  const mutated = fc
    .tuple(
      fc.nat(),
      fc.nat(80),
      fc.oneof(fc.string(), fc.constantFrom('&a ', '*a', '!!x ', '{', '[', ': ', '\t', '- ', '"')),
    )
    .map(([at, length, put]) => {
      const start = at % WHOLE.length;
      return WHOLE.slice(0, start) + put + WHOLE.slice(start + length);
    });
  const values = fc.jsonValue().map((value) => JSON.stringify(value));
  const keyed = fc
    .dictionary(
      fc.constantFrom('prompts', 'models', 'accounts', 'deadline', 'tuning', '__proto__', 'toString'),
      fc.jsonValue(),
    )
    .map((value) => JSON.stringify(value));
  const overrides = fc.array(
    fc
      .tuple(fc.constantFrom('models.0', 'accounts', '__proto__.x', 'prompts.file', 'a..b', ''), fc.string())
      .map(([k, v]) => `${k}=${v}`),
    { maxLength: 2 },
  );
  fc.assert(
    fc.property(fc.oneof(mutated, values, keyed, fc.string()), overrides, (text, set) => {
      try {
        read(text, { set });
      } catch (error) {
        if (!(error instanceof ProblemsError)) throw error;
      }
    }),
    { numRuns: 600 },
  );
});
