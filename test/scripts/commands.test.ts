import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { eq, sql } from 'drizzle-orm';
import { addPerson, inviteLabeller, personOfToken } from '../../db/people';
import { accounts, audit, outbox, rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { buildProgram } from '../../scripts/program';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';

const KEY = 'sk-never-to-be-printed';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-commands-'));
  writeFileSync(path.join(folder, 'prompts.jsonl'), '{"id":"a","prompt":"one"}\n{"id":"b","prompt":"two"}\n');
  writeFileSync(path.join(folder, 'round.yaml'), 'prompts: prompts.jsonl\nmodels: [small]\noverlap: 1\ndeadline: 1d\n');
  writeFileSync(path.join(folder, '.env'), `OPENAI_BASE_URL=http://127.0.0.1:9/v1\nOPENAI_API_KEY=${KEY}\n`);
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

function plumbline(args: string, env: Record<string, string> = {}): Promise<CommandEnd> {
  return startCommand(args.split(' '), folder, { DATABASE_URL: database.url, ...env }).end;
}

function errorOf({ json }: CommandEnd): Record<string, unknown> {
  const [line, ...others] = json();
  expect(others).toEqual([]);
  return line?.error as Record<string, unknown>;
}

function leavesOf(command: Command): Command[] {
  return command.commands.length > 0 ? command.commands.flatMap(leavesOf) : [command];
}

describe('every command', () => {
  const leaves = leavesOf(buildProgram('0'));
  const named = leaves.map((leaf): [string, Command] => [`${leaf.parent?.name()} ${leaf.name()}`, leaf]);

  test.each(named)('%s has an example in its help and a twin in the environment for every flag', (_, leaf) => {
    let help = '';
    leaf
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
      })
      .outputHelp();
    expect(help).toContain('Example:\n  $ plumbline ');
    expect(leaf.options.map(({ envVar }) => envVar ?? '')).toEqual(
      leaf.options.map(() => expect.stringMatching(/^PLUMBLINE_[A-Z_]+$/)),
    );
    expect(leaf.options.map(({ long }) => long)).toContain('--json');
  });

  test('has a file of its own noun', () => {
    const nouns = buildProgram('0').commands.map((command) => `${command.name()}.ts`);
    expect(readdirSync(path.join(__dirname, '../../scripts/commands'))).toEqual(expect.arrayContaining(nouns));
  });
});

test('from nobody to a finished round: each command says in JSON what it did', async () => {
  const [operator] = (await plumbline('person add Olga --role operator --json')).json();
  expect(operator).toMatchObject({ event: 'added', name: 'Olga', roles: ['operator'], added: true });
  expect(await personOfToken(database.db, String(operator?.token))).toMatchObject({ name: 'Olga' });

  const [labeller] = (
    await plumbline('labeller invite --name Ada --holds lang:de --site-url http://desk --json')
  ).json();
  expect(labeller).toEqual({ labellerId: expect.any(String), token: expect.any(String), url: 'http://desk' });

  const [dry, started] = await Promise.all([
    plumbline('round start round.yaml --dry-run --json'),
    plumbline('round start round.yaml --json --seed 7 --set prompts.sample=1', { PLUMBLINE_KEY: 'k' }),
  ]);
  expect(dry.json()).toEqual([expect.objectContaining({ event: 'would-start', items: 2 })]);
  const roundId = String(started.json()[0]?.roundId) as RoundId;
  expect(started.json()).toEqual([
    expect.objectContaining({ event: 'started', roundId, workflowId: roundId, seed: '7' }),
  ]);
  expect(await database.db.select().from(outbox).where(eq(outbox.roundId, roundId))).toHaveLength(1);

  const [shown, listed, cancelled] = await Promise.all([
    plumbline('round show latest --json'),
    plumbline('round list', { PLUMBLINE_JSON: '1' }),
    plumbline(`round cancel ${roundId.slice(0, 8)} --json`),
  ]);
  expect(shown.json()[0]).toMatchObject({
    roundId,
    seed: '7',
    form: 'verdict',
    byModel: [{ model: 'small', items: 0 }],
  });
  expect(listed.json()).toMatchObject([{ roundId, items: 1, startedBy: 'Olga' }]);
  expect(cancelled.json()).toEqual([{ event: 'cancelled', roundId }]);

  const [watched, last] = await Promise.all([
    plumbline(`round watch ${roundId} --json`),
    plumbline('person remove Olga --json'),
  ]);
  expect(watched.json().map(({ event }) => event)).toEqual(['progress', 'done']);
  expect([watched.code, watched.json()[1]?.status]).toEqual([1, 'cancelled']);
  expect([last.code, errorOf(last).kind]).toEqual([1, 'last-operator']);
});

