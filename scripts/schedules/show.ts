/** `schedule show`: what it starts, when, and what came of it. */
import { readFileSync } from 'node:fs';
import { lastAct, type PastAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import { showRound } from '../../db/rounds/show';
import { roundsOfSchedule, type ScheduledRound } from '../../db/schedules/rounds';
import type { StoredSchedule } from '../../db/schedules/store';
import { hashText } from '../../domain/text';
import { harmlessLine } from '../harmless';
import { writeDuration } from '../intake/durations';
import type { Call } from '../leaf';
import { count, table } from '../output';
import { percent } from '../rounds/result';
import { meantSchedule } from './find';
import { nextRuns } from './next';
import { type Standing, standingsOf, wordOf } from './standing';
import { noteOf } from './steer';
import { describeTiming, localTime } from './timing';

const NEXT = 5;
const ROUNDS = 10;

type View = Awaited<ReturnType<typeof viewOf>>;

export async function show(db: Db, call: Call): Promise<undefined> {
  const schedule = await meantSchedule(db, call.args[0] ?? '');
  const standing = (await standingsOf([schedule.name])).get(schedule.name);
  const view = await viewOf(db, schedule, standing);
  call.output.record(view, describe(schedule, view));
}

async function viewOf(db: Db, schedule: StoredSchedule, standing: Standing | undefined) {
  const { name, plan, promptSet, promptSetHash, seed, specFile } = schedule;
  const { timing, judged, frozen, draw } = plan;
  const state = standing?.kind === 'known' ? standing.state : undefined;
  const rounds = await roundsOfSchedule(db, name, ROUNDS);
  return {
    name,
    status: wordOf(schedule, standing),
    paused: state?.paused ?? null,
    note: state?.note ?? null,
    pausedBy: state?.paused ? await pauserOf(db, name, state.note) : null,
    specFile,
    specNow: specNow(schedule),
    round: frozen.name,
    models: frozen.models.map(({ id }) => id),
    prompts: { name: promptSet.name, hash: promptSetHash, of: promptSet.size, ...draw },
    overlap: frozen.resolving.overlap,
    manual: judged.manual,
    capabilityTable: judged.capability,
    seed,
    timing,
    next: nextRuns(timing, standing, NEXT).map((at) => ({
      at: at.toISOString(),
      local: localTime(at, timing.timeZone),
    })),
    rounds: await Promise.all(rounds.map((round) => roundOf(db, round))),
    runs: state && {
      started: state.taken,
      skipped: state.skipped,
      missed: state.missed,
      running: state.running.length,
    },
    failures: schedule.failures,
    lastFailure: schedule.lastFailure,
    lastFailureAt: schedule.lastFailureAt?.toISOString() ?? null,
    createdAt: schedule.createdAt.toISOString(),
    createdBy: schedule.createdBy,
    trouble: standing?.kind === 'unknown' ? standing.why : null,
  };
}

/** null: whoever paused it did so in Temporal, or it has paused itself. */
async function pauserOf(db: Db, name: string, note: string | null): Promise<PastAct | null> {
  const act = await lastAct(db, { action: 'schedule.pause', subject: name });
  return act && note === noteOf(act.actor) ? act : null;
}

/** Of the file that it was read from. */
function specNow({ specFile, plan }: StoredSchedule): 'same' | 'differs' | 'gone' {
  try {
    return hashText(readFileSync(specFile, 'utf8')) === plan.textHash ? 'same' : 'differs';
  } catch {
    return 'gone';
  }
}

async function roundOf(db: Db, { roundId, createdAt }: ScheduledRound) {
  const view = await showRound(db, roundId);
  const bounds = (view?.measured ? view.byModel : []).map(({ model, bounds }) => ({ model, bounds }));
  return {
    roundId,
    status: view?.status ?? null,
    seed: view?.seed ?? null,
    startedAt: createdAt.toISOString(),
    simulated: view?.simulated ?? null,
    bounds,
  };
}

const SPEC_NOW = {
  same: 'as it was read',
  differs: 'the file differs now: runs go by the stored plan',
  gone: 'the file is gone: runs go by the stored plan',
};

function describe({ createdByName, plan }: StoredSchedule, view: View): string {
  const { name, timing, next, failures, lastFailure } = view;
  return [
    `${name}  ${view.status}${view.status !== 'paused' && view.paused ? ', paused' : ''}`,
    ...(view.trouble ? [`${view.trouble}: whether it is paused is not known`] : []),
    ...(view.status === 'lost' ? [`Temporal does not have it: repeat its \`schedule create\`, or delete it`] : []),
    ...pauseNote(view),
    ...(failures > 0 ? [`${count(failures, 'run')} could not start a round, the last: ${lastFailure}`] : []),
    '',
    `spec ${view.specFile} (${SPEC_NOW[view.specNow]})`,
    `round ${view.round}: ${drawOf(view)}, ${count(view.models.length, 'model')} (${view.models.join(', ')}), overlap ${view.overlap}, deadline ${writeDuration(plan.deadlineMs)}`,
    ...(view.manual
      ? [`manual ${view.manual}, capability table ${view.capabilityTable ?? 'the newest at each run'}`]
      : []),
    `${describeTiming(timing)}; overlap ${timing.overlap}, catches up ${writeDuration(timing.catchUpMs)}${timing.pauseOnFailure ? ', pauses when a round cannot be started' : ''}`,
    `seed ${view.seed}, created ${view.createdAt.slice(0, 16).replace('T', ' ')} UTC by ${harmlessLine(createdByName)}`,
    ...(view.runs
      ? [
          `runs started ${view.runs.started}, under way ${view.runs.running}, skipped ${view.runs.skipped}, missed ${view.runs.missed}`,
        ]
      : []),
    '',
    ...(next.length > 0
      ? ['next runs:', ...next.map(({ at, local }) => `  ${local}  (${at})`)]
      : ['no run is planned']),
    '',
    roundsTable(view),
  ].join('\n');
}

function pauseNote({ paused, pausedBy, note }: View): string[] {
  if (pausedBy) {
    const { who, at, why } = pausedBy;
    const since = `since ${at.slice(0, 16).replace('T', ' ')} UTC`;
    return [`paused by ${harmlessLine(who)} ${since}${why ? `: ${harmlessLine(why)}` : ''}`];
  }
  return note && paused ? [`Temporal says: ${harmlessLine(note)}`] : [];
}

function drawOf({ prompts: { name, of, sample, share } }: View): string {
  const drawn = share !== undefined ? percent(share) : sample === null ? 'all' : String(sample);
  return `${drawn} of ${count(of, 'prompt')} (${harmlessLine(name)})`;
}

function roundsTable({ rounds }: View): string {
  if (rounds.length === 0) return 'no rounds yet';
  const rows = rounds.map(({ roundId, status, startedAt, seed, bounds, simulated }) => [
    roundId,
    status ?? '',
    startedAt.slice(0, 16).replace('T', ' '),
    seed ?? '',
    bounds
      .map(({ model, bounds: { lower, upper } }) => `${model} ${percent(lower.estimate)} to ${percent(upper.estimate)}`)
      .join(', ') + (simulated && bounds.length > 0 ? '  SIMULATED' : ''),
  ]);
  return table(['round', 'status', 'started (UTC)', 'seed', 'obviously misaligned'], rows);
}
