/** Provider accounts as rounds name them. */
import { asc, inArray, sql } from 'drizzle-orm';
import type { NewAccount } from '../domain/accounts';
import type { PersonId } from '../domain/ids';
import type { Tx } from './connection';
import { accounts, audit } from './schema';

export type AccountRow = typeof accounts.$inferSelect;

export interface AccountNow extends AccountRow {
  /** Until it may be called again, by the database's clock; 0 where it may be called. */
  waitSeconds: number;
}

/**
 * Makes the accounts that are not there. Of the others the concurrency changes, audited, where a spec asks for another than the
 * last one did: what an operator has set meanwhile is not undone by the next start of the same. An account that was simulated once stays so: results made with it must go on saying it.
 */
export async function saveAccounts(tx: Tx, wanted: readonly NewAccount[], by: PersonId): Promise<void> {
  const sorted = [...wanted].sort((a, b) => (a.id < b.id ? -1 : 1));
  const before = new Map((await accountsOf(tx, sorted)).map((row) => [row.id, row]));
  for (const account of sorted) {
    const { concurrency, simulated, headers, stream } = account;
    const old = before.get(account.id);
    const now = old && old.askedConcurrency === concurrency ? old.concurrency : concurrency;
    await tx
      .insert(accounts)
      .values({ ...account, askedConcurrency: concurrency })
      .onConflictDoUpdate({
        target: accounts.id,
        set: {
          concurrency: now,
          askedConcurrency: concurrency,
          headers,
          stream,
          simulated: sql`${accounts.simulated} or ${simulated}`,
        },
      });
    if (!old || old.concurrency === now) continue;
    const detail = { setting: 'concurrency', from: old.concurrency, to: now };
    await tx.insert(audit).values({ actor: by, action: 'account.set', subject: account.id, detail });
  }
}

/** Those of the wanted accounts that are stored already. */
export function accountsOf(tx: Tx, wanted: readonly NewAccount[]): Promise<AccountRow[]> {
  const ids = wanted.map((account) => account.id);
  return tx.select().from(accounts).where(inArray(accounts.id, ids)).orderBy(asc(accounts.id));
}

/** Every account. */
export async function listAccounts(tx: Tx): Promise<AccountNow[]> {
  const wait = sql<number>`greatest(0, coalesce(extract(epoch from ${accounts.notBefore} - now()), 0))::float8`;
  const rows = await tx.select({ account: accounts, wait }).from(accounts).orderBy(asc(accounts.id));
  return rows.map(({ account, wait: waitSeconds }) => ({ ...account, waitSeconds }));
}
