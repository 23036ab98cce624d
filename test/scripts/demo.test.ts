/** The demo as a newcomer runs it, with services of its own, which are killed under it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { processStart } from '../../bin/bootstrap/process-start';
import { connect } from '../../db/connection';
import type { Answers } from '../../domain/forms';
import { layoutOf } from '../../scripts/services/layout';
import { existingHome } from '../../scripts/services/postgres/home';
import { databaseUrl } from '../../scripts/services/postgres/postmaster';
import { removeData } from '../../scripts/services/stop';
import { type CommandEnd, type RunningCommand, startCommand } from '../setup/command';
import { TestLabeller } from '../setup/labeller';
import { until } from '../setup/processes';

interface Identity {
  pid: number;
  started: string;
}

let folder: string;
let over: AbortController;
beforeEach(() => {
  over = new AbortController();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-demo-'));
});
afterEach(async () => {
  over.abort();
  await plumbline('down').end;
  removeData(layoutOf(path.join(folder, '.plumbline')));
  rmSync(folder, { recursive: true, force: true });
});

function plumbline(args: string): RunningCommand {
  const bundle = process.env.PLUMBLINE_WORKFLOW_BUNDLE;
  return startCommand(args.split(' '), folder, {
    PLUMBLINE_PERSON: 'Olga',
    ...(bundle && { PLUMBLINE_WORKFLOW_BUNDLE: bundle }),
  });
}

/** Labellers who answer alike, and one who never looks: items are contested, and verdicts do not hang on who labelled what. */
const demo = (args: string) => plumbline(`demo --json --exit --alike ${args}`);

const kept = (file: string) => JSON.parse(readFileSync(path.join(folder, '.plumbline', file), 'utf8'));
const lives = ({ pid, started }: Identity) => processStart(pid) === started;

function everything(): Record<string, Identity> {
  const { postgres, temporal } = kept('services.json');
  const { supervisor, children } = kept('up.json');
  return { supervisor, ...children, ...kept('demo/state.json').children, postgres, temporal };
}

function outcomeOf(end: CommandEnd) {
  const outcome = end.json().find(({ event }) => event === 'outcome');
  if (end.code !== 0 || !outcome)
    throw new Error(`the demo ended with ${end.code}: ${end.stdout.slice(-2_000)}${end.stderr.slice(-4_000)}`);
  return outcome;
}

/** Once a third of the labels are there, with the round far from its end. */
async function inTheMiddle({ child, end }: RunningCommand): Promise<void> {
  let labels = 0;
  let over = false;
  void end.then(() => {
    over = true;
  });
  child.stdout?.on('data', (part: Buffer) => {
    for (const [, counted] of String(part).matchAll(/"counted":(\d+)/g)) labels = Math.max(labels, Number(counted));
  });
  await until('labels come', () => labels >= 36 || over, 120_000);
  if (over) throw new Error(`the demo was over too early: ${(await end).stderr}`);
}

/** The verdict of record of each answer of the newest round, by model and prompt. */
async function verdicts(): Promise<Record<string, string>> {
  await plumbline('up --detach').end;
  const home = existingHome(layoutOf(path.join(folder, '.plumbline')));
  if (!home) throw new Error('there is no Postgres here');
  const { db, close } = connect(databaseUrl(home, kept('services.json').postgres.port, 'plumbline'));
  try {
    const rows = await db.execute<{ answer: string; verdict: string }>(sql`
      select i.model_id || ' ' || p.external_id as answer, m.verdict || ' ' || coalesce(m.reason, '') as verdict
      from rounds r join items i on i.round_id = r.id join prompts p on p.id = i.prompt_id
      join measurement_items m on m.item_id = i.id and m.measurement_id = r.measurement_id
      where r.id = (select id from rounds order by created_at desc limit 1)`);
    return Object.fromEntries(rows.map(({ answer, verdict }) => [answer, verdict]));
  } finally {
    await close();
    await plumbline('down').end;
  }
}

function listening({ child }: RunningCommand): () => string {
  let said = '';
  child.stdout?.on('data', (part: Buffer) => {
    said += part;
  });
  return () => said;
}

