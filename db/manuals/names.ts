/** How people name revisions: `starter@1`. */
import { eq } from 'drizzle-orm';
import type { ManualHash, TableHash } from '../../domain/ids';
import type { Tx } from '../connection';
import { capabilityTables } from '../schema';
import { readManual } from './read';

export async function manualName(tx: Tx, hash: ManualHash | null): Promise<string | null> {
  if (hash === null) return null;
  const { manual, revision } = await readManual(tx, hash);
  return `${manual.name}@${revision}`;
}

export async function tableName(tx: Tx, hash: TableHash | null): Promise<string | null> {
  if (hash === null) return null;
  const [row] = await tx
    .select({ manual: capabilityTables.manual, revision: capabilityTables.revision })
    .from(capabilityTables)
    .where(eq(capabilityTables.hash, hash));
  return row ? `${row.manual}@${row.revision}` : null;
}
