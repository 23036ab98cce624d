/** What `round watch` shows: in a terminal, and to programs. */
import { eq, sql } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { pauseRound } from '../../db/rounds/pause';
import { readRound } from '../../db/rounds/read';
import { type RoundStanding, roundStanding, withoutClocks } from '../../db/rounds/standing';
import { items, rounds } from '../../db/schema';
import type { PersonId } from '../../domain/ids';
import { Output } from '../../scripts/output';
import { needsOf } from '../../scripts/rounds/needs';
import { Rates, secondsLeft } from '../../scripts/rounds/rates';
import { Lines, linesOf, Screen } from '../../scripts/rounds/screen';
import { accountLines } from '../../scripts/rounds/standing';
import { troublesOf } from '../../scripts/rounds/troubles';
import { follow, watchRound } from '../../scripts/rounds/watch';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Desk } from '../setup/desk';
import { nth, type OpenRound, openRound } from '../setup/round';

let here: TestDatabase;
let round: OpenRound;
let calm: RoundStanding;
let busy: RoundStanding;
const names = new Map<PersonId, string>();
beforeAll(async () => {
  here = await createTestDatabase();
  round = await openRound(here.db, { items: 4, labellers: 2 });
  await new Desk(here.db, round.id, nth(round.labellers, 0).id).lease();
  const { id: rosa } = await addPerson(here.db, { name: 'Rosa', roles: ['researcher'] });
  const { id: ada } = await addPerson(here.db, { name: 'Ada', roles: ['admin'] });
  names.set(rosa, 'Rosa').set(ada, 'Ada').set(nth(round.labellers, 0).id, 'Lena');
  calm = await standing();
  busy = busyOf(calm);
});
afterAll(() => here.drop());

async function standing(): Promise<RoundStanding> {
  const found = await roundStanding(here.db, round.id);
  if (!found) throw new Error('no round');
  return found;
}

/** Everything that can be told at once. */
function busyOf(given: RoundStanding): RoundStanding {
  const account = nth(given.accounts, 0);
  return {
    ...given,
    name: 'a round whose name is not short, of two models and many people',
    pause: {
      by: 'person',
      who: 'Olga',
      since: '2026-01-02T03:04:05Z',
      why: 'the manual',
      labelling: false,
      held: true,
    },
    items: { ...given.items, total: 4_000, generated: 2_000, failed: 12, contested: 3, quarantined: 1 },
    calls: { inFlight: 38, retrying: 5, retried: 120, rateLimited: 31 },
    parked: {
      items: [{ model: 'small', code: 'parked:http-500', items: 12, mendable: true }],
      models: [{ model: 'small', code: 'http-500', failures: 20, since: '', retryAt: null }],
    },
    spending: {
      currency: 'USD',
      calls: { money: 3.25, tokens: 1_234_567, inFlight: { money: 0.04, tokens: 400 } },
      unpriced: ['large'],
      budget: { money: 10, tokens: null },
      forecast: { money: 5, tokens: 1, from: 'this-round', atEnd: { money: 8.4, tokens: 9 } },
    },
    accounts: [
      { ...account, name: 'openai', inUse: 38, allowed: 50, concurrency: 80, cutAt: '2026-01-02T03:04:05Z' },
      { ...account, name: 'other', waitSeconds: 45, heldCode: 'http-429', concurrency: 8, allowed: 8 },
      { ...account, name: 'third', blocked: 'http-401', keyVariable: 'THIRD_KEY' },
    ],
    starved: 7,
    starvedAsks: [{ requirements: ['lang:de'], items: 5 }],
    unjudged: [{ model: 'small', items: 12, givenBack: 12, code: 'broken' }],
  };
}
const RATES = { generated: 12.3, labels: 0.5, ended: 0.001 };
const seen = (given: RoundStanding) => ({ standing: given, rates: RATES, beside: {}, names });

/** What a terminal is told: a command, or text. */
const COMMANDS = new RegExp(
  ['(ESC\\[(\\d*)([AKJ])|\\r)', '([^ESC\\r\\n]+|\\n)'].join('|').replaceAll('ESC', '\u001b'),
  'g',
);

/** What a terminal shows of what is written to it: cursor up, to the line's beginning, clear to its end, clear below. */
class Terminal {
  lines: string[] = [''];
  private row = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {}

  write(text: string): void {
    for (const [, command, n, kind, line] of text.matchAll(COMMANDS)) {
      if (kind === 'A') this.row = Math.max(0, this.row - Number(n));
      else if (kind === 'J') this.lines = [...this.lines.slice(0, this.row), ''];
      else if (line === '\n') this.lines[++this.row] ??= '';
      else if (line !== undefined) this.lines[this.row] = line;
      else if (command === undefined) throw new Error('not understood');
    }
  }
}

