/** The demo as a newcomer runs it, with services of its own, which are killed under it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'drizzle-orm';
import { processStart } from '../../bin/bootstrap/process-start';
import { connect } from '../../db/connection';
import { layoutOf } from '../../scripts/services/layout';
import { existingHome } from '../../scripts/services/postgres/home';
import { databaseUrl } from '../../scripts/services/postgres/postmaster';
import { type CommandEnd, type RunningCommand, startCommand } from '../setup/command';
import { until } from '../setup/processes';

interface Identity {
  pid: number;
  started: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-demo-'));
});
afterEach(async () => {
  await plumbline('down').end;
  rmSync(folder, { recursive: true, force: true });
});

function plumbline(args: string): RunningCommand {
  return startCommand(args.split(' '), folder, { PLUMBLINE_PERSON: 'Olga' });
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
  await until('labels come', () => labels >= 60 || over, 120_000);
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

test('a whole round from nothing, and again; nothing is left running, and what was set up stays', async () => {
  const first = outcomeOf(await demo('--prompts 12 --pace 0').end);
  expect(first).toMatchObject({ simulated: true, seed: '1' });
  expect(readFileSync(String(first.report), 'utf8')).toContain('SIMULATED');
  const before = everything();
  expect(Object.values(before).filter(lives)).toEqual([]);
  const people = kept('demo/people.json').labellers;

  const again = outcomeOf(await demo('--prompts 12 --pace 0').end);
  expect(again.roundId).not.toBe(first.roundId);
  expect(again.seed).toBe('2');
  expect(kept('demo/people.json').labellers).toEqual(people);
  expect(existsSync(String(first.report))).toBe(true);
}, 180_000);

test('whatever is killed in the middle, one by one or all at once, the round ends with the verdicts of one that nothing disturbed', async () => {
  outcomeOf(await demo('--prompts 24 --seed 5 --pace 0').end);
  const undisturbed = await verdicts();
  expect(Object.keys(undisturbed)).toHaveLength(72);

  const disturbed = demo('--prompts 24 --seed 5');
  await inTheMiddle(disturbed);
  const { supervisor: _, ...parts } = everything();
  for (const part of Object.values(parts)) process.kill(part.pid, 'SIGKILL');
  outcomeOf(await disturbed.end);
  expect(await verdicts()).toEqual(undisturbed);

  const killed = demo('--prompts 24 --seed 5');
  await inTheMiddle(killed);
  for (const part of Object.values(everything())) process.kill(part.pid, 'SIGKILL');
  await killed.end;
  const resumed = await demo('--pace 0').end;
  expect(resumed.json()).toContainEqual(expect.objectContaining({ event: 'resumed', seed: '5' }));
  outcomeOf(resumed);
  expect(await verdicts()).toEqual(undisturbed);
}, 300_000);

test('Ctrl-C in the middle stops everything in order, and the next start goes on with the same round', async () => {
  const interrupted = demo('--prompts 24');
  await inTheMiddle(interrupted);
  interrupted.child.kill('SIGINT');
  const { code, stdout, stderr } = await interrupted.end;
  expect(code).toBe(130);
  expect(stderr).toContain('the next start goes on with it');
  expect(Object.values(everything()).filter(lives)).toEqual([]);
  const roundId = /"roundId":"(r-[^"]+)"/.exec(stdout)?.[1];
  expect(outcomeOf(await demo('--pace 0').end).roundId).toBe(roundId);
}, 180_000);

test('a second demo in the same folder says that one runs; wrong numbers are refused before anything starts', async () => {
  expect(await plumbline('demo --spammers 13 --json').end).toMatchObject({ code: 2 });
  expect(await plumbline('demo --alike --spammers 2 --json').end).toMatchObject({ code: 2 });
  expect(await plumbline('demo --pace fast --json').end).toMatchObject({ code: 2 });
  const running = demo('--prompts 12');
  await until('it has begun', () => existsSync(path.join(folder, '.plumbline/demo/demo.lock')));
  const second = await plumbline('demo --json').end;
  expect([second.code, second.json()]).toEqual([1, [{ error: expect.objectContaining({ kind: 'busy' }) }]]);
  running.child.kill('SIGINT');
  expect((await running.end).code).toBe(130);
}, 120_000);
