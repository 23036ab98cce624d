/** A schedule's run: the round of a moment, made once, from the plan that was saved. */
import { eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { type Problem, ProblemsError } from '../../domain/problems';
import { seedOfRun } from '../../domain/schedules';
import type { RoundStatus } from '../../domain/states';
import type { Db, Tx } from '../connection';
import { promptSetByHash, storedPrompts } from '../promptSets';
import { type RoundPlan, startRound } from '../rounds/start';
import { schedules } from '../schema';
import { findSchedule, type StoredSchedule } from './store';

export interface Run {
  schedule: string;
  /** Names the run for ever: a second start by it finds the first one's round. */
  key: string;
  /** What the run's seed is derived by. */
  moment: string;
}
export type RunResult =
  | { kind: 'started'; roundId: RoundId }
  /** Nobody will start it as things are; why is on record. */
  | { kind: 'refused'; code: string };

export async function startRun(db: Db, { schedule: name, key, moment }: Run): Promise<RunResult> {
  const schedule = await findSchedule(db, name);
  if (!schedule) return { kind: 'refused', code: 'unknown-schedule' };
  try {
    const plan = await planOfRun(db, schedule, moment);
    const { roundId } = await startRound(db, plan, { by: schedule.createdBy, key, schedule: name, nudge: false });
    await db.update(schedules).set({ failures: 0 }).where(eq(schedules.name, name));
    return { kind: 'started', roundId };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    await recordFailure(db, name, error.problems);
    return { kind: 'refused', code: error.problems[0].kind };
  }
}

/** Where trying again has not helped either: it counts as a failure of the schedule. @param code of the error: its words may hold a text. */
export async function giveUpRun(db: Db, { schedule }: Run, code: string): Promise<RunResult> {
  const message = `the round could not be made, however often it was tried (${code}; the worker’s log says more)`;
  await recordFailure(db, schedule, [{ kind: UNEXPECTED, message }]);
  return { kind: 'refused', code: UNEXPECTED };
}

const UNEXPECTED = 'unexpected';

const OVER: ReadonlySet<RoundStatus> = new Set(['done', 'cancelled', 'failed']);

/** Whether nothing more of a round is to be waited for. */
export function isOver(status: RoundStatus): boolean {
  return OVER.has(status);
}

async function planOfRun(db: Db, schedule: StoredSchedule, moment: string): Promise<RoundPlan> {
  const { frozen, judged, settings, accounts, models, draw, purpose, deadlineMs } = schedule.plan;
  const set = await promptSetByHash(db, schedule.promptSetHash);
  if (!set) throw new Error('a prompt set was there and is gone');
  const prompts = await storedPrompts(db, set);
  return {
    frozen,
    judged,
    settings,
    prompts,
    sample: draw.sample,
    share: draw.share ?? null,
    strata: draw.strata ?? null,
    purpose,
    accounts,
    models,
    deadlineMs,
    seed: seedOfRun(schedule.seed, moment),
  };
}

async function recordFailure(tx: Tx, name: string, problems: readonly Problem[]): Promise<void> {
  const lastFailure = problems.map(({ kind, message }) => `${kind}: ${message}`).join('; ');
  await tx
    .update(schedules)
    .set({ failures: sql`${schedules.failures} + 1`, lastFailure, lastFailureAt: sql`now()` })
    .where(eq(schedules.name, name));
}
