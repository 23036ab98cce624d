/**
 * Standing still and going on. A pause holds from the commit on, with every workflow down: leases and claims of calls read
 * the row. Labels on leases in hand are still taken, and the deadline goes on.
 */
import { eq, sql } from 'drizzle-orm';
import type { PersonId, RoundId } from '../../domain/ids';
import type { Budget } from '../../domain/money';
import type { RoundStatus } from '../../domain/states';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { budgetLeavesRoom, releaseHold, type Spent, spentOf } from '../generation/budget';
import { act } from '../labelling/act';
import { audit, rounds } from '../schema';
import type { RoundRow } from './read';
import { wakeRound } from './wake';

export interface Steering {
  roundId: RoundId;
  by: PersonId;
  why?: string | undefined;
  /** Says what would happen, and changes nothing. */
  dryRun?: boolean;
}
export interface Ended {
  kind: 'ended';
  status: RoundStatus;
}
export type PauseResult =
  | { kind: 'paused' | 'would-pause'; deadlineAt: Date }
  | { kind: 'already-paused'; deadlineAt: Date; pausedAt: Date }
  | Ended
  | { kind: 'unknown-round' };
export type ResumeResult =
  /** `spent`: its calls are held still, for there is no room in the budget. */
  | { kind: 'resumed' | 'would-resume'; deadlineAt: Date; spent: SpentBudget | null }
  | { kind: 'not-paused' }
  /** Nothing was lifted. */
  | { kind: 'no-room'; spent: SpentBudget }
  | Ended
  | { kind: 'unknown-round' };

export interface SpentBudget {
  spent: Spent;
  budget: Budget;
  currency: string | null;
}

const ENDED: readonly RoundStatus[] = ['done', 'cancelled', 'failed'];

/** Idempotent: the first word stands. */
export function pauseRound(db: Db, { roundId, by, why, dryRun = false }: Steering): Promise<PauseResult> {
  return act(db, async (tx) => {
    const round = await lockedRound(tx, roundId);
    if (!round) return { kind: 'unknown-round' };
    const { status, deadlineAt, pausedAt } = round;
    if (ENDED.includes(status)) return { kind: 'ended', status };
    if (pausedAt) return { kind: 'already-paused', deadlineAt, pausedAt };
    if (dryRun) return { kind: 'would-pause', deadlineAt };
    const reason = why === undefined ? null : wellFormed(why);
    await tx
      .update(rounds)
      .set({ pausedAt: sql`now()`, pausedBy: by, pausedWhy: reason })
      .where(eq(rounds.id, roundId));
    await record(tx, 'round.pause', { roundId, by, detail: { status, ...(reason && { why: reason }) } });
    return { kind: 'paused', deadlineAt };
  });
}

/** Lifts a person's pause, and the round's own hold where its budget leaves room again. */
export function resumeRound(db: Db, { roundId, by, why, dryRun = false }: Steering): Promise<ResumeResult> {
  return act(db, async (tx) => {
    const round = await lockedRound(tx, roundId);
    if (!round) return { kind: 'unknown-round' };
    const { status, deadlineAt, pausedAt, heldAt } = round;
    if (ENDED.includes(status)) return { kind: 'ended', status };
    if (!pausedAt && !heldAt) return { kind: 'not-paused' };
    const spent = heldAt && !(await budgetLeavesRoom(tx, roundId)) ? await spentBudget(tx, round) : null;
    if (spent && !pausedAt) return { kind: 'no-room', spent };
    if (dryRun) return { kind: 'would-resume', deadlineAt, spent };
    await tx.update(rounds).set({ pausedAt: null, pausedBy: null, pausedWhy: null }).where(eq(rounds.id, roundId));
    if (heldAt && !spent) await releaseHold(tx, roundId);
    const lifted = [...(pausedAt ? ['pause'] : []), ...(heldAt && !spent ? [round.heldCode ?? 'hold'] : [])];
    await record(tx, 'round.resume', { roundId, by, detail: { lifted, ...(why && { why: wellFormed(why) }) } });
    return { kind: 'resumed', deadlineAt, spent };
  });
}

async function lockedRound(tx: Tx, roundId: RoundId): Promise<RoundRow | undefined> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId)).for('no key update');
  return round;
}

async function spentBudget(tx: Tx, { id, settings }: RoundRow): Promise<SpentBudget> {
  const { budget = { money: null, tokens: null }, currency = null } = settings;
  return { spent: await spentOf(tx, id), budget, currency };
}

async function record(
  tx: Tx,
  action: string,
  { roundId, by, detail }: { roundId: RoundId; by: PersonId; detail: Record<string, unknown> },
): Promise<void> {
  await tx.insert(audit).values({ actor: by, action, subject: roundId, roundId, detail });
  await wakeRound(tx, roundId);
}
