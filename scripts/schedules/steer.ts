/** `schedule pause`, `resume` and `trigger`: what somebody does is on record where Temporal took it, and only then. */
import { recordAct } from '../../db/audit';
import type { Db, Tx } from '../../db/connection';
import { openRoundsOfSchedule } from '../../db/schedules/rounds';
import { forgiveFailures, type StoredSchedule } from '../../db/schedules/store';
import type { PersonId } from '../../domain/ids';
import { OVERLAPS } from '../../domain/schedules';
import { actingPerson } from '../acting';
import { CommandError } from '../failures';
import type { Call } from '../leaf';
import { lostInTemporal, meantSchedule } from './find';
import { withSchedules } from './reach';
import type { ScheduleState, Schedules } from './temporal';

/** What Temporal keeps of it; the reason stays in Postgres. */
export const noteOf = (by: string) => `by ${by}`;

type Verb = 'pause' | 'resume' | 'trigger';

export async function pause(db: Db, call: Call): Promise<undefined> {
  await withMeant(db, call, 'pause', async ({ schedule: { name }, temporal, state, by }) => {
    if (state.paused) return said(call, { event: 'already-paused', name }, `${name} was paused before`);
    if (call.on('dryRun')) return said(call, { event: 'would-pause', name }, `would pause ${name}`);
    await onRecord(db, call, { action: 'schedule.pause', name, by }, () => temporal.pause(name, noteOf(by)));
    said(call, { event: 'paused', name }, `paused ${name}: it starts no round until it is resumed`);
  });
}

export async function resume(db: Db, call: Call): Promise<undefined> {
  await withMeant(db, call, 'resume', async ({ schedule: { name, failures }, temporal, state, by }) => {
    if (!state.paused && failures === 0) {
      return said(call, { event: 'already-active', name }, `${name} is not paused`);
    }
    if (call.on('dryRun')) return said(call, { event: 'would-resume', name }, `would resume ${name}`);
    await onRecord(db, call, { action: 'schedule.resume', name, by }, async (tx) => {
      await forgiveFailures(tx, name);
      await temporal.resume(name, noteOf(by));
    });
    const record = { event: 'resumed', name };
    said(call, record, `resumed ${name}; what it missed meanwhile is made up for only by \`schedule backfill\``);
  });
}

export async function trigger(db: Db, call: Call): Promise<undefined> {
  await withMeant(db, call, 'trigger', async ({ schedule, temporal, by }) => {
    const { name } = schedule;
    const overlap = OVERLAPS.find((one) => one === call.value('overlap')) ?? schedule.plan.timing.overlap;
    if (overlap === 'skip') await refuseBeside(db, name);
    if (call.on('dryRun'))
      return said(call, { event: 'would-trigger', name, overlap }, `would start a round of ${name}`);
    const deed = { action: 'schedule.trigger', name, by, detail: { overlap } };
    await onRecord(db, call, deed, () => temporal.trigger(name, overlap));
    said(call, { event: 'triggered', name, overlap }, `a round of ${name} is being started`);
    if (!call.output.json) call.output.note(`see: plumbline schedule show ${name}`);
  });
}

/** Temporal would leave the run out without a word. */
async function refuseBeside(db: Db, name: string): Promise<void> {
  const [open] = await openRoundsOfSchedule(db, name);
  if (!open) return;
  const message = `the round ${open.roundId} of ${name} is not over, and the schedule skips what overlaps`;
  const hint = '--overlap buffer-one starts the round after it, --overlap allow-all beside it';
  throw new CommandError({ kind: 'overlaps', message, hint });
}

interface Meant {
  schedule: StoredSchedule;
  temporal: Schedules;
  state: ScheduleState;
  by: PersonId;
}

async function withMeant(db: Db, call: Call, verb: Verb, work: (meant: Meant) => Promise<void>): Promise<undefined> {
  const [name = ''] = call.args;
  const schedule = await meantSchedule(db, name);
  const actor = await actingPerson(db, call, { action: `schedule.${verb}`, subject: name, roles: ['operator'] });
  await withSchedules(async (temporal) => {
    const state = await temporal.find(name);
    if (!state) throw lostInTemporal(schedule);
    await work({ schedule, temporal, state, by: actor.id });
  });
}

export interface RecordedDeed {
  action: string;
  name: string;
  by: PersonId;
  detail?: Record<string, unknown>;
}

/** Temporal's answer decides whether the row is kept. */
export async function onRecord(
  db: Db,
  call: Call,
  { action, name, by, detail = {} }: RecordedDeed,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  const why = call.value('why');
  await db.transaction(async (tx) => {
    await recordAct(tx, { actor: by, action, subject: name, detail: { ...detail, ...(why && { why }) } });
    await work(tx);
  });
}

function said({ output }: Call, record: object, human: string): void {
  output.record(record, human);
}
