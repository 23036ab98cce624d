/** `schedule create`: a spec checked as for a start, stored with its prompts, then handed to Temporal. */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Db } from '../../db/connection';
import {
  findSchedule,
  type NewSchedule,
  removeSchedule,
  type SaveResult,
  savedPlanOf,
  saveSchedule,
} from '../../db/schedules/store';
import { nextTimes } from '../../domain/recurrence';
import { editionOf, type Timing } from '../../domain/schedules';
import { hashText } from '../../domain/text';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { readSpec } from '../intake/spec';
import type { Call } from '../leaf';
import { type PlannedRound, planOf } from '../rounds/plan';
import { checkPlan, shortText } from '../rounds/start';
import { withSchedules } from './reach';
import type { Schedules } from './temporal';
import { describeTiming, localTime, readTiming } from './timing';

const NAME = /^[a-z0-9][a-z0-9._-]{0,59}$/i;

/** The files are checked first, so that they can be mended without any service. */
export async function create(call: Call): Promise<undefined> {
  const [name = '', file = ''] = call.args;
  if (!NAME.test(name)) {
    const message = 'a schedule’s name is made of letters, digits, dots, dashes and underscores, sixty at most';
    throw new CommandError({ kind: 'usage', message, hint: 'such as weekly-chat', at: 'name' }, EXIT.wrongUsage);
  }
  const timing = readTiming(call, new Date());
  const spec = readSpec(file, { set: call.values('set') });
  const seed = shortText(call, 'seed');
  const plan = spec.prompts.set === null ? await planOf(spec, seed) : undefined;
  await withDatabase(async (db) => createPlanned(db, call, plan ?? (await planOf(spec, seed, db)), timing));
}

async function createPlanned(db: Db, call: Call, plan: PlannedRound, timing: Timing): Promise<void> {
  const [name = '', file = ''] = call.args;
  const actor = await actingPerson(db, call, { action: 'schedule.create', subject: name, roles: ['operator'] });
  const { manual, capabilityTable, items } = await checkPlan(db, call, plan);
  warnOf(call, timing);
  const judged = { ...plan.judged, manual, capability: capabilityTable };
  const wanted: NewSchedule = {
    name,
    plan: savedPlanOf({ ...plan, judged }, timing, hashText(readFileSync(file, 'utf8'))),
    prompts: plan.prompts,
    seed: plan.seed ?? String(randomInt(2 ** 32)),
    specFile: path.resolve(file),
    by: actor.id,
    why: call.value('why'),
  };
  const next = nextTimes(timing, new Date(), 3);
  const when = `${describeTiming(timing)}; next ${next.map((time) => localTime(time, timing.timeZone)).join(', ')}`;
  const told = { name, items, manual, capabilityTable, timing, next: next.map((time) => time.toISOString()) };
  if (call.on('dryRun')) {
    call.output.record({ event: 'would-create', ...told }, `would create ${name}: ${when}`);
    return;
  }
  const { saved, created } = await withSchedules((temporal) => {
    return handOver(db, temporal, wanted, { seedAsked: plan.seed !== null, paused: call.on('paused') });
  });
  const { seed } = saved.schedule;
  const said = created ? `created ${name}` : `${name} was created before`;
  call.output.record(
    { event: 'created', ...told, seed, created, paused: call.on('paused') },
    `${said}: ${when}; seed ${seed}`,
  );
  if (!call.output.json) call.output.note(`see: plumbline schedule show ${name}`);
}

function warnOf({ output }: Call, { overlap, pauseOnFailure }: Timing): void {
  if (overlap !== 'allow-all' || !pauseOnFailure) return;
  output.note('plumbline: with --overlap allow-all Temporal does not pause the schedule after a run that fails');
}

/**
 * First the row, then Temporal: where the second does not come about, a repeat finds the row and hands it over again, and
 * `delete` takes it away.
 */
async function handOver(
  db: Db,
  temporal: Schedules,
  wanted: NewSchedule,
  { seedAsked, paused }: { seedAsked: boolean; paused: boolean },
): Promise<{ saved: SaveResult; created: boolean }> {
  const { name } = wanted;
  const known = await temporal.find(name);
  if (known && !(await findSchedule(db, name))) throw elsewhere(name);
  const saved = await saveSchedule(db, wanted, seedAsked);
  if (saved.kind === 'taken') throw taken(saved);
  const { plan, promptSetHash, seed } = saved.schedule;
  const edition = editionOf(plan, promptSetHash, seed);
  if (known) return { saved, created: false };
  await handed(db, temporal, saved, edition, paused);
  return { saved, created: true };
}

async function handed(
  db: Db,
  temporal: Schedules,
  { kind, schedule: { name, plan } }: SaveResult,
  edition: string,
  paused: boolean,
): Promise<void> {
  const { isRefusedSpec, isThereAlready }: typeof import('./temporal') = require('./temporal');
  try {
    await temporal.create(name, plan.timing, edition, paused);
  } catch (error) {
    // A twin of this command came between.
    if (isThereAlready(error)) return;
    if (!isRefusedSpec(error)) throw error;
    if (kind === 'created') await removeSchedule(db, name);
    const message = `Temporal does not take these times: ${error.message.slice(0, 200)}`;
    throw new CommandError({ kind: 'schedule', message, at: '--cron' }, EXIT.wrongUsage);
  }
}

function taken({ schedule: { name, specFile } }: SaveResult): CommandError {
  const message = `there is a schedule ${name} with other content, from ${specFile}`;
  const hint = `another name, or first: plumbline schedule delete ${name}; its rounds stay (plumbline schedule show ${name})`;
  return new CommandError({ kind: 'name-taken', message, hint, at: 'name' }, EXIT.wrongUsage);
}

function elsewhere(name: string): CommandError {
  const message = `Temporal has a schedule ${name} that this database does not know`;
  const hint = `another installation’s? Give this one a PLUMBLINE_TASK_QUEUE of its own; if it is a leftover: plumbline schedule delete ${name}`;
  return new CommandError({ kind: 'name-taken', message, hint, at: 'name' }, EXIT.wrongUsage);
}
