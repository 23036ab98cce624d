import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { savePromptSet } from '../../db/prompts';
import { type Problem, ProblemsError } from '../../domain/problems';
import { readPrompts } from '../../scripts/intake/prompts';
import { specFromText } from '../../scripts/intake/spec';
import { type PlannedRound, planOf } from '../../scripts/rounds/plan';
import { createTestDatabase, type TestDatabase } from '../setup/database';

const dir = mkdtempSync(path.join(tmpdir(), 'plumbline-plan-'));
const at = (name: string) => path.join(dir, name);
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(dir, { recursive: true });
});

const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const write = (name: string, content: string) => writeFileSync(at(name), content);
const env = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };

/** @param settings of a round's file, without its models. */
async function plan(settings: object, models: unknown = ['small']): Promise<PlannedRound> {
  const spec = specFromText(JSON.stringify({ models, ...settings }), at('round.yaml'), { env });
  return planOf(spec, '1', spec.prompts.set === null ? undefined : database.db);
}

async function problemsOf(settings: object, models?: unknown): Promise<readonly Problem[]> {
  return plan(settings, models).then(
    () => Promise.reject(new Error('nothing was refused')),
    (error) => (error instanceof ProblemsError ? error.problems : Promise.reject(error)),
  );
}

async function store(name: string, file: string): Promise<string> {
  const source = await readPrompts(at(file), {}, { name });
  await database.db.transaction((tx) => savePromptSet(tx, source, 'measure'));
  return source.hash;
}

describe('the prompts of a round', () => {
  test('come from several files, read as the spec says; what was left out is told', async () => {
    write('a.csv', 'ask|n\none|1\ntwo\n');
    write('b.csv', 'ask|n\nthree|3\n');
    const reading = { fields: { prompt: 'ask' }, delimiter: '|', bad_rows: 'keep-the-rest' };
    const { prompts, notices } = await plan({ prompts: { file: ['a.csv', 'b.csv'], ...reading } });
    expect(prompts).toMatchObject({ size: 2, fields: ['n'], given: 0, name: 'a.csv and 1 more' });
    expect(notices).toEqual([
      `1 bad row left out; the first: ${at('a.csv')}:3: has 1 cell, and the first line names 2 columns`,
    ]);
  });

  test('come from a stored set: the newest of its name, or the one of its hash', async () => {
    write('s.jsonl', lines({ prompt: 'old', topic: 'x' }));
    const old = await store('kept', 's.jsonl');
    write('s.jsonl', lines({ prompt: 'new' }, { turns: ['a', 'b'] }));
    const newer = await store('kept', 's.jsonl');
    const { prompts, settings } = await plan({ prompts: { set: 'kept' } });
    expect(prompts).toMatchObject({ hash: newer, size: 2, mostTurns: 2, fields: [] });
    const one = await plan({ prompts: { set: `kept@${old.slice(0, 8)}` } });
    expect(one.prompts).toMatchObject({ hash: old, size: 1, mostTurns: 1, fields: ['topic'] });
    expect(settings.timings.chunkTimeoutMs).toBe(2 * one.settings.timings.chunkTimeoutMs);
    expect(await problemsOf({ prompts: { set: 'keptt' } })).toMatchObject([
      { kind: 'unknown-prompt-set', hint: 'did you mean kept?', at: 'prompts.set' },
    ]);
  });

  test.each<[string, object, string, string]>([
    ['nothing', { sample: 3 }, 'prompts.file', 'is missing'],
    ['a file and a set', { file: 'a.jsonl', set: 'x' }, 'prompts.file', 'stands beside set'],
    ['how to read a set', { set: 'x', delimiter: ';' }, 'prompts.delimiter', 'is about files, and here is a set'],
    [
      'a field that there is not',
      { file: 'a', fields: { promt: 'x' } },
      'prompts.fields.promt',
      'there is no field promt',
    ],
    ['a quote between cells', { file: 'a', delimiter: '"' }, 'prompts.delimiter', 'cannot be a quote or a line end'],
  ])('are refused where the spec names %s', async (_, prompts, field, message) => {
    const [problem] = await problemsOf({ prompts });
    expect(problem?.at).toMatch(new RegExp(`${field}$`));
    expect(problem?.message).toBe(message);
  });
});

describe('completions that are given', () => {
  const given = [{ name: 'theirs', completions: 'given' }];

  test('must be there for every prompt', async () => {
    write('g.jsonl', lines({ prompt: 'a', completion: 'x' }, { id: 'q7', prompt: 'b' }, { prompt: 'c' }));
    expect(await problemsOf({ prompts: 'g.jsonl' }, given)).toMatchObject([
      {
        kind: 'missing-completions',
        message: 'the completions of theirs are given, and 2 of 3 prompts bring none; the first is q7',
      },
    ]);
    await store('partly', 'g.jsonl');
    expect((await problemsOf({ prompts: { set: 'partly' } }, given))[0]?.message).toContain('the first is q7');
    write('g.jsonl', lines({ prompt: 'a', completion: 'x' }));
    expect((await plan({ prompts: 'g.jsonl' }, given)).notices).toEqual([]);
  });

  test('and that no model uses are told', async () => {
    write('u.jsonl', lines({ prompt: 'a', completion: 'x' }, { prompt: 'b' }));
    expect((await plan({ prompts: 'u.jsonl' })).notices).toEqual([
      '1 prompt brings a completion that no model uses: none has completions: given',
    ]);
  });
});

describe('a prompt that a variant cannot put', () => {
  const variants = { templates: { plain: '{{prompt}}', topical: 'On {{topic}}: {{prompt}}' } };

  test('is refused with its line, though bad rows are left out', async () => {
    write('v.jsonl', lines({ prompt: 'a', topic: 'x' }, 3, { prompt: 'b' }, { prompt: 'c', topic: 'y' }));
    const prompts = { file: 'v.jsonl', bad_rows: 'keep-the-rest' };
    expect(await problemsOf({ prompts, variants })).toMatchObject([
      { at: `${at('v.jsonl')}:3 topic`, message: 'has no topic, which the variant topical puts in its template' },
    ]);
    write('v.jsonl', lines({ prompt: 'a', topic: 'x' }));
    expect((await plan({ prompts, variants })).prompts.size).toBe(1);
  });

  test('is refused by its id where it stands in a stored set', async () => {
    write('w.jsonl', lines({ id: 'fine', prompt: 'a', topic: 'x' }, { id: 'not', prompt: 'b' }));
    await store('varied', 'w.jsonl');
    expect(await problemsOf({ prompts: { set: 'varied' }, variants })).toMatchObject([
      { at: 'varied not', message: 'has no topic, which the variant topical puts in its template' },
    ]);
  });
});
