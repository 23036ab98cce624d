import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { desc, eq, sql } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { lockPrompts, savePromptSet } from '../../db/prompts';
import { audit, promptSets } from '../../db/schema';
import { withInputs } from '../../scripts/prompts/standardInput';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from '../setup/processes';
import { sourceOf } from '../setup/roundPlan';
import { runHere } from './inThisProcess';

let database: TestDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'plumbline-prompts-'));
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

beforeAll(async () => {
  database = await createTestDatabase();
  await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
  await addPerson(database.db, { name: 'Lea', roles: ['labeller'] });
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const write = (name: string, content: string | Buffer) => writeFileSync(path.join(folder, name), content);
const plumbline = (args: string): Promise<CommandEnd> =>
  runHere(args.split(' '), folder, { DATABASE_URL: database.url });

async function refusal(args: string) {
  const end = await plumbline(`${args} --json`);
  expect(end.code).not.toBe(0);
  return { code: end.code, ...(end.json()[0]?.error as Record<string, unknown>) };
}

test('prompts are imported, listed and shown, and the import is on record', async () => {
  write('a.csv', '\ufeffkey;question;topic\nk1;Why?;maths\nk2;why;maths\nk3;Why?;physics\n\nk4\nk5;;x\n');
  const flags = '--name first --field prompt=question --field id=key --bad-rows keep-the-rest';
  const [dry] = (await plumbline(`prompts import a.csv ${flags} --dry-run --json`)).json();
  expect(dry).toMatchObject({ event: 'would-import', size: 3 });
  expect(await database.db.select().from(promptSets)).toEqual([]);
  const end = await plumbline(`prompts import a.csv ${flags} --json`);
  expect(end.json()).toEqual([
    {
      event: 'imported',
      set: 'first',
      hash: dry?.hash,
      size: 3,
      purpose: 'measure',
      kind: 'fixed',
      fields: ['topic'],
      given: 0,
      mostTurns: 1,
      requirements: [],
      badRows: {
        total: 3,
        first: [
          { at: 'a.csv:5', message: 'is empty, with prompts after it' },
          { at: 'a.csv:6', message: 'has 1 cell, and the first line names 3 columns' },
          { at: 'a.csv:7 question', message: 'is empty' },
        ],
      },
      duplicates: {
        exact: 1,
        near: 1,
        pairs: [
          { kind: 'near', at: 'a.csv:3', of: 'a.csv:2' },
          { kind: 'exact', at: 'a.csv:4', of: 'a.csv:2' },
        ],
        compared: 1,
        capped: false,
      },
      notices: [],
    },
  ]);
  const [act] = await database.db
    .select()
    .from(audit)
    .where(eq(audit.action, 'prompts.import'))
    .orderBy(desc(audit.id));
  expect(act).toMatchObject({ subject: dry?.hash, refused: false, detail: { name: 'first', size: 3, badRows: 3 } });
  const again = await plumbline(`prompts import a.csv ${flags} --name second`);
  expect(again.stdout).toContain('stored before, as first: 3 prompts to measure');
  expect((await plumbline('prompts list --json')).json()).toMatchObject([
    { set: 'first', size: 3, purpose: 'measure' },
  ]);
  const shown = await plumbline('prompts show first --sample 1 --json');
  expect(shown.json()).toMatchObject([
    { set: 'first', fields: ['topic'], sample: [{ externalId: 'k1', messages: [{ role: 'user', content: 'Why?' }] }] },
  ]);
  expect(shown.stderr).toContain('these prompts measure');
});

test('what is told for people names places and reasons, and shows no control characters of prompts', async () => {
  write(
    'b.jsonl',
    lines({ id: 'x', prompt: 'a\u001b[31m' }, { id: 'y', prompt: 3 }, { turns: ['b', 'c'], completion: null }),
  );
  const end = await plumbline('prompts import b.jsonl --bad-rows keep-the-rest --purpose develop');
  expect(end.stdout).toMatch(
    /^imported b.jsonl: 2 prompts to develop, b.jsonl@[0-9a-f]{8}\n1 bad row left out:\n {2}b.jsonl:2 prompt: is a number, not a text\nno duplicates\nin a round: prompts: \{set: "b.jsonl"\}\n$/,
  );
  const { stdout, stderr } = await plumbline('prompts show b.jsonl --sample 5');
  expect(stdout).toContain('up to 2 turns of the model');
  expect(stdout).toContain('  user: a␛[31m');
  expect(stdout).toContain('[the model’s turn]');
  expect(stderr).toBe('');
});

test('a field whose name is nearly one that means something is told: nobody would act on it', async () => {
  const lines = [{ prompt: 'Warum?', requirments: ['lang:de'], Lang: 'de', topic: 'why', length: 3 }];
  write('slip.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  const told = [
    'the field Lang is kept and means nothing here; did you mean lang?',
    'the field requirments is kept and means nothing here; did you mean requirements?',
  ];
  const [dry] = (await plumbline('prompts import slip.jsonl --dry-run --json')).json();
  expect(dry).toMatchObject({
    event: 'would-import',
    fields: ['Lang', 'length', 'requirments', 'topic'],
    notices: told,
  });
  expect((await plumbline('prompts import slip.jsonl --dry-run')).stdout).toContain(told.join('\n'));
});

test('another set of the same name takes the name, and the one before it is told', async () => {
  write('n.jsonl', lines('one'));
  await plumbline('prompts import n.jsonl --name taken');
  write('n.jsonl', lines('one', 'two'));
  expect((await plumbline('prompts import n.jsonl --name taken')).stdout).toMatch(
    /taken stands for this set from now on; the one before it is taken@[0-9a-f]{8}/,
  );
  expect((await plumbline('prompts show taken --json')).json()).toMatchObject([{ size: 2 }]);
});

test('what is asked for wrongly is told before anything is read or stored', async () => {
  write('c.jsonl', lines({ question: 'a' }));
  expect(await refusal('prompts import c.jsonl --field promt=question')).toMatchObject({
    code: 2,
    message: 'there is no field promt',
    hint: 'did you mean prompt?',
    at: '--field',
  });
  expect(await refusal('prompts import c.jsonl --field prompt')).toMatchObject({ at: '--field' });
  expect(await refusal('prompts import c.jsonl --field prompt=a --field prompt=b')).toMatchObject({ at: '--field' });
  expect(await refusal('prompts import c.jsonl --delimiter ab')).toMatchObject({ at: '--delimiter' });
  expect(await refusal('prompts import c.jsonl --field prompt=qestion')).toMatchObject({
    message: 'no row has a field qestion, which is to be prompt',
    hint: 'did you mean question?',
    at: 'c.jsonl',
  });
  expect(await refusal('prompts import - -')).toMatchObject({ at: '-' });
  expect(await refusal('prompts show nothing')).toMatchObject({ kind: 'unknown-prompt-set' });
  expect(await refusal('prompts import c.jsonl --as Lea')).toMatchObject({ kind: 'not-allowed' });
});

test('a set keeps its purpose', async () => {
  write('d.jsonl', lines('to measure'));
  await plumbline('prompts import d.jsonl');
  expect(await refusal('prompts import d.jsonl --purpose develop')).toMatchObject({ kind: 'other-purpose' });
});

test('a set of which some is stored for the other purpose is refused, also where it would only be told of', async () => {
  write('measured.jsonl', lines({ id: 'm1', prompt: 'Held out: one?' }, { id: 'm2', prompt: 'Held out: two?' }));
  await plumbline('prompts import measured.jsonl');
  write(
    'developed.jsonl',
    lines(
      { id: 'd1', prompt: 'Free to look at.' },
      { id: 'd2', prompt: ' held out:  ONE?' },
      { id: 'd3', messages: [{ role: 'user', content: 'Held out: two?' }] },
    ),
  );
  const before = await database.db.select().from(promptSets);
  for (const flags of ['', ' --dry-run']) {
    expect(await refusal(`prompts import developed.jsonl --purpose develop${flags}`)).toMatchObject({
      code: 2,
      kind: 'measure-prompts',
      message: '2 of the prompts are stored to measure: d2, d3',
      at: '--purpose',
    });
  }
  expect(await database.db.select().from(promptSets)).toEqual(before);
  expect((await plumbline('prompts import developed.jsonl --json')).json()).toMatchObject([{ event: 'imported' }]);
  expect((await plumbline('prompts import developed.jsonl --json')).json()).toMatchObject([
    { event: 'already-imported' },
  ]);
});

test('an import that waited for another one sees what that one stored on the other side of the wall', async () => {
  write('waiting.jsonl', lines({ id: 'w', prompt: 'Both want this.' }));
  const waiting = async () => {
    const [locks] = await database.db.execute<{ n: number }>(sql`
      select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`);
    return locks?.n ? true : undefined;
  };
  const imported = await database.db.transaction(async (tx) => {
    await lockPrompts(tx);
    const end = plumbline('prompts import waiting.jsonl --purpose develop --json');
    await until('the import waits', waiting);
    await savePromptSet(tx, sourceOf([{ content: 'Both want this.' }]), 'measure');
    return { end };
  });
  expect((await imported.end).json()[0]).toMatchObject({ error: { kind: 'measure-prompts' } });
});

test('files are checked without a database', async () => {
  write('e.jsonl', lines({ prompt: 1 }));
  const end = await runHere(['prompts', 'import', 'e.jsonl', '--json'], folder, {});
  expect(end.json()[0]).toMatchObject({ error: { at: 'e.jsonl:1 prompt' } });
});

describe('standard input', () => {
  const spooled = () => readdirSync(tmpdir()).filter((name) => name.startsWith('plumbline-input-'));

  test.each<[string, string | Buffer]>([
    ['lines', lines({ id: 'a', prompt: 'one' }, { id: 'b', prompt: 'two' })],
    ['packed lines', gzipSync(lines({ id: 'a', prompt: 'one' }, { id: 'b', prompt: 'two' }))],
    [
      'a list',
      JSON.stringify([
        { id: 'a', prompt: 'one' },
        { id: 'b', prompt: 'two' },
      ]),
    ],
    ['a table', 'id\tprompt\na\tone\nb\ttwo\n'],
  ])('may be %s', async (_, content) => {
    const { child, end } = startCommand(
      ['prompts', 'import', '-', '--name', 'piped', '--json'],
      folder,
      {
        DATABASE_URL: database.url,
      },
      'pipe',
    );
    child.stdin?.end(content);
    expect((await end).json()).toMatchObject([{ set: 'piped', size: 2 }]);
  });

  test('is kept where nobody else can read it, and removed though the work fails', async () => {
    const before = spooled();
    let mode = 0;
    const work = withInputs(
      ['-'],
      async ([input]) => {
        mode = statSync(input?.path ?? '').mode & 0o777;
        throw new Error('failed');
      },
      Readable.from(['"a"\n']),
    );
    await expect(work).rejects.toThrow('failed');
    expect(mode).toBe(0o600);
    expect(spooled()).toEqual(before);
  });
});

test('a file that may not be read, and a folder, are told', async () => {
  mkdirSync(path.join(folder, 'inner'));
  expect(await refusal('prompts import inner')).toMatchObject({ message: 'is a folder, not a file' });
  expect(await refusal('prompts import none.jsonl')).toMatchObject({ message: 'there is no such file' });
  write('locked.jsonl', lines('a'));
  chmodSync(path.join(folder, 'locked.jsonl'), 0);
  if (process.getuid?.() === 0) return;
  expect(await refusal('prompts import locked.jsonl')).toMatchObject({ message: 'may not be read by this user' });
});