/** As the demo tells a person to: each answer waits for this one person's label. */
async function labelBeside(): Promise<void> {
  const [invited] = (await plumbline('labeller invite --name You --group beside --json').end).json();
  const [started] = (await plumbline('round start .plumbline/demo/beside.yaml --json').end).json();
  const you = new TestLabeller(String(invited?.labellerId), String(invited?.token), String(invited?.url), over.signal);
  const round = String(started?.roundId);
  const fine: Answers = { forbidden: 'no', intent: 'met', faults: [] };
  let judged = 0;
  const judge = () => {
    judged += 1;
    return fine;
  };
  expect(await you.work(round, judge, () => judged === 8)).toHaveLength(8);
  const done = async () => {
    const [view] = (await plumbline('round show latest --json').end).json();
    return view?.status === 'done' && view;
  };
  expect(await until('the round is over', done, 60_000)).toMatchObject({
    roundId: round,
    simulated: true,
    items: { total: 8, settled: 8 },
    labels: { total: 40 },
  });
}

test('a round from nothing, and again with everything killed under it, one by one and then all at once: the same verdicts, the same people, nothing left running', async () => {
  const first = outcomeOf(await demo('--prompts 16 --seed 5 --pace 0').end);
  expect(first).toMatchObject({ simulated: true, seed: '5' });
  expect(readFileSync(String(first.report), 'utf8')).toContain('SIMULATED');
  expect(Object.values(everything()).filter(lives)).toEqual([]);
  const people = kept('demo/people.json').labellers;
  const undisturbed = await verdicts();
  expect(Object.keys(undisturbed)).toHaveLength(48);

  const killed = demo('--prompts 16 --seed 5 --pace 10');
  await inTheMiddle(killed);
  const { supervisor: _, ...parts } = everything();
  for (const part of Object.values(parts)) process.kill(part.pid, 'SIGKILL');
  await until('everything runs again', () => Object.values(everything()).every(lives), 60_000);
  for (const part of Object.values(everything())) process.kill(part.pid, 'SIGKILL');
  await killed.end;

  const resumed = await demo('--pace 0').end;
  expect(resumed.json()).toContainEqual(expect.objectContaining({ event: 'resumed', seed: '5' }));
  expect(outcomeOf(resumed).roundId).not.toBe(first.roundId);
  expect(await verdicts()).toEqual(undisturbed);
  expect(kept('demo/people.json').labellers).toEqual(people);
  expect(existsSync(String(first.report))).toBe(true);
}, 240_000);

test('Ctrl-C in the middle stops everything in order, and the next start goes on with the same round and stays, so that a person can label beside the simulated ones', async () => {
  expect(await plumbline('demo --spammers 13 --json').end).toMatchObject({ code: 2 });
  expect(await plumbline('demo --alike --spammers 2 --json').end).toMatchObject({ code: 2 });
  expect(await plumbline('demo --pace fast --json').end).toMatchObject({ code: 2 });

  const interrupted = demo('--prompts 16 --pace 10');
  await inTheMiddle(interrupted);
  const second = await plumbline('demo --json').end;
  expect([second.code, second.json()]).toEqual([1, [{ error: expect.objectContaining({ kind: 'busy' }) }]]);
  interrupted.child.kill('SIGINT');
  const { code, stdout, stderr } = await interrupted.end;
  expect(code).toBe(130);
  expect(stderr).toContain('the next start goes on with it');
  expect(Object.values(everything()).filter(lives)).toEqual([]);
  const roundId = /"roundId":"(r-[^"]+)"/.exec(stdout)?.[1];
  const resumed = plumbline('demo --json --alike --pace 0');
  const said = listening(resumed);
  await until('the round is over', () => said().includes('"event":"outcome"'), 120_000);
  expect(said()).toContain(`"event":"outcome","simulated":true,"roundId":"${roundId}"`);

  await labelBeside();
  resumed.child.kill('SIGINT');
  expect((await resumed.end).code).toBe(0);
}, 240_000);
