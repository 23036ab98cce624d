/**
 * A desk to label at: a database, a site, and sittings of `plumbline labeller work` with their keys, screens and ends.
 * Shared by the labellerWork tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import { assignments } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import type { Problem } from '../../domain/problems';
import { failureOf } from '../../scripts/failures';
import { work } from '../../scripts/labelling/work';
import { Output } from '../../scripts/output';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { judgeByManual } from '../setup/manual';
import { nth, type OpenRound, openRound, type RoundOptions } from '../setup/round';
import { startSite, type TestSite } from '../setup/site';
import { Written } from './inThisProcess';

const ROOT = path.join(__dirname, '../..');

/** Of the test file that called {@link setUpDesk}, while its tests run. */
export let here: TestDatabase;
export let site: TestSite;
export let folder: string;
const children: ChildProcess[] = [];

/** Sets the desk up before all tests of the file that calls it, and clears it after them. */
export function setUpDesk(): void {
  beforeAll(async () => {
    here = await createTestDatabase();
    site = await startSite(here.db);
    folder = mkdtempSync(path.join(tmpdir(), 'plumbline-work-'));
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await site.close();
    await here.drop();
    rmSync(folder, { recursive: true });
  });
}

interface SittingEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  events: Record<string, unknown>[];
  /** Why it failed. */
  problem?: Problem;
}
export interface Sitting {
  keys: Writable;
  /** All it printed so far, on stdout and on stderr. */
  screen(): string;
  end: Promise<SittingEnd>;
}

/** `plumbline labeller work ARGS` as a process, with a pipe for a keyboard. There is no database in its environment. */
export function sitApart(token: string, keys: string, ...args: string[]): Sitting['end'] {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:PLUMBLINE_|TEMPORAL_|DATABASE_URL$)/.test(name),
  );
  const tsx = pathToFileURL(require.resolve('tsx')).href;
  const child = spawn(
    process.execPath,
    ['--import', tsx, path.join(ROOT, 'scripts/plumbline.ts'), 'labeller', 'work', ...args],
    {
      cwd: folder,
      env: {
        ...Object.fromEntries(inherited),
        TSX_TSCONFIG_PATH: path.join(ROOT, 'tsconfig.json'),
        PLUMBLINE_SITE_URL: site.url,
        PLUMBLINE_LABELLER_TOKEN: token,
      },
    },
  );
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part) => {
    stdout += part;
  });
  child.stderr.on('data', (part) => {
    stderr += part;
  });
  child.stdin.end(keys);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr, events: eventsOf(stdout) }));
  });
}

function eventsOf(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"'));
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

/** What the command says, where it says it. */
class Told extends Output {
  constructor(
    json: boolean,
    private readonly stdout: Written,
  ) {
    super(json);
  }

  override record(record: object, human: string): void {
    this.stdout.write(this.json ? `${JSON.stringify(record)}\n` : `${human}\n`);
  }
}

interface SittingOptions {
  json?: boolean;
  siteUrl?: string;
  /** What stands after `labeller work`; left out: the round. */
  args?: string[];
  /** Keys are pressed by a person, at a screen of so many lines. */
  rows?: number;
}

/** The same in the test's own process. */
export function sit(
  round: Pick<OpenRound, 'id'>,
  token: string,
  { json = false, siteUrl = site.url, args = [round.id], rows }: SittingOptions = {},
): Sitting {
  const stdin = new PassThrough();
  const [stdout, stderr] = [new Written(), new Written()];
  if (rows !== undefined) {
    Object.assign(stdin, { isTTY: true, setRawMode: () => stdin });
    Object.assign(stdout, { isTTY: true, columns: 80, rows });
  }
  const given = new Map([
    ['siteUrl', siteUrl],
    ['token', token],
  ]);
  const value = (name: string) => given.get(name) || undefined;
  const call = { args, output: new Told(json, stdout), value, values: () => [], on: () => false };
  const told = ({ code, problem }: Pick<SittingEnd, 'code' | 'problem'>): SittingEnd => ({
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    events: eventsOf(stdout.text),
    ...(problem && { problem }),
  });
  const end = work(call, { stdin, stdout, stderr }).then(
    (code) => told({ code }),
    (error) => {
      const { exitCode, problems } = failureOf(error);
      return told({ code: exitCode, problem: problems[0] });
    },
  );
  return { keys: stdin, screen: () => stdout.text + stderr.text, end };
}

/** Works through these keys, one after another, and then closes the pipe. */
export function press(round: OpenRound, pressed: string, options: SittingOptions = {}): Sitting['end'] {
  const { keys, end } = sit(round, nth(round.labellers, 0).token, options);
  keys.end(pressed);
  return end;
}

/** A sitting of the round's first labeller. */
export function sitFirst(round: OpenRound, options: SittingOptions = {}): Sitting {
  return sit(round, nth(round.labellers, 0).token, options);
}

export async function open(options: RoundOptions & { manual?: boolean } = {}): Promise<OpenRound> {
  const { manual, ...rest } = options;
  const round = await openRound(here.db, rest);
  if (manual) await judgeByManual(here.db, round.id);
  return round;
}

/** Of its assignments, in alphabetical order. */
export async function statesOf(roundId: RoundId): Promise<string[]> {
  const rows = await here.db.select().from(assignments).where(eq(assignments.roundId, roundId));
  return rows.map(({ state }) => state).sort();
}

export async function labelsOf(roundId: RoundId) {
  const rows = await here.db.execute<{
    answers: unknown;
    unsure: boolean;
    note: string | null;
    withdrawn: boolean;
  }>(sql`
    select l.answers, l.unsure, t.body as note, l.withdrawn_at is not null as withdrawn
    from labels l left join texts t on t.hash = l.note_hash where l.round_id = ${roundId} order by l.submitted_at`);
  return [...rows];
}

export async function answersOf(roundId: RoundId): Promise<unknown[]> {
  return (await labelsOf(roundId)).filter(({ withdrawn }) => !withdrawn).map(({ answers }) => answers);
}

interface TestServer {
  server: Server;
  url: string;
}

export function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = createServer(answer);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ server, url: `http://127.0.0.1:${port}` });
    });
  });
}

/** To the real site. */
export async function forward(request: IncomingMessage): Promise<Response> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  const headers = Object.fromEntries(
    ['authorization', 'content-type', 'idempotency-key'].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
  const method = request.method ?? 'GET';
  return fetch(site.url + request.url, { method, headers, ...(parts.length > 0 && { body: Buffer.concat(parts) }) });
}
