/** The accounts that a round's models are called through, as they stand now: permits, waits, refusals. */
import { sql } from 'drizzle-orm';
import type { AccountId } from '../../domain/ids';
import { accountsOf } from '../../domain/spec';
import type { Tx } from '../connection';
import type { RoundRow } from './read';

export interface AccountStanding {
  accountId: AccountId;
  /** What the round's spec calls it; its id where that is not known. */
  name: string;
  /** The variable that workers find its key in. */
  keyVariable: string;
  /** Calls at once that the spec allows, and that are allowed now: fewer since a 429 cut them. */
  concurrency: number;
  allowed: number;
  /** Permits that workers hold, in all rounds. */
  inUse: number;
  /** When `allowed` was last cut, ISO 8601; null where all of `concurrency` is allowed. */
  cutAt: string | null;
  /** Until it may be called again; 0 where it may be called. */
  waitSeconds: number;
  /** What it last refused with for now, such as http-429. */
  heldCode: string | null;
  /** Why it is not called any more until a person mends it. */
  blocked: string | null;
}

/** By name. */
export async function accountsOfRound(tx: Tx, { spec, settings }: RoundRow): Promise<AccountStanding[]> {
  const ids = accountsOf(spec);
  if (ids.length === 0) return [];
  const names: Record<string, string | undefined> = settings.accountNames ?? {};
  const rows = await tx.execute<{
    id: AccountId;
    key_variable: string;
    concurrency: number;
    permits: number | null;
    cut_at: Date | string | null;
    held_code: string | null;
    blocked_code: string | null;
    seconds: number;
    in_use: number;
  }>(sql`
    select a.id, a.key_variable, a.concurrency, a.permits, a.cut_at, a.held_code, a.blocked_code,
      greatest(0, coalesce(extract(epoch from a.not_before - now()), 0))::float8 as seconds,
      (select coalesce(sum(p.permits), 0)::int from account_permits p
        where p.account_id = a.id and p.expires_at > now()) as in_use
    from accounts a where a.id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`);
  return rows
    .map((row) => ({
      accountId: row.id,
      name: names[row.id] ?? row.id,
      keyVariable: row.key_variable,
      concurrency: row.concurrency,
      allowed: Math.min(row.permits ?? row.concurrency, row.concurrency),
      inUse: row.in_use,
      cutAt: row.permits === null || row.cut_at === null ? null : new Date(row.cut_at).toISOString(),
      waitSeconds: row.seconds,
      heldCode: row.held_code,
      blocked: row.blocked_code,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
