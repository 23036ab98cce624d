/** Provider accounts as rounds name them. */
import { asc, inArray, sql } from 'drizzle-orm';
import type { NewAccount } from '../domain/accounts';
import type { PersonId } from '../domain/ids';
import type { Tx } from './connection';
import { accounts, audit } from './schema';

export type AccountRow = typeof accounts.$inferSelect;

/**
 * Makes the accounts that are not there and gives the others the concurrency that was asked for last, audited. An
 * account that was simulated once stays so: results made with it must go on saying it.
 */
export async function saveAccounts(tx: Tx, wanted: readonly NewAccount[], by: PersonId): Promise<void> {
  const sorted = [...wanted].sort((a, b) => (a.id < b.id ? -1 : 1));
  const before = new Map((await accountsOf(tx, sorted)).map((row) => [row.id, row]));
  for (const account of sorted) {
    const { concurrency, simulated, headers, stream } = account;
    await tx
      .insert(accounts)
      .values(account)
      .onConflictDoUpdate({
        target: accounts.id,
        set: { concurrency, headers, stream, simulated: sql`${accounts.simulated} or ${simulated}` },
      });
    const old = before.get(account.id)?.concurrency;
    if (old === undefined || old === concurrency) continue;
    const detail = { setting: 'concurrency', from: old, to: concurrency };
    await tx.insert(audit).values({ actor: by, action: 'account.set', subject: account.id, detail });
  }
}

/** Those of the wanted accounts that are stored already. */
export function accountsOf(tx: Tx, wanted: readonly NewAccount[]): Promise<AccountRow[]> {
  const ids = wanted.map((account) => account.id);
  return tx.select().from(accounts).where(inArray(accounts.id, ids)).orderBy(asc(accounts.id));
}

/** Every account, with the seconds until it may be called again, by the database's clock. */
export async function listAccounts(tx: Tx): Promise<(AccountRow & { waitSeconds: number })[]> {
  const wait = sql<number>`greatest(0, coalesce(extract(epoch from ${accounts.notBefore} - now()), 0))::float8`;
  const rows = await tx.select({ account: accounts, wait }).from(accounts).orderBy(asc(accounts.id));
  return rows.map(({ account, wait: waitSeconds }) => ({ ...account, waitSeconds }));
}