test('a watched round goes on after Ctrl-C, and its progress is told line by line until then', async () => {
  const { id } = await openRound(database.db, { items: 2 });
  const watching = startCommand(['round', 'watch', id], folder, { DATABASE_URL: database.url });
  await new Promise<void>((resolve) => watching.child.stdout?.once('data', () => resolve()));
  watching.child.kill('SIGINT');
  const { code, stdout, stderr } = await watching.end;
  expect(code).toBe(130);
  expect(stdout).toContain('label 0/2, 2 items open');
  expect(stderr).toContain('the round goes on');
  expect((await database.db.select().from(rounds).where(eq(rounds.id, id)))[0]?.status).toBe('running');
});

test('what a role does not allow is refused and recorded; people are asked who they are where it matters', async () => {
  const rosa = await addPerson(database.db, { name: 'Rosa', roles: ['researcher'] });
  await addPerson(database.db, { name: 'Otto', roles: ['operator'] });
  const [refused, unclear, unknown] = await Promise.all([
    plumbline('round start round.yaml --json --as Rosa'),
    plumbline('round start round.yaml --json'),
    plumbline('round start round.yaml --json', { PLUMBLINE_PERSON: 'Roza' }),
  ]);
  expect([refused.code, errorOf(refused)]).toEqual([1, expect.objectContaining({ kind: 'not-allowed', at: '--as' })]);
  expect(await database.db.select().from(audit).where(eq(audit.actor, rosa.id))).toMatchObject([
    { action: 'round.start', refused: true, detail: { needs: ['operator'], has: ['researcher'] } },
  ]);
  expect(String(errorOf(unclear).message)).toContain('there are several operators');
  expect([unknown.code, errorOf(unknown).hint]).toEqual([2, 'did you mean Rosa?']);
});

describe('what is wrong', () => {
  test('with a spec is one line of JSON with every problem, or a line for each on stderr, with or without services', async () => {
    writeFileSync(path.join(folder, 'bad.yaml'), 'prompts: prompts.jsonl\nmodels: [small]\noverlp: 3\nrule: none\n');
    const [json, human] = await Promise.all([
      plumbline('round start bad.yaml --json', { DATABASE_URL: '' }),
      plumbline('round start bad.yaml'),
    ]);
    expect([json.code, human.code]).toEqual([2, 2]);
    expect(errorOf(json)).toMatchObject({
      kind: 'spec',
      at: 'bad.yaml:3:1 overlp',
      hint: 'did you mean overlap?',
      problems: [{ at: 'bad.yaml:3:1 overlp' }, { at: 'bad.yaml:4:7 rule' }],
    });
    expect(human.stdout).toBe('');
    expect(human.stderr).toContain('plumbline: bad.yaml:3:1 overlp: unknown setting\n  did you mean overlap?');
  });

  test('with the world is told together: no key here, too few prompts, too few labellers', async () => {
    const args = 'round start round.yaml --json --as Olga --set overlap=50 --set prompts.sample=9';
    const [here, elsewhere] = await Promise.all([
      plumbline(args, { OPENAI_API_KEY: '' }),
      plumbline(`${args} --keys-elsewhere`, { OPENAI_API_KEY: '' }),
    ]);
    const kinds = (end: CommandEnd) => (errorOf(end).problems as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds(here)).toEqual(['missing-key', 'too-few-prompts', 'too-few-labellers']);
    expect(kinds(elsewhere)).toEqual(['too-few-prompts', 'too-few-labellers']);
  });

  test('with what was typed is told with what was meant, and exit code 2', async () => {
    const [noun, flag] = await Promise.all([plumbline('roud start'), plumbline('round start x --wach --json')]);
    expect([noun.code, flag.code]).toEqual([2, 2]);
    expect(noun.stderr).toBe("plumbline: unknown command 'roud'\n  Did you mean round?\n");
    expect(errorOf(flag)).toEqual({
      kind: 'usage',
      message: "unknown option '--wach'",
      hint: 'Did you mean --watch?',
      at: null,
    });
  });

  test('with Postgres is told without its password, whether it is away, refuses, or there is none', async () => {
    const { port } = await closedPort();
    const away = `postgres://someone:hidden-word@127.0.0.1:${port}/plumbline`;
    const missing = database.url.replace(/\/[^/]*$/, '/no_such_database');
    const ends = await Promise.all([
      plumbline('round list --json', { DATABASE_URL: away, PLUMBLINE_DEBUG: '1' }),
      plumbline('round list --json', { DATABASE_URL: missing }),
      plumbline('round list --json', { DATABASE_URL: '' }),
    ]);
    expect(ends.map((end) => [end.code, errorOf(end).kind])).toEqual([
      [1, 'postgres-unreachable'],
      [1, 'postgres-no-database'],
      [1, 'postgres-missing'],
    ]);
    expect(errorOf(ends[0] as CommandEnd).message).toContain(`127.0.0.1:${port}/plumbline`);
    for (const { stdout, stderr } of ends) expect(stdout + stderr).not.toContain('hidden-word');
  });

  test('inside is told by a short message; even with PLUMBLINE_DEBUG no parameter of a query is shown', async () => {
    await database.db.execute(sql`alter table prompts rename to prompts_away`);
    const end = await plumbline('round start round.yaml --json --as Olga', { PLUMBLINE_DEBUG: '1' });
    await database.db.execute(sql`alter table prompts_away rename to prompts`);
    expect([end.code, errorOf(end)]).toEqual([1, expect.objectContaining({ kind: 'database' })]);
    expect(String(errorOf(end).message)).toContain('42P01');
    expect(end.stderr).toContain('query: select');
    expect(end.stderr).not.toMatch(/params|[0-9a-f]{64}/);
  });
});

