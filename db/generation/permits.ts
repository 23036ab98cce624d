/**
 * An account's permits, divided among the workers that ask for them. A worker holds its share for seconds and says anew
 * what it goes on holding: what it gives up is free at once, and nothing is taken from it.
 */
import { and, eq, ne, sql } from 'drizzle-orm';
import type { AccountId } from '../../domain/ids';
import { COOL_DOWN_MS, fairShares, grown } from '../../domain/limits';
import type { Tx } from '../connection';
import { accountPermits, accounts } from '../schema';

export interface PermitsAsked {
  accountId: AccountId;
  workerId: string;
  /** What it goes on holding, calls under way among them: it begins none beyond this before it has the answer. */
  holds: number;
  /** Calls that it would have under way if it might. */
  wanted: number;
  /** Answers since it last asked, refusals not counted. */
  answered: number;
  leaseMs: number;
}

export interface PermitsGiven {
  /** Calls that the worker may have in flight until its lease ends. */
  permits: number;
  /** What it may hold by rights: what it has beyond this is to be given up, since others want it. */
  share: number;
}

/** Call in a transaction. */
export async function renewPermits(tx: Tx, asked: PermitsAsked): Promise<PermitsGiven> {
  const { accountId, workerId, holds, wanted } = asked;
  const limit = await limitOf(tx, accountId, asked.answered);
  const others = await tx
    .select({ permits: accountPermits.permits, wanted: accountPermits.wanted })
    .from(accountPermits)
    .where(
      and(
        eq(accountPermits.accountId, accountId),
        ne(accountPermits.workerId, workerId),
        sql`${accountPermits.expiresAt} > now()`,
      ),
    )
    .orderBy(accountPermits.workerId);
  const [share = 0] = fairShares(limit, [wanted, ...others.map((other) => other.wanted)]);
  const free = limit - others.reduce((sum, other) => sum + other.permits, 0);
  const permits = Math.max(holds, Math.min(share, free), 0);
  await keep(tx, asked, permits);
  return { permits, share };
}

/** Locks the account: workers ask one after the other. Grows what was cut, once as many answers came as may be in flight. */
async function limitOf(tx: Tx, id: AccountId, answered: number): Promise<number> {
  const cooledDown = sql<boolean>`cut_at is null or cut_at < now() - ${COOL_DOWN_MS} * interval '1 millisecond'`;
  const { concurrency, permits, clean } = accounts;
  const [account] = await tx
    .select({ concurrency, permits, clean, cooledDown })
    .from(accounts)
    .where(eq(accounts.id, id))
    .for('no key update');
  if (!account) throw new Error(`no account ${id}`);
  if (account.permits === null) return account.concurrency;
  const limit = Math.min(account.permits, account.concurrency);
  if (answered === 0) return limit;
  const soFar = account.clean + answered;
  const grows = account.cooledDown && soFar >= limit;
  const now = grows ? grown(limit, account.concurrency) : limit;
  await tx
    .update(accounts)
    .set({ permits: now >= account.concurrency ? null : now, clean: grows ? 0 : soFar })
    .where(eq(accounts.id, id));
  return now;
}

async function keep(tx: Tx, { accountId, workerId, wanted, leaseMs }: PermitsAsked, permits: number): Promise<void> {
  if (wanted === 0 && permits === 0) {
    await tx
      .delete(accountPermits)
      .where(and(eq(accountPermits.accountId, accountId), eq(accountPermits.workerId, workerId)));
    return;
  }
  const expiresAt = sql`now() + ${leaseMs} * interval '1 millisecond'`;
  await tx
    .insert(accountPermits)
    .values({ accountId, workerId, permits, wanted, expiresAt })
    .onConflictDoUpdate({
      target: [accountPermits.accountId, accountPermits.workerId],
      set: { permits, wanted, expiresAt },
    });
}
