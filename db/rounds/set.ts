/**
 * Adjusting how a round is run, on record. Nobody has to be told: whoever calls, leases or resolves reads the rows. Nor does
 * a cursor have to move when other groups may take part: it passes only what its labeller could never have had.
 */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { type Adjustment, type DeadlineMove, movedDeadline, withWindowFor } from '../../domain/adjusting';
import type { AccountId, PersonId, RoundId } from '../../domain/ids';
import { ProblemsError } from '../../domain/problems';
import { accountsOf, type RunSettings } from '../../domain/spec';
import type { RoundStatus } from '../../domain/states';
import { wellFormed } from '../../domain/text';
import type { Db, Tx } from '../connection';
import { act } from '../labelling/act';
import { nudgeRound } from '../outbox';
import { accounts, audit, rounds } from '../schema';
import type { RoundRow } from './read';
import { checkBudget, isChange, refuseUnpriced, type SettingChange } from './setBudget';

export interface Wanted {
  adjustments: readonly Adjustment[];
  /** Calls at once, by account; the setting as it was typed. */
  concurrency: readonly { setting: string; accountId: AccountId; calls: number }[];
  deadline: DeadlineMove | null;
}
export interface SettingOf {
  roundId: RoundId;
  by: PersonId;
  why: string;
  dryRun?: boolean;
}
export type SetResult =
  | {
      kind: 'set' | 'would-set';
      status: RoundStatus;
      /** In the order asked for; one that is as it was has `from` and `to` alike. */
      changes: SettingChange[];
      /** The round held its calls for want of a budget, and does no longer. */
      released: boolean;
      /** The old deadline had passed: what it ended stays ended. */
      hadPassed: boolean;
    }
  | { kind: 'over'; status: 'cancelled' | 'failed' }
  | { kind: 'unknown-round' };

/** Rolls back what a dry run has tried. */
class Tried extends Error {
  constructor(readonly result: SetResult) {
    super('a dry run');
  }
}

/** @throws ProblemsError for a deadline that has passed, a budget that leaves no room or has no prices to count by; then nothing is changed. */
export async function setRound(db: Db, wanted: Wanted, setting: SettingOf): Promise<SetResult> {
  try {
    return await act(db, async (tx) => {
      const result = await adjust(tx, wanted, setting);
      if (setting.dryRun && result.kind === 'set') throw new Tried({ ...result, kind: 'would-set' });
      return result;
    });
  } catch (error) {
    if (error instanceof Tried) return error.result;
    throw error;
  }
}

async function adjust(tx: Tx, wanted: Wanted, { roundId, by, why }: SettingOf): Promise<SetResult> {
  const [row] = await tx
    .select({ round: rounds, now: sql<string>`now()` })
    .from(rounds)
    .where(eq(rounds.id, roundId))
    .for('no key update');
  if (!row) return { kind: 'unknown-round' };
  const { round } = row;
  const { status, deadlineAt } = round;
  if (status === 'cancelled' || status === 'failed') return { kind: 'over', status };
  const now = new Date(row.now);
  const adjusted = await adjustSettings(tx, round, wanted.adjustments);
  const moved = wanted.deadline ? await moveDeadline(tx, round, wanted.deadline, now) : [];
  const [ofAccounts, calls] = await setConcurrency(tx, round, wanted.concurrency);
  await storeSettings(tx, roundId, withWindowFor(adjusted.settings, calls));
  refuseUnpriced(round.spec, adjusted.settings, adjusted.changes);
  const released = await checkBudget(tx, round, adjusted.changes);
  const changes = [...adjusted.changes, ...moved, ...ofAccounts];
  for (const change of changes.filter(isChange)) {
    const { accountId, ...said } = { accountId: undefined, ...change };
    const of = accountId
      ? { action: 'account.set', subject: accountId, detail: { ...said, setting: 'concurrency', why: wellFormed(why) } }
      : { action: 'round.set', subject: roundId, detail: { ...said, why: wellFormed(why) } };
    await tx.insert(audit).values({ actor: by, roundId, ...of });
  }
  if (changes.some(isChange)) await nudgeRound(tx, roundId);
  const said = changes.map(({ setting, from, to }) => ({ setting, from, to }));
  return { kind: 'set', status, changes: said, released, hadPassed: moved.length > 0 && deadlineAt <= now };
}

interface Adjusted {
  settings: RunSettings;
  changes: SettingChange[];
}

async function adjustSettings(
  tx: Tx,
  { id, settings }: RoundRow,
  adjustments: readonly Adjustment[],
): Promise<Adjusted> {
  let next = settings;
  const changes: SettingChange[] = [];
  for (const { setting, of, laid } of adjustments) {
    const from = of(next);
    next = laid(next);
    changes.push({ setting, from, to: of(next) });
  }
  await storeSettings(tx, id, next);
  return { settings: next, changes };
}

async function storeSettings(tx: Tx, roundId: RoundId, settings: RunSettings): Promise<void> {
  await tx.update(rounds).set({ settings }).where(eq(rounds.id, roundId));
}

const LATEST_MS = 3_650 * 86_400_000;

async function moveDeadline(tx: Tx, round: RoundRow, move: DeadlineMove, now: Date): Promise<SettingChange[]> {
  const { id, deadlineAt } = round;
  const at = movedDeadline(move, { ...round, now });
  const wrong = (message: string, hint: string) =>
    ProblemsError.of({ kind: 'deadline', message, hint, at: 'deadline' });
  if (at <= now) {
    const hint = 'deadline=now+3d counts from now; to call the round off: plumbline round cancel';
    throw wrong(`${at.toISOString()} has passed`, hint);
  }
  if (at.getTime() > now.getTime() + LATEST_MS) throw wrong('is more than ten years away', 'set an earlier one');
  await tx.update(rounds).set({ deadlineAt: at }).where(eq(rounds.id, id));
  return [{ setting: 'deadline', from: deadlineAt.toISOString(), to: at.toISOString() }];
}

/** @returns the changes, and the calls that all accounts of the round take at once. */
async function setConcurrency(
  tx: Tx,
  { spec }: RoundRow,
  wanted: Wanted['concurrency'],
): Promise<[(SettingChange & { accountId: AccountId })[], number]> {
  const rows = await tx
    .select({ id: accounts.id, concurrency: accounts.concurrency })
    .from(accounts)
    .where(inArray(accounts.id, accountsOf(spec)))
    .orderBy(asc(accounts.id))
    .for('update');
  const now = new Map(rows.map(({ id, concurrency }) => [id, concurrency]));
  const changes = wanted.map(({ setting, accountId, calls }) => {
    const from = now.get(accountId) ?? null;
    now.set(accountId, calls);
    return { setting, accountId, from, to: calls };
  });
  for (const { accountId, to } of changes) {
    // A provider's own limit, found by its refusals, goes on holding below the new one.
    const permits = sql`case when ${accounts.permits} < ${to} then ${accounts.permits} end`;
    await tx
      .update(accounts)
      .set({ concurrency: to, permits })
      .where(and(eq(accounts.id, accountId), sql`concurrency <> ${to}`));
  }
  return [changes, [...now.values()].reduce((sum, calls) => sum + calls, 0)];
}
