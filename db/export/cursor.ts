/** A query's rows, as many at a time as fit in memory, however many there are. */
import { type SQL, sql } from 'drizzle-orm';
import type { Json } from '../../domain/text';
import type { Tx } from '../connection';

/**
 * Call inside a transaction; one at a time.
 * @param query of one column `row`, a JSON value.
 */
export async function* pagesOf(tx: Tx, query: SQL, size: number): AsyncGenerator<Json[]> {
  await tx.execute(sql`declare exported no scroll cursor for ${query}`);
  for (;;) {
    const rows = await tx.execute<{ row: Json }>(sql`fetch forward ${sql.raw(String(size))} from exported`);
    if (rows.length > 0) yield rows.map(({ row }) => row);
    if (rows.length < size) break;
  }
  await tx.execute(sql`close exported`);
}
