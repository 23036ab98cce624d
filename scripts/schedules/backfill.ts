/** `schedule backfill`: the runs of a time that has passed, counted and asked about before many of them are started. */
import { createInterface } from 'node:readline/promises';
import type { Db } from '../../db/connection';
import { refuseIfAny } from '../../domain/problems';
import { countTimes } from '../../domain/recurrence';
import { OVERLAPS } from '../../domain/schedules';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { count } from '../output';
import { lostInTemporal, meantSchedule } from './find';
import { withSchedules } from './reach';
import { onRecord } from './steer';
import { momentOf } from './timing';

/** More than these are asked about first. */
const WITHOUT_ASKING = 20;
const COUNTED = 10_000;

export async function backfill(db: Db, call: Call): Promise<undefined> {
  const [name = ''] = call.args;
  const { from, to } = readRange(call);
  const schedule = await meantSchedule(db, name);
  const { timing } = schedule.plan;
  const overlap = OVERLAPS.find((one) => one === call.value('overlap')) ?? 'buffer-all';
  const actor = await actingPerson(db, call, { action: 'schedule.backfill', subject: name, roles: ['operator'] });
  const runs = countTimes(timing, from, to, COUNTED);
  if (runs === 0) {
    const message = `${name} has no run from ${from.toISOString()} to ${to.toISOString()}`;
    throw wrong('nothing-to-do', message, `plumbline schedule show ${name} says when it runs`, '--from');
  }
  const told = { name, from: from.toISOString(), to: to.toISOString(), runs, overlap };
  const order = overlap === 'buffer-all' ? ', one after the other' : '';
  if (call.on('dryRun')) {
    call.output.record({ event: 'would-backfill', ...told }, `would start ${count(runs, 'run')} of ${name}${order}`);
    return;
  }
  await withSchedules(async (temporal) => {
    if (!(await temporal.find(name))) throw lostInTemporal(schedule);
    if (runs > WITHOUT_ASKING && !call.on('yes')) await askBefore(call, name, runs);
    const deed = { action: 'schedule.backfill', name, by: actor.id, detail: told };
    await onRecord(db, call, deed, () => temporal.backfill(name, from, to, overlap));
  });
  const kept = 'a moment that has its round already keeps it';
  call.output.record(
    { event: 'backfilling', ...told },
    `${count(runs, 'run')} of ${name} are being started${order}; ${kept}`,
  );
}

function readRange(call: Call): { from: Date; to: Date } {
  const problems: { kind: string; message: string; at: string; hint?: string }[] = [];
  const note = (at: string, message: string, hint?: string) => {
    problems.push({ kind: 'schedule', message, at, ...(hint && { hint }) });
    return undefined;
  };
  const from = momentOf(call.value('from'), '--from', note);
  const to = momentOf(call.value('to'), '--to', note);
  if (from && to && from > to) note('--to', 'comes before --from');
  if (to && +to > Date.now()) note('--to', 'has not come yet: a backfill makes up for what has passed');
  refuseIfAny(problems);
  if (!from || !to) throw new Error('moments that are required were not given');
  return { from, to };
}

async function askBefore({ output }: Call, name: string, runs: number): Promise<void> {
  const many = runs >= COUNTED ? `${COUNTED} runs or more` : count(runs, 'run');
  const question = `this would start ${many} of ${name}, each a round with its calls and its labels`;
  if (output.json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw wrong('ask-first', question, `say --yes if that is meant`, '--yes');
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`plumbline: ${question}. Start them? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new CommandError({ kind: 'not-confirmed', message: 'nothing was started' });
  } finally {
    asking.close();
  }
}

function wrong(kind: string, message: string, hint: string, at: string): CommandError {
  return new CommandError({ kind, message, hint, at }, EXIT.wrongUsage);
}
