/** Accounts that may not be called: told to wait, or refused altogether. */
import { and, eq, sql } from 'drizzle-orm';
import type { AccountId, RoundId } from '../../domain/ids';
import { COOL_DOWN_MS, cut } from '../../domain/limits';
import type { Tx } from '../connection';
import { nudgeShard } from '../outbox';
import { accounts } from '../schema';
import { callForAttention, nothingToAttend } from './attention';

const SHORTEST_HOLD_MS = 2_000;
const LONGEST_BACKOFF_MS = 600_000;
/** What a provider asks for is honoured up to this. */
const LONGEST_HOLD_MS = 30 * 86_400_000;

/**
 * No call of the account before `waitMs` from now; a later moment already set stays. Where the provider did not say how
 * long (null), as long as it has refused so far: from two seconds up to ten minutes.
 * @param code what it refused with, such as http-429.
 */
export async function holdAccount(tx: Tx, id: AccountId, waitMs: number | null, code: string): Promise<void> {
  const asked = waitMs === null ? null : Math.min(waitMs, LONGEST_HOLD_MS);
  await tx.execute(sql`
    update accounts set held_since = coalesce(held_since, now()), held_code = ${code},
      not_before = greatest(not_before, now() + coalesce(${asked}::float8,
        least(${LONGEST_BACKOFF_MS}, greatest(${SHORTEST_HOLD_MS}, extract(epoch from now() - held_since) * 1000)))
        * interval '1 millisecond')
    where id = ${id}`);
}

/** Fewer calls in flight after a refusal for being too fast, once per cool-down. */
export async function cutPermits(tx: Tx, id: AccountId): Promise<void> {
  const cooledDown = sql`(cut_at is null or cut_at < now() - ${COOL_DOWN_MS} * interval '1 millisecond')`;
  const [account] = await tx
    .select({ concurrency: accounts.concurrency, permits: accounts.permits })
    .from(accounts)
    .where(and(eq(accounts.id, id), cooledDown))
    .for('no key update');
  if (!account) return;
  const permits = cut(Math.min(account.concurrency, account.permits ?? account.concurrency));
  await tx.update(accounts).set({ permits, cutAt: sql`now()`, clean: 0 }).where(eq(accounts.id, id));
}

export const blockedMark = (id: AccountId) => `account ${id} is blocked`;

/**
 * No more calls of the account until somebody mends it; said where the operator of each round that meets it looks.
 * @returns whether this is news: not if the account was blocked so already.
 */
export async function blockAccount(tx: Tx, id: AccountId, code: string, roundId: RoundId): Promise<boolean> {
  const changed = await tx
    .update(accounts)
    .set({ blockedCode: code, blockedAt: sql`now()` })
    .where(and(eq(accounts.id, id), sql`blocked_code is distinct from ${code}`))
    .returning({ id: accounts.id });
  const told = await callForAttention(tx, roundId, `${blockedMark(id)}: ${code}`);
  return changed.length > 0 || told;
}

/** The account may be called again, and no round needs attention for it any more. */
export async function unblockAccount(tx: Tx, id: AccountId): Promise<void> {
  await tx.update(accounts).set({ blockedCode: null, blockedAt: null }).where(eq(accounts.id, id));
  await nothingToAttend(tx, blockedMark(id));
}

/** Tells the shard that it is kept waiting, so that it opens what it has. */
export async function tellWaiting(tx: Tx, roundId: RoundId, shard: number): Promise<void> {
  await nudgeShard(tx, roundId, shard);
}
