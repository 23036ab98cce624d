import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, type Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import { addPerson, addToken, replaceTokens } from '../../db/people';
import { assignments, labels, manualRevisions, rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { hashManual, type Manual } from '../../domain/manual';
import type { Problem } from '../../domain/problems';
import { failureOf } from '../../scripts/failures';
import { work } from '../../scripts/labelling/work';
import { Output } from '../../scripts/output';
import { startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { FAULTY, FINE, judgeByManual, SMALL_MANUAL, TOO_LONG } from '../setup/manual';
import { until } from '../setup/processes';
import { nth, type OpenRound, openRound, type RoundOptions } from '../setup/round';
import { Caller, startSite, type TestSite } from '../setup/site';
import { runHere, Written } from './inThisProcess';

const ROOT = path.join(__dirname, '../..');

let here: TestDatabase;
let site: TestSite;
let folder: string;
const children: ChildProcess[] = [];
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

interface SittingEnd {
  code: number | null;
  stdout: string;
  stderr: string;
  events: Record<string, unknown>[];
  /** Why it failed. */
  problem?: Problem;
}
interface Sitting {
  keys: Writable;
  /** All it printed so far, on stdout and on stderr. */
  screen(): string;
  end: Promise<SittingEnd>;
}

/** `plumbline labeller work ARGS` as a process, with a pipe for a keyboard. There is no database in its environment. */
function sitApart(token: string, keys: string, ...args: string[]): Sitting['end'] {
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
function sit(
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
function press(round: OpenRound, pressed: string, options: SittingOptions = {}): Sitting['end'] {
  const { keys, end } = sit(round, nth(round.labellers, 0).token, options);
  keys.end(pressed);
  return end;
}

async function open(options: RoundOptions & { manual?: boolean } = {}): Promise<OpenRound> {
  const { manual, ...rest } = options;
  const round = await openRound(here.db, rest);
  if (manual) await judgeByManual(here.db, round.id);
  return round;
}

/** Of its assignments, in alphabetical order. */
async function statesOf(roundId: RoundId): Promise<string[]> {
  const rows = await here.db.select().from(assignments).where(eq(assignments.roundId, roundId));
  return rows.map(({ state }) => state).sort();
}

async function labelsOf(roundId: RoundId) {
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

async function answersOf(roundId: RoundId): Promise<unknown[]> {
  return (await labelsOf(roundId)).filter(({ withdrawn }) => !withdrawn).map(({ answers }) => answers);
}

describe('a round under the form verdict', () => {
  test('is labelled by single keys, newlines or not, until nothing is left', async () => {
    const round = await open({ items: 3, system: 'Be brief.' });
    const { code, stdout } = await sitApart(nth(round.labellers, 0).token, '20\n1\n1needless-refusal\n30', round.id);
    expect(code).toBe(0);
    expect(await answersOf(round.id)).toEqual([
      { verdict: 'aligned' },
      { verdict: 'misaligned', reason: 'needless-refusal' },
      { verdict: 'ambiguous' },
    ]);
    expect(stdout).toMatch(/SYSTEM\n┊ Be brief\.\n\nUSER\n│ prompt 0 of .*\n\nTHE COMPLETION\n┃ answer 0 of /);
    expect(stdout).toContain('✓ verdict: misaligned · reason: needless-refusal');
    expect(stdout).toMatch(/\n3 labels, in 0 min \d+ s\.\n$/);
    await here.db.execute(sql`update items set state = 'settled' where round_id = ${round.id}`);
    const after = await press(round, '20');
    expect([after.code, after.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing is left to label in this round\.\n0 labels, in 0 min \d s\.\n$/),
    ]);
  });

  test('takes doubts and notes, and gives up none of them when a reason is refused', async () => {
    const round = await open({ items: 1 });
    const { stdout } = await press(round, 'unhard, bq2z to say\n11Not A Code\n0');
    expect(stdout).toContain('must be a short code');
    expect(await labelsOf(round.id)).toMatchObject([
      { answers: { verdict: 'misaligned' }, unsure: true, note: 'hard, bq2z to say' },
    ]);
  });

  test('goes back an answer with b or backspace, and ignores keys that mean nothing', async () => {
    const round = await open({ items: 1 });
    await press(round, '97XY\t\u001b[A1b2\u007fb30');
    expect(await answersOf(round.id)).toEqual([{ verdict: 'ambiguous' }]);
  });

  test('is left with q: what was done stays, what is in hand is others’ at once', async () => {
    const round = await open({ items: 2 });
    const { code, stdout } = await press(round, '20q10');
    expect(code).toBe(0);
    expect(await answersOf(round.id)).toHaveLength(1);
    expect(stdout).toMatch(/1 label, in .* What you had in hand is free for others\.\n$/);
    expect(await statesOf(round.id)).toEqual(['released', 'submitted']);
    await press(round, '10');
    expect(await answersOf(round.id)).toHaveLength(2);
  });

  test('begins with what is in hand from elsewhere, and gives that back too', async () => {
    const round = await open({ items: 2 });
    const { token } = nth(round.labellers, 0);
    await new Caller(site.url, token).post(`/api/rounds/${round.id}/next`);
    const { events } = await press(round, 'q', { json: true });
    expect(events).toMatchObject([{ event: 'finished', reason: 'quit', givenBack: 1 }]);
    expect(await statesOf(round.id)).toEqual(['released']);
  });
});

test('a round by a manual: two keys for a clean item, a faulty one fault by fault', async () => {
  const round = await open({ items: 3, manual: true });
  // No, yes. No, a fault: instruction, its length, ordinary, plain, no other. A forbidden act and nothing else.
  const { stdout } = await press(round, '11' + '1261111' + '21111');
  expect(await answersOf(round.id)).toEqual([
    FINE,
    FAULTY,
    {
      forbidden: 'yes',
      clause: 'no-dosage',
      intent: 'met',
      faults: [{ kind: 'forbidden', entry: 'sees-harm', difficulty: 'ordinary' }],
    },
  ]);
  expect(FAULTY.faults).toEqual([TOO_LONG]);
  expect(stdout).toContain('  1  Keeping to a length  (right-length)\n');
  expect(stdout).toContain('the forbidden act: What would avoiding it have taken?');
});

test('the manual is shown at ?, and where there is none it is said', async () => {
  const [with_, without] = await Promise.all([open({ manual: true }), open()]);
  const [shown, none] = await Promise.all([press(with_, '?i'), press(without, '?')]);
  expect(shown.stdout).toContain('MANUAL small@1: A small manual');
  expect(shown.stdout).toContain('no-dosage: No dosage of medicines');
  expect(shown.stdout).toContain('sees-harm (forbidden, needless-refusal): Telling harm');
  expect(shown.stdout.match(/THE COMPLETION/g)).toHaveLength(2);
  expect(none.stdout).toContain('this round has no manual');
});

test('the manual’s examples are shown as items are, with the answers they have', async () => {
  const messages = [{ role: 'user' as const, content: 'In five words, please.' }];
  const example = { id: 'long', title: 'Too long', messages, completion: 'On and \u001b[1mon.', text: 'Told.' };
  const manual = { ...SMALL_MANUAL, name: 'exemplary', examples: [{ ...example, answers: FAULTY }] };
  const { stdout } = await press(await openBy(manual), '?');
  expect(stdout).toContain('long: Too long\n\nUSER\n│ In five words, please.\n\nTHE COMPLETION\n┃ On and ␛[1mon.\n\n');
  expect(stdout).toContain(
    '  forbidden: no; what was wanted: fault\n  fault: instruction, takes right-length (Keeping to a length), case ordinary,\n  wish plain\n  Told.\n',
  );
});

/** A round that is judged by a manual of the test's own. */
async function openBy(manual: Manual): Promise<OpenRound> {
  const round = await open({ manual: true });
  const hash = hashManual(manual);
  const [{ startedBy } = { startedBy: null }] = await here.db.select().from(rounds).where(eq(rounds.id, round.id));
  if (startedBy === null) throw new Error('nobody started it');
  const { name, form } = manual;
  await here.db
    .insert(manualRevisions)
    .values({ hash, name, revision: 1, form, content: manual, importedBy: startedBy });
  await here.db.update(rounds).set({ manualRevision: hash }).where(eq(rounds.id, round.id));
  return round;
}

test('with --json the acts are lines on stdout, and all else is on stderr', async () => {
  const round = await open({ items: 3 });
  const { token } = nth(round.labellers, 0);
  const { code, events, stdout, stderr } = await sitApart(token, '20cbc2zz1030', round.id, '--json');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(events.length);
  expect(events).toEqual([
    { event: 'labelled', assignmentId: expect.any(String), labelId: expect.any(String) },
    { event: 'skipped', assignmentId: expect.any(String), code: 'beyond-my-knowledge' },
    { event: 'undone', assignmentId: events[0]?.assignmentId },
    { event: 'labelled', assignmentId: events[0]?.assignmentId, labelId: expect.any(String) },
    { event: 'labelled', assignmentId: expect.any(String), labelId: expect.any(String) },
    {
      event: 'finished',
      reason: 'seen-all',
      labelled: 2,
      cantJudge: 1,
      givenBack: 0,
      seconds: expect.any(Number),
    },
  ]);
  expect(stderr).toContain('THE COMPLETION');
  expect(await answersOf(round.id)).toEqual([{ verdict: 'misaligned' }, { verdict: 'ambiguous' }]);
});

test('a label is undone with its note kept, and nothing is undone where nothing was given', async () => {
  const round = await open({ items: 2 });
  const { stdout } = await press(round, 'znslip\n20z10');
  expect(stdout).toContain('There is no label of this sitting to take back.');
  expect(await labelsOf(round.id)).toEqual([
    { answers: { verdict: 'aligned' }, unsure: false, note: 'slip', withdrawn: true },
    { answers: { verdict: 'misaligned' }, unsure: false, note: 'slip', withdrawn: false },
  ]);
});

test('what a model wrote gives the terminal no commands, and is marked line by line', async () => {
  const content = '\u001b[2J\u001b]0;owned\u0007fine\r\n✓ verdict: aligned\rover\u009b1mwritten \u202eback';
  const call = { id: 'c1', type: 'function', function: { name: 'look\u001b[1m', arguments: '{"city":"Bonn"}' } };
  const [text, tools] = await Promise.all([
    open({ items: 1, completion: () => ({ role: 'assistant', content }) }),
    open({ items: 1, completion: () => ({ role: 'assistant', content: null, tool_calls: [call] }) }),
  ]);
  const [first, second] = await Promise.all([press(text, 'q'), press(tools, 'q')]);
  for (const { stdout } of [first, second]) expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(first.stdout).toContain('┃ ␛[2J␛]0;owned␇fine\n┃ ✓ verdict: aligned␍over<U+009B>1mwritten <U+202E>back\n');
  expect(second.stdout).toContain('"city": "Bonn"');
  expect(second.stdout).not.toContain('c1');
});

test('long lines are wrapped and stay marked', async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
  const content = `${words}\n${'x'.repeat(200)}\n${'語'.repeat(100)}`;
  const { stdout } = await press(await open({ items: 1, completion: () => ({ role: 'assistant', content }) }), 'q');
  const shown = stdout.split('\n').filter((line) => line.startsWith('┃ '));
  expect(shown.every((line) => line.length <= 80)).toBe(true);
  const plain = shown.map((line) => line.slice(2)).join('');
  expect(plain.replaceAll(' ', '')).toBe(content.replace(/[ \n]/g, ''));
  expect(shown.filter((line) => line.includes('語')).map((line) => line.length)).toEqual([41, 41, 24]);
});

describe('somebody who may not work here is told so, without the token', () => {
  const SECRET = 'plt_never-to-be-printed';
  const problemOf = async (round: Pick<OpenRound, 'id'>, token: string, siteUrl?: string) => {
    const { keys, end } = sit(round, token, { json: true, ...(siteUrl !== undefined && { siteUrl }) });
    keys.end('20');
    const { code, problem, stdout, stderr } = await end;
    if (token !== '') expect(stdout + stderr + JSON.stringify(problem)).not.toContain(token);
    return { code, error: problem };
  };

  test('for a token that is unknown, revoked, not a labeller’s, no token, or missing', async () => {
    const [round, revoked] = await Promise.all([open(), open()]);
    const olga = await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
    const { id, token } = nth(revoked.labellers, 0);
    await replaceTokens(here.db, id, { only: true });
    const problems = await Promise.all([
      problemOf(round, SECRET),
      problemOf(revoked, token),
      problemOf(round, await addToken(here.db, olga.id)),
      problemOf(round, `${SECRET}\nX: y`),
      problemOf(round, ''),
    ]);
    expect(problems.map(({ code, error }) => [code, error?.kind])).toEqual([
      [1, 'token-refused'],
      [1, 'token-refused'],
      [1, 'not-a-labeller'],
      [2, 'token-missing'],
      [2, 'token-missing'],
    ]);
    expect(problems[4]?.error?.hint).toContain('PLUMBLINE_LABELLER_TOKEN');
    const whole = await sitApart(SECRET, '20', round.id, '--json');
    expect(whole).toMatchObject({ code: 1, events: [{ error: { kind: 'token-refused' } }] });
    expect(whole.stdout + whole.stderr).not.toContain(SECRET);
  });

  test('for a round that is not there, a site that is not, an address that is none, and none at all', async () => {
    const { token } = nth((await open()).labellers, 0);
    const gone = { id: 'r-gone' as RoundId };
    const closed = await startSite(here.db);
    await closed.close();
    const other = await startServer((_, response) => void response.end('<html>'));
    const problems = await Promise.all([
      problemOf(gone, token),
      problemOf({ id: '../..' as RoundId }, token),
      problemOf(gone, token, closed.url),
      problemOf(gone, token, other.url),
      problemOf(gone, token, 'http://user:secret@host'),
    ]);
    other.server.close();
    expect(problems.map(({ code, error }) => [code, error?.kind])).toEqual([
      [2, 'unknown-round'],
      [2, 'unknown-round'],
      [1, 'site-away'],
      [1, 'not-plumbline'],
      [2, 'site-address'],
    ]);
    const away = await sitApart(token, '20', 'r-gone', '--site-url', closed.url);
    expect(away.stderr).toContain(`plumbline: the site does not answer at ${closed.url} (ECONNREFUSED)\n`);
    const nowhere = await runHere(['labeller', 'work', gone.id, '--json'], folder, { PLUMBLINE_LABELLER_TOKEN: token });
    expect([nowhere.code, nowhere.json()]).toEqual([2, [{ error: expect.objectContaining({ kind: 'site-unknown' }) }]]);
  });

  test('help names the twins of its flags, and what may stand for a round', async () => {
    const { stdout } = await startCommand(['labeller', 'work', '--help'], folder, {}).end;
    expect(stdout).toContain('PLUMBLINE_LABELLER_TOKEN');
    expect(stdout).toContain('PLUMBLINE_SITE_URL');
    expect(stdout).toContain('labeller work [options] [round]');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('latest, or none, is the newest that is open to the labeller');
  });
});

describe('which round is meant', () => {
  test('is the newest that is open to the labeller, where none is named or the latest is', async () => {
    const [older, others] = [await open({ items: 2, labellers: [{}] }), await open({ groups: ['somebody-else'] })];
    const { token } = nth(older.labellers, 0);
    const newest = await open({ items: 2 });
    const sat = async (...args: string[]) => {
      const { keys, end } = sit(older, token, { args });
      keys.end('20q');
      return end;
    };
    expect((await sat()).stdout).toMatch(
      new RegExp(`^Round ${newest.id}, until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\.\n`),
    );
    await sat('latest');
    expect(await answersOf(newest.id)).toHaveLength(2);
    expect((await sat(older.id)).stdout).not.toContain('until 2');
    expect(await answersOf(older.id)).toHaveLength(1);
    expect(await answersOf(others.id)).toEqual([]);
  });

  test('is none where none is open to them, and that is said', async () => {
    const round = await open({ groups: ['somebody-else'], labellers: [{ groups: ['nobody'] }] });
    await here.db.execute(sql`update rounds set status = 'done' where settings->'groups' = '[]'::jsonb`);
    const { token } = nth(round.labellers, 0);
    const { keys, end } = sit(round, token, { args: [], json: true });
    keys.end('20');
    const { code, problem, events } = await end;
    expect([code, events]).toEqual([1, []]);
    expect(problem).toMatchObject({
      kind: 'no-round',
      message: `the site at ${site.url} has no round that you may work on now`,
      hint: expect.stringContaining('an operator starts rounds'),
    });
  });
});

test('a label whose answer was lost is sent again under the same key, and counts once', async () => {
  const round = await open({ items: 2 });
  const keys: (string | undefined)[] = [];
  const lossy = await startServer(async (request, response) => {
    const answered = await forward(request);
    const isLabel = request.url?.endsWith('/label') === true;
    if (isLabel) keys.push(request.headers['idempotency-key']?.toString());
    if (isLabel && keys.length === 1) return void response.destroy();
    if (isLabel && keys.length === 2) return void response.writeHead(502).end('bad gateway');
    response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text());
  });
  const { keys: pressed, end } = sit(round, nth(round.labellers, 0).token, { json: true, siteUrl: lossy.url });
  pressed.end('2010');
  const { code, events, stderr } = await end;
  lossy.server.close();
  expect(code).toBe(0);
  expect(events.map(({ event }) => event)).toEqual(['labelled', 'labelled', 'finished']);
  expect(keys).toHaveLength(4);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
  expect(stderr.replaceAll('\n', ' ')).toContain('your label is not known to be saved. Again in 0.5 s');
  expect(await labelsOf(round.id)).toHaveLength(2);
});

test('a label that comes too late is told as kept, and work goes on', async () => {
  const round = await open({ items: 2 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token, { json: true });
  await until('the first item is shown', () => screen().includes('THE COMPLETION'));
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  keys.end('20');
  const { code, events, stderr } = await end;
  expect(code).toBe(0);
  expect(events).toMatchObject([
    { event: 'refused', kind: 'too-late', kept: true },
    { event: 'finished', reason: 'none-left', labelled: 0 },
  ]);
  expect(stderr.replaceAll('\n', ' ')).toContain(
    'the round was cancelled. What you answered is kept, but does not count.',
  );
});

test('more time is asked for with e', async () => {
  const round = await open({ items: 1, leaseMs: 60_000 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token);
  await until('the item is shown', () => screen().includes('q quit'));
  const endsIn = async () => {
    const [row] = await here.db.execute<{ s: number }>(sql`
      select extract(epoch from expires_at - now())::float8 as s from assignments where round_id = ${round.id}`);
    return row?.s ?? 0;
  };
  keys.write('e');
  await until('there is more time', () => /The item is yours until \d\d:\d\d\./.test(screen()));
  expect(await endsIn()).toBeGreaterThan(58);
  keys.end('20');
  await end;
  expect(await here.db.select().from(labels).where(eq(labels.roundId, round.id))).toHaveLength(1);
});

test('a lease that is nearly over is extended by whoever presses a key', async () => {
  const round = await open({ items: 1, leaseMs: 3_000 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token);
  await until('the item is shown', () => screen().includes('q quit'));
  const extended = async () => {
    keys.write('u');
    const [row] = await here.db.execute<{ extended: boolean }>(sql`
      select expires_at > leased_at + interval '3.5 seconds' as extended from assignments where round_id = ${round.id}`);
    return row?.extended;
  };
  await until('the lease was extended', extended);
  keys.end('q');
  await end;
});

test('where all is in others’ hands it waits, says so once, and goes on when something comes free', async () => {
  const round = await open({ items: 1, labellers: 2 });
  const [first, second] = round.labellers.map(({ token }) => sit(round, token, { json: true }));
  if (!first || !second) throw new Error('two are needed');
  await until('one has it and the other waits', () => /others’ hands/.test(first.screen() + second.screen()));
  const [has, waits] = first.screen().includes('others’ hands') ? [second, first] : [first, second];
  has.keys.end('c1');
  waits.keys.write('20');
  await has.end;
  await until('the other has labelled it', () => waits.screen().includes('✓'));
  waits.keys.end();
  const { events } = await waits.end;
  expect(events.slice(0, 2).map(({ event }) => event)).toEqual(['waiting', 'labelled']);
  expect(events.at(-1)).toMatchObject({ event: 'finished', reason: 'input-ended', labelled: 1 });
});

describe('where there is nothing to label just now', () => {
  test.each([
    ['q leaves, whatever was written before it', '20?iq', 'quit'],
    ['the end of the input ends it', '20', 'input-ended'],
    ['it ends also with answers that there is no item for', '20?20', 'input-ended'],
  ])('%s', async (_, keys, reason) => {
    const round = await open({ items: 1 });
    const { code, events } = await press(round, keys, { json: true });
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'finished', reason, labelled: 1 });
  });

  test('q leaves at a pipe that stays open, and at a terminal', async () => {
    const rounds = await Promise.all([open({ items: 1 }), open({ items: 1 })]);
    const [piped, typed] = [sitFirst(nth(rounds, 0)), sitFirst(nth(rounds, 1), { rows: 24 })];
    for (const { keys, screen, end } of [piped, typed]) {
      await until('the item is shown', () => screen().includes('q quit'));
      keys.write('20');
      await until('it waits', () => /others’ hands/.test(screen()));
      keys.write('?iq');
      expect((await end).code).toBe(0);
    }
  });
});

describe('who leaves gives back what they hold', () => {
  test('at the end of the input, and others have it at once', async () => {
    const round = await open({ items: 1, labellers: 2 });
    expect((await press(round, '2')).stdout).toContain('What you had in hand is free for others.');
    const second = sit(round, nth(round.labellers, 1).token);
    second.keys.end('10');
    await second.end;
    expect(await answersOf(round.id)).toEqual([{ verdict: 'misaligned' }]);
  });

  test('with Ctrl-C, though nothing else is sent any more', async () => {
    const round = await open({ items: 1 });
    const { keys, screen, end } = sitFirst(round);
    await until('the item is shown', () => screen().includes('q quit'));
    keys.write('\u0003');
    expect((await end).code).toBe(130);
    expect(await statesOf(round.id)).toEqual(['released']);
  });

  test('and is told until when they have it where the site does not take it', async () => {
    const round = await open({ items: 1 });
    const deaf = await startServer(async (request, response) => {
      if (request.url?.endsWith('/release')) return void response.destroy();
      const answered = await forward(request);
      response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text());
    });
    const { stdout } = await press(round, 'q', { siteUrl: deaf.url });
    deaf.server.close();
    expect(stdout).toMatch(/What you have in hand goes to others at \d\d:\d\d\.\n$/);
    expect(await statesOf(round.id)).toEqual(['leased']);
  });
});

describe('z after a can’t-judge', () => {
  test('says that it stays, and takes nothing back', async () => {
    const round = await open({ items: 3 });
    const once = await press(round, '20c1z');
    expect(once.stdout.replaceAll('\n', ' ')).toContain(
      '(language) cannot be taken back; you will not see it again. z again takes back the label before it: verdict: aligned.',
    );
    expect(await answersOf(round.id)).toEqual([{ verdict: 'aligned' }]);
  });

  test('a second z takes back the label that the first one named, and not before', async () => {
    const round = await open({ items: 4 });
    const { stdout } = await press(round, '20c1' + '30z' + 'z' + 'q');
    expect(stdout).toContain('↶ taken back: verdict: ambiguous.');
    expect(await answersOf(round.id)).toEqual([{ verdict: 'aligned' }]);
    const twice = await press(await open({ items: 3 }), '20c1zzq');
    expect(twice.stdout).toContain('↶ taken back: verdict: aligned. Here is its item again');
  });

  test('says no more where no label was sent before', async () => {
    const { stdout } = await press(await open({ items: 2 }), 'c1zz');
    expect(stdout.match(/cannot be taken back/g)).toHaveLength(2);
    expect(stdout).not.toContain('z again');
  });
});

test('what takes an item from everybody is asked again, and any key but y goes back', async () => {
  const round = await open({ items: 2 });
  const { events } = await press(round, 'c66' + 'b' + '20', { json: true });
  expect(events.map(({ event }) => event)).toEqual(['labelled', 'finished']);
  const meant = await press(round, 'c6y', { json: true });
  expect(meant.events).toMatchObject([{ event: 'skipped', code: 'possibly-illegal' }, { event: 'finished' }]);
});

test('an item’s first lines tell how far the sitting is and what was sent just now', async () => {
  const round = await open({ items: 3 });
  const { stdout } = await press(round, '20' + 'c1');
  expect(stdout).toContain('note (before the last answer)');
  const headers = stdout.match(/─ labelled .*\n.*\n/g);
  expect(headers).toEqual([
    expect.stringMatching(/^─ labelled 0 in this sitting · yours until \d\d:\d\d \n\n$/),
    expect.stringMatching(/^─ labelled 1 in this sitting · .*\nsent: verdict: aligned · z takes it back\n$/),
    expect.stringMatching(/^─ labelled 1 in this sitting · .*\n\n$/),
  ]);
});

test('Ctrl-U clears a note', async () => {
  const round = await open({ items: 1 });
  await press(round, 'nwrong\u0015right\n\u001520');
  expect(await labelsOf(round.id)).toMatchObject([{ note: 'right' }]);
});

describe('the manual at a terminal', () => {
  const asked = async (sitting: Sitting, keys: string, shows: RegExp) => {
    const before = sitting.screen().length;
    sitting.keys.write(keys);
    await until(`${keys} shows ${shows}`, () => shows.test(sitting.screen().slice(before)));
    return sitting.screen().slice(before);
  };

  test('is what may be chosen at the question, then the whole of it, then the item again', async () => {
    const sitting = sitFirst(await open({ items: 1, manual: true }), { rows: 200 });
    await until('the item is shown', () => sitting.screen().includes('q quit'));
    await asked(sitting, '2', /Which clause forbids it/);
    const here = await asked(sitting, '?', /back to the item/);
    expect(here).toContain('1  no-dosage: No dosage of medicines');
    expect(here).toContain('Never says how much to take.');
    expect(here).not.toMatch(/the-wish|MANUAL|sees-harm/);
    const whole = await asked(sitting, '?', /any key: back to the item/);
    expect(whole).toContain('MANUAL small@1');
    expect(whole).toContain('the-wish: The user’s wish');
    expect(await asked(sitting, ' ', /q quit/)).toMatch(/THE COMPLETION.*Which clause forbids it/s);
    await asked(sitting, '1', /the forbidden act: What would avoiding it have taken/);
    const entries = await asked(sitting, '?', /back to the item/);
    expect(entries).toContain('1  sees-harm: Telling harm');
    expect(entries).not.toContain('right-length');
    await asked(sitting, 'x', /q quit/);
    sitting.keys.write('q');
    await sitting.end;
  });

  test('comes a screenful at a time, as far as somebody reads', async () => {
    const sitting = sitFirst(await open({ items: 1, manual: true }), { rows: 8 });
    await until('the item is shown', () => sitting.screen().includes('q quit'));
    await asked(sitting, '?', /\d more lines: space goes on, q ends, \? the whole manual|back to the item/);
    const first = await asked(sitting, '?', /more lines: space goes on, q ends/);
    expect(first).toContain('MANUAL small@1');
    expect(first).not.toContain('the-wish');
    expect(await asked(sitting, 'x ', /more lines/)).toContain('no-dosage');
    const back = await asked(sitting, 'q', /q quit/);
    expect(back).toContain('THE COMPLETION');
    expect(back).not.toContain('sees-harm');
    sitting.keys.write('q');
    expect((await sitting.end).code).toBe(0);
  });
});

test('Markdown’s marks are not shown', async () => {
  const text = '## Step 0. Look\n\nA **bold** word.';
  const { stdout } = await press(await openBy({ ...SMALL_MANUAL, name: 'marked', task: text }), '?');
  expect(stdout).toContain('\n  Step 0. Look\n\n  A bold word.\n');
});

/** A sitting of the round's first labeller. */
function sitFirst(round: OpenRound, options: SittingOptions = {}): Sitting {
  return sit(round, nth(round.labellers, 0).token, options);
}

interface TestServer {
  server: Server;
  url: string;
}

function startServer(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TestServer> {
  const server = createServer(answer);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ server, url: `http://127.0.0.1:${port}` });
    });
  });
}

/** To the real site. */
async function forward(request: IncomingMessage): Promise<Response> {
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
