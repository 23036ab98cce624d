/**
 * A whole Plumbline of a test's own: database, model server, site and workers as real processes, on the shared Temporal
 * under a task queue that nobody else uses.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { addPerson, inviteLabeller } from '../../db/people';
import { type RoundView, showRound } from '../../db/rounds/show';
import type { RoundId } from '../../domain/ids';
import { startCommand } from './command';
import { createTestDatabase, type TestDatabase } from './database';
import { TestLabeller } from './labeller';
import { type ModelServer, startModelServer } from './modelServer';
import { type RunningProcess, startProcess, until } from './processes';

/** Stands for a provider's key wherever a test looks for leaks. */
export const SECRET_KEY = 'sk-test-0123456789abcdef';

export interface CommandResult {
  code: number;
  /** The lines of stdout, each parsed. */
  lines: Record<string, unknown>[];
  stdout: string;
  stderr: string;
}

export interface Installation {
  database: TestDatabase;
  model: ModelServer;
  temporal: Client;
  siteUrl: string;
  env: Record<string, string>;
  dir: string;
  startWorker(extra?: { args?: string[]; env?: Record<string, string> }): Promise<RunningProcess>;
  startSite(): Promise<RunningProcess>;
  /** Runs `plumbline ARGS` as a process of its own. */
  command(...args: string[]): Promise<CommandResult>;
  labellers(count: number): Promise<TestLabeller[]>;
  /** Aborted when the installation is closed. */
  over: AbortSignal;
  /** Writes spec and prompts as files and starts a round of them with the command. */
  startRound(prompts: readonly unknown[], spec?: Record<string, unknown>): Promise<RoundId>;
  show(roundId: RoundId): Promise<RoundView>;
  /** Waits until the round is shown so. */
  untilRound(
    roundId: RoundId,
    what: string,
    holds: (view: RoundView) => boolean,
    timeoutMs?: number,
  ): Promise<RoundView>;
  /** Ends all processes that were started and removes the database. */
  close(): Promise<void>;
}

/** Short times, so that what takes an operator minutes takes a test seconds. */
export const QUICK = {
  lease: '30s',
  deadline: '10m',
  generation: { timeout: '5s', retry_delay: '100ms', max_tries: 3 },
  tuning: { sweep: '1s', heartbeat: '1s', retry_cap: '1s' },
};

export async function createInstallation(
  options: { temporalAddress?: string; answer?: ModelServer['answer'] } = {},
): Promise<Installation> {
  const database = await createTestDatabase();
  const model = await startModelServer(options.answer ?? (({ body }) => ({ content: `answer of ${body.model}` })));
  const dir = await mkdtemp(path.join(tmpdir(), 'plumbline-test-'));
  const address = options.temporalAddress ?? process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS ?? '';
  const connection = await Connection.connect({ address });
  const operator = await addPerson(database.db, { name: 'Olga', roles: ['operator'] });
  const env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: address,
    PLUMBLINE_TASK_QUEUE: `t-${randomBytes(6).toString('hex')}`,
    PLUMBLINE_PERSON: operator.id,
    PLUMBLINE_SITE_PORT: '0',
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: SECRET_KEY,
  };
  const processes: RunningProcess[] = [];
  const started = async (process: Promise<RunningProcess>) => {
    processes.push(await process);
    return process;
  };
  const over = new AbortController();
  let siteUrl = '';
  let rounds = 0;
  const installation: Installation = {
    database,
    model,
    temporal: new Client({ connection }),
    env,
    dir,
    over: over.signal,
    get siteUrl() {
      return siteUrl;
    },
    startWorker: ({ args = [], env: extra = {} } = {}) =>
      started(startProcess('workers/main.ts', args, { ...env, ...extra }, 'ready')),
    async startSite() {
      const site = await started(startProcess('site/server/main.ts', [], env, 'listening'));
      siteUrl = String(site.ready.url);
      return site;
    },
    command: (...args) => runCommand(args, { ...env, PLUMBLINE_SITE_URL: siteUrl }, dir),
    labellers: (count) =>
      Promise.all(
        Array.from({ length: count }, async (_, i) => {
          const invited = await inviteLabeller(database.db, {
            name: `labeller ${i}`,
            kind: 'human',
            groups: [],
            holds: [],
          });
          return new TestLabeller(invited.labellerId, invited.token, siteUrl, over.signal);
        }),
      ),
    async startRound(prompts, spec = {}) {
      rounds += 1;
      const promptFile = `prompts-${rounds}.jsonl`;
      await writeFile(path.join(dir, promptFile), `${prompts.map((prompt) => JSON.stringify(prompt)).join('\n')}\n`);
      const specFile = path.join(dir, `round-${rounds}.yaml`);
      await writeFile(specFile, JSON.stringify({ prompts: promptFile, models: ['small'], ...QUICK, ...spec }));
      const { code, lines, stderr, stdout } = await installation.command('round', 'start', specFile, '--json');
      const id = lines[0]?.roundId;
      if (code !== 0 || typeof id !== 'string') throw new Error(`round start ended with ${code}: ${stdout}${stderr}`);
      return id as RoundId;
    },
    async show(roundId) {
      const view = await showRound(database.db, roundId);
      if (!view) throw new Error(`no round ${roundId}`);
      return view;
    },
    async untilRound(roundId, what, holds, timeoutMs = 30_000) {
      let last: RoundView | undefined;
      const shown = async () => {
        last = await installation.show(roundId);
        return holds(last) ? last : undefined;
      };
      return until(what, shown, timeoutMs).catch((error: Error) => {
        throw new Error(
          `${error.message}; the round is ${JSON.stringify(last)}\n${processes
            .map((p) => p.stderr())
            .join('\n')
            .slice(-4_000)}`,
        );
      });
    },
    async close() {
      over.abort();
      await Promise.all(processes.map((process) => process.kill()));
      await model.close();
      await connection.close();
      await database.drop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return installation;
}

async function runCommand(args: readonly string[], env: Record<string, string>, cwd: string): Promise<CommandResult> {
  const { code, stdout, stderr } = await startCommand(args, cwd, env).end;
  const lines = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
  return { code: code ?? 1, lines, stdout, stderr };
}
