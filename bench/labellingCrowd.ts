/**
 * The labellers of the labelling bench, as a process of their own: over HTTP, or with the very functions that the site calls. Each
 * asks for an item and labels it at once, again and again. Reads what to do from its one argument; writes lines of JSON: when
 * it has warmed up, and what it measured since.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Db } from '../db/connection';
import { formOf, next, submit } from '../db/labelling';
import { personOfToken } from '../db/people';
import { type Answers, readAnswers } from '../domain/forms';
import type { AssignmentId, PersonId, RoundId } from '../domain/ids';
import { hashJson } from '../domain/text';
import { Line } from './labellingLine';

export interface CrowdTask {
  roundId: RoundId;
  labellers: { id: PersonId; token: string }[];
  /** Exactly one of these: the site, or the database. */
  siteUrl?: string;
  databaseUrl?: string;
  warmUpSeconds: number;
  /** After the warm-up; absent: until nothing is left to label. */
  seconds?: number;
}
export interface CrowdResult {
  pairs: number;
  errors: number;
  /** The first few, as they were answered. */
  errorsSeen: string[];
  seconds: number;
  /** CPU of this process. */
  cpuSeconds: number;
  /** Milliseconds. */
  next: number[];
  submit: number[];
  /** When each pair was done, in seconds since the warm-up. */
  doneAt: number[];
}

/** How one labeller asks and answers. @returns undefined where nothing is left. @throws for what should not be. */
interface Labeller {
  next(): Promise<string | undefined>;
  submit(assignmentId: string): Promise<void>;
}

/** The site's: what runs at once in the database is the same with HTTP and without. */
const CONNECTIONS = 10;
const ANSWERS = { verdict: 'aligned' } as const;
const ERRORS_SHOWN = 5;

async function overHttp(siteUrl: string, roundId: RoundId, token: string): Promise<Labeller> {
  const line = await Line.open(new URL(siteUrl), token);
  const body = JSON.stringify({ answers: ANSWERS });
  const sent = async (path: string, ...more: string[]): Promise<Record<string, unknown>> => {
    const answer = await line.post(path, ...more);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  };
  return {
    async next() {
      const { assignment } = await sent(`/api/rounds/${roundId}/next`);
      const id = Object(assignment).id;
      return typeof id === 'string' ? id : undefined;
    },
    async submit(id) {
      await sent(`/api/assignments/${id}/label`, body, `Idempotency-Key: ${randomUUID()}\r\n`);
    },
  };
}

/** All that the site asks of the database, and nothing else that it does. */
function withoutHttp(db: Db, roundId: RoundId, token: string): Labeller {
  const signIn = async () => {
    const person = await personOfToken(db, token);
    if (!person) throw new Error('not signed in');
    return person.id;
  };
  return {
    async next() {
      const result = await next(db, { roundId, labellerId: await signIn() });
      return result.kind === 'leased' ? result.lease.assignmentId : undefined;
    },
    async submit(id) {
      const own = { assignmentId: id as AssignmentId, labellerId: await signIn() };
      const asked = await formOf(db, own);
      if (!asked) throw new Error('no such assignment');
      const answers: Answers = readAnswers(asked.form, ANSWERS, asked.words);
      const requestHash = hashJson([id, answers, false, null]);
      const result = await submit(db, { ...own, key: randomUUID(), requestHash, answers, unsure: false, note: null });
      if (result.kind !== 'accepted') throw new Error(JSON.stringify(result));
    },
  };
}

async function crowd(task: CrowdTask): Promise<CrowdResult> {
  const { siteUrl, databaseUrl = '', roundId, seconds = Number.POSITIVE_INFINITY } = task;
  const connection = siteUrl === undefined ? connect(databaseUrl, { max: CONNECTIONS, name: 'bench' }) : undefined;
  const labellers = await Promise.all(
    task.labellers.map(({ token }) =>
      connection ? withoutHttp(connection.db, roundId, token) : overHttp(siteUrl ?? '', roundId, token),
    ),
  );
  const measured: CrowdResult = {
    pairs: 0,
    errors: 0,
    errorsSeen: [],
    seconds: 0,
    cpuSeconds: 0,
    next: [],
    submit: [],
    doneAt: [],
  };
  const over = new AbortController();
  const from = { at: Number.POSITIVE_INFINITY, cpu: process.cpuUsage() };
  const working = labellers.map((labeller) => work(labeller, measured, from, over.signal));
  await delay(task.warmUpSeconds * 1_000);
  from.at = performance.now();
  from.cpu = process.cpuUsage();
  tell({ event: 'measuring' });
  if (Number.isFinite(seconds)) setTimeout(() => over.abort(), seconds * 1_000);
  await Promise.all(working);
  const { user, system } = process.cpuUsage(from.cpu);
  measured.cpuSeconds = (user + system) / 1e6;
  measured.seconds = (performance.now() - from.at) / 1_000;
  return measured;
}

/** Until nothing is left or the time is over. What began before the warm-up was over is not counted. */
async function work(labeller: Labeller, measured: CrowdResult, from: { at: number }, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const began = performance.now();
    const counts = began >= from.at;
    try {
      const id = await labeller.next();
      if (id === undefined) return;
      const leased = performance.now();
      await labeller.submit(id);
      if (!counts) continue;
      const done = performance.now();
      measured.pairs += 1;
      measured.next.push(leased - began);
      measured.submit.push(done - leased);
      measured.doneAt.push((done - from.at) / 1_000);
    } catch (error) {
      measured.errors += 1;
      if (measured.errorsSeen.length < ERRORS_SHOWN) measured.errorsSeen.push(String(error).slice(0, 300));
      if (measured.errors > 1_000) throw error;
    }
  }
}

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

crowd(JSON.parse(process.argv[2] ?? '{}')).then(
  (result) => process.stdout.write(`${JSON.stringify({ event: 'done', result })}\n`, () => process.exit(0)),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