test.each([80, 120])('in %i columns no line wraps, and every command stands whole', (columns) => {
  const lines = linesOf(seen(busy), columns - 1);
  for (const line of lines) expect(line.length).toBeLessThan(columns);
  const commands = [
    `plumbline round resume ${round.id}`,
    `plumbline round set ${round.id} budget.money=20 --why TEXT`,
    `plumbline round retry ${round.id} --model small`,
    'plumbline labeller invite --name NAME',
    `plumbline adjudicate list ${round.id} --as NAME`,
    `plumbline quarantine list ${round.id} --as NAME`,
  ];
  for (const command of commands) expect(lines.filter((line) => line.includes(command))).toHaveLength(1);
  const text = lines.map((line) => line.trim()).join(' ');
  expect(text).toMatch(/spent +\[#+\.+\] 3\.21 of 10\.00 USD, 1,234,167 tokens, up to 0\.0400 USD in flight/);
  expect(text).toContain('about 8.40 USD at the end, without large: no price given');
  expect(text).toMatch(/openai +38 of 50 calls at once, cut from 80 after a 429/);
  expect(text).toMatch(/other +waiting 0:45 after a 429, \d+ of 8 calls at once/);
  expect(text).toMatch(/generate .*\/3988, 38 in flight, 5 of them again, 120 retried/);
  expect(text).toMatch(/for a researcher \(Rosa\): ! 3 contested items wait for a ruling: /);
  expect(text).toMatch(/for an admin \(Ada\): ! 1 item waits for a look: possibly illegal, in quarantine: /);
  expect(text).toContain('account third is blocked (http-401): mend the key or the quota behind THIRD_KEY');
  expect(text).toMatch(/at work +1: Lena/);
});

test('rates are told of what goes on, a deadline and those at work only of a round that has not ended', () => {
  const told = (change: Partial<RoundStanding>) => linesOf(seen({ ...busy, ...change }), 119).join('\n');
  const held = {
    by: 'budget' as const,
    who: null,
    since: '2026-01-02T03:04:05Z',
    why: null,
    labelling: true,
    held: true,
  };
  expect(told({ pause: null })).toContain('12/s, 2:42 left, 38 in flight');
  expect(told({ pause: null })).toMatch(/settle .*3\.6\/h/);
  expect(told({ pause: held })).not.toContain('12/s');
  expect(told({ pause: held })).toMatch(/settle .*3\.6\/h/);
  expect(told({})).not.toMatch(/12\/s|3\.6\/h/);
  expect(told({})).toContain('to the deadline');
  expect(told({ status: 'done', pause: null })).not.toMatch(/deadline|at work|12\/s|3\.6\/h/);
});

test('a screen is written over: nothing of what stood there stays, whatever its height', () => {
  const terminal = new Terminal(80, 60);
  const screen = new Screen(terminal);
  for (const each of [busy, calm, busy, busy, calm]) screen.show(seen(each));
  expect(terminal.lines).toEqual([...linesOf(seen(calm), 79), '']);
});

test('what a terminal is too low for is left out, so that nothing scrolls away', () => {
  const terminal = new Terminal(80, 10);
  const screen = new Screen(terminal);
  for (const each of [busy, busy]) screen.show(seen(each));
  expect(terminal.lines).toHaveLength(10);
  expect(terminal.lines[8]).toMatch(/… \d+ more lines/);
});

test('each thing that waits for a person says for whom, and what to type', () => {
  const needs = needsOf(busy);
  expect(needs.map(({ what, role }) => `${what} ${role}`)).toEqual([
    'paused operator',
    'budget operator',
    'blocked operator',
    'parked operator',
    'failed operator',
    'starved operator',
    'unjudged operator',
    'contested researcher',
    'quarantine admin',
  ]);
  expect(needs.find(({ what }) => what === 'contested')?.people.map((id) => names.get(id))).toEqual(['Rosa']);
  expect(needsOf(calm)).toEqual([]);
  expect(needsOf({ ...busy, status: 'cancelled' })).toEqual([]);
});

test('where nobody has the role, it is said how to give it', () => {
  const nobody = { ...busy, staff: { ...busy.staff, researcher: [] } };
  const told = troublesOf(nobody, {}, names).find(({ message }) => message.startsWith('3 contested items'));
  expect(told?.who).toBe('a researcher, and there is none (plumbline person add NAME --role researcher)');
});

test('schedules that start nothing are told, the first few of them', () => {
  const schedules = [1, 2, 3, 4].map((n) => ({
    name: `s${n}`,
    kind: 'paused' as const,
    message: 'is paused: it starts no round',
    hint: `plumbline schedule resume s${n}`,
  }));
  const told = troublesOf(calm, { schedules }, names).map(({ message }) => message);
  expect(told[0]).toBe('schedule s1 is paused: it starts no round; plumbline schedule resume s1');
  expect(told[3]).toBe('1 more schedule paused or failing');
});

test('an account that is idle, with all its permits, is not worth a line', () => {
  expect(accountLines(calm)).toEqual([]);
});

class Kept extends Output {
  readonly said: { record: object; human: string }[] = [];

  override record(record: object, human: string): void {
    this.said.push({ record, human });
  }
}

test('lines that may end in a log name no labeller and no researcher', () => {
  const kept = new Kept(true);
  new Lines(kept).show(seen(busy));
  const { record, human } = nth(kept.said, 0);
  expect(human).toContain('! for a researcher: 3 contested items wait for a ruling: plumbline adjudicate list');
  for (const text of [human, JSON.stringify(record)]) expect(text).not.toMatch(/Lena|Rosa|Ada/);
  expect(record).toMatchObject({ event: 'progress', labellers: { atWork: [nth(round.labellers, 0).id] } });
});

test('a line is not repeated for what it does not show; a record is', () => {
  const unseen = { ...busy, shards: { ...busy.shards, waiting: busy.shards.waiting + 1 } };
  for (const [json, times] of [
    [false, 1],
    [true, 2],
  ] as const) {
    const kept = new Kept(json);
    const lines = new Lines(kept);
    for (const given of [busy, unseen]) lines.show(seen(given));
    expect(kept.said).toHaveLength(times);
  }
});

test('that Temporal or Postgres does not answer stands in the record as in the line', () => {
  const kept = new Kept(true);
  const lines = new Lines(kept);
  lines.show(seen(busy));
  lines.show({ ...seen(busy), beside: { temporal: 'Temporal does not answer' } });
  const [before, after] = kept.said;
  expect(before?.record).toMatchObject({ temporal: null });
  expect(after?.record).toMatchObject({ temporal: 'Temporal does not answer' });
  expect(after?.human).toContain('Temporal does not answer');
});

/** The first line of a watcher, who then goes away. */
async function glance(): Promise<object> {
  const leaving = new AbortController();
  const kept = new (class extends Kept {
    override record(record: object, human: string): void {
      super.record(record, human);
      leaving.abort();
    }
  })(true);
  expect(await follow(here.db, round.id, kept, leaving.signal)).toBeUndefined();
  return nth(kept.said, 0).record;
}

test('who comes back later sees what who came before saw, while nothing has happened', async () => {
  const { id: by } = await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
  await pauseRound(here.db, { roundId: round.id, by, why: 'a look at the manual' });
  const [first, later] = [await glance(), await glance()];
  const timeless = (record: object) => withoutClocks(record as unknown as RoundStanding);
  expect(timeless(later)).toEqual(timeless(first));
  expect(first).toMatchObject({
    event: 'progress',
    status: 'paused',
    pause: { by: 'person', who: 'Olga', why: 'a look at the manual' },
    needs: [{ what: 'paused', role: 'operator', command: `plumbline round resume ${round.id}` }],
  });
});

test('a rate is of the last while, longer where little happens; what is left takes its time at it', () => {
  const rates = new Rates();
  const at = (labels: number, generated: number) => ({
    ...calm,
    labels: { counted: labels, wanted: 100 },
    items: { ...calm.items, total: 1_000, failed: 0, generated },
  });
  rates.of(at(0, 0), 0);
  rates.of(at(1, 0), 60_000);
  const found = rates.of(at(4, 400), 100_000);
  expect(found).toEqual({ generated: 400 / 40, labels: 4 / 100, ended: 0 });
  expect(secondsLeft(at(4, 400), found)).toEqual({ generate: 60, label: 2_400, settle: null });
});

test('what is tried again counts no more as ended, and its rate is that since then', () => {
  const rates = new Rates();
  const at = (failed: number, settled: number) => ({ ...calm, items: { ...calm.items, total: 100, failed, settled } });
  rates.of(at(30, 0), 0);
  rates.of(at(0, 0), 100_000);
  expect(rates.of(at(0, 12), 130_000).ended).toBeCloseTo(12 / 30);
});

test('a round that has none of the newer settings is watched as well', async () => {
  const old = await openRound(here.db, { items: 2, pendingFrom: 1 });
  const { settings } = await readRound(here.db, old.id);
  expect(settings.budget ?? settings.prices ?? settings.accountNames).toBeUndefined();
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, old.id));
  await here.db.execute(sql`delete from round_spending where round_id = ${old.id}`);
  const kept = new Kept(true);
  const last = await follow(here.db, old.id, kept, new AbortController().signal);
  expect(last).toMatchObject({ status: 'cancelled', spending: { calls: { money: null, tokens: 0 }, budget: null } });
  expect(kept.said).toHaveLength(1);
});

test('the end of a round whose items failed says how many, and how they are tried again', async () => {
  const { id } = await openRound(here.db, { items: 2, pendingFrom: 0 });
  await here.db.update(items).set({ state: 'failed', failCode: 'tries-exhausted' }).where(eq(items.roundId, id));
  await here.db.update(rounds).set({ status: 'done', endedAt: new Date() }).where(eq(rounds.id, id));
  const kept = new Kept(false);
  expect(await watchRound(here.db, id, kept)).toBe(0);
  expect(kept.said.at(-1)?.human).toBe(
    [
      `${id} is done`,
      `2 of 2 items failed; once what made them fail is mended: plumbline round retry ${id}`,
      `see: plumbline round show ${id}`,
    ].join('\n'),
  );
});