test('the doctor looks at everything it can reach, says what to do, and prints no secret', async () => {
  await database.db.update(accounts).set({ blockedCode: 'invalid_api_key', blockedAt: sql`now()` });
  await database.db.execute(sql`insert into outbox (round_id, parked_at, parked_code) values ('r-x', now(), 'x')`);
  const { port } = await closedPort();
  const end = await plumbline('doctor --json', { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
  const checks = end.json();
  const statusOf = (name: string) => checks.find((check) => String(check.name).startsWith(name))?.status;
  expect(end.code).toBe(1);
  expect(['node', 'postgres', 'postgres-encoding', 'schema', 'operators'].map(statusOf)).toEqual(Array(5).fill('ok'));
  expect(['account', 'outbox', 'refused acts', 'temporal'].map(statusOf)).toEqual(['fail', 'fail', 'warn', 'fail']);
  expect(checks.find((check) => String(check.name).startsWith('temporal'))?.hint).toContain('plumbline up');
  await database.db.execute(sql`delete from outbox`);
  expect(checks.at(-1)).toMatchObject({ event: 'done', ok: false });
  for (const { status, hint } of checks) if (status === 'fail' || status === 'warn') expect(hint).toBeTruthy();
  expect(end.stdout + end.stderr).not.toContain(KEY);
});

test('a labeller’s work is shown, and a label is withdrawn once', async () => {
  const [shown, unknown] = await Promise.all([
    plumbline('labeller show Ada --json'),
    plumbline('label withdraw 0f8b5c1e-3d0a-4b52-9c3e-2f1f6f0a7c11 --why typo --as Olga --json'),
  ]);
  expect(shown.json()[0]).toMatchObject({ name: 'Ada', kind: 'human', holds: ['lang:de'], labels: { total: 0 } });
  expect([unknown.code, errorOf(unknown).kind]).toEqual([2, 'unknown-label']);
  await inviteLabeller(database.db, { name: 'Bo', kind: 'simulated', groups: [], holds: [] });
});

test('a token is replaced or ended, and the old ones open nothing any more', async () => {
  const { token } = await inviteLabeller(database.db, { name: 'Cy', kind: 'human', groups: [], holds: [] });
  const renewed = await plumbline('person token Cy --as Olga --json');
  const fresh = String(renewed.json()[0]?.token);
  expect(await personOfToken(database.db, token)).toBeUndefined();
  expect(await personOfToken(database.db, fresh)).toMatchObject({ name: 'Cy' });
  const ended = await plumbline('person token Cy --revoke --as Olga --json');
  expect(ended.json()).toEqual([{ event: 'revoked', personId: expect.any(String), revoked: 1 }]);
  expect(await personOfToken(database.db, fresh)).toBeUndefined();
});

test('a worker that finds no Temporal says where it looked and how to start one', async () => {
  const { port } = await closedPort();
  const worker = await plumbline('worker', { TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
  expect(worker.code).toBe(1);
  expect(worker.stderr).toContain(`Temporal does not answer at 127.0.0.1:${port}`);
  expect(worker.stderr).toContain('plumbline up');
});

test('a schema newer than the program is refused by the command and by the worker', async () => {
  await database.db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('later', ${Date.now() + 1e9})`,
  );
  const [list, worker] = await Promise.all([
    plumbline('round list --json'),
    plumbline('worker --json', { TEMPORAL_ADDRESS: '127.0.0.1:9' }),
  ]);
  await database.db.execute(sql`delete from drizzle.__drizzle_migrations where hash = 'later'`);
  expect([list.code, errorOf(list).kind]).toEqual([1, 'schema-newer']);
  expect(worker.code).toBe(1);
  expect(worker.stdout + worker.stderr).toContain('newer than this program');
});

/** A port that nobody listens on. */
function closedPort(): Promise<{ port: number }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve({ port: typeof address === 'object' && address ? address.port : 0 }));
    });
  });
}
