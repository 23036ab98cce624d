/** The archive's single records: the round itself, its manual, its capability tables. */
import { eq, inArray } from 'drizzle-orm';
import type { RoundId, TableHash } from '../../domain/ids';
import { accountsOf } from '../../domain/spec';
import type { Tx } from '../connection';
import { amendmentsOf } from '../rounds/amendments';
import type { RoundRow } from '../rounds/read';
import { isSimulated } from '../rounds/simulated';
import { accounts, capabilityTables, manualRevisions, measurements, promptSets } from '../schema';

/** Without the addresses, keys and headers of accounts. */
export async function roundRecord(tx: Tx, round: RoundRow) {
  const { id, spec, settings, measurementId } = round;
  const [set] = await tx.select().from(promptSets).where(eq(promptSets.hash, round.promptSetHash));
  return {
    roundId: id,
    name: round.name,
    status: round.status,
    statusReason: round.statusReason,
    simulated: await isSimulated(tx, id),
    spec,
    settings,
    seed: round.seed,
    specHash: round.specHash,
    form: round.form,
    manualRevision: round.manualRevision,
    capabilityTable: round.capabilityTable,
    promptSet: set && { hash: set.hash, name: set.name, kind: set.kind, size: set.size },
    schedule: round.schedule,
    startedBy: round.startedBy,
    createdAt: round.createdAt.toISOString(),
    openedAt: round.openedAt?.toISOString() ?? null,
    deadlineAt: round.deadlineAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
    measurementId,
    accounts: await accountsUsed(tx, round),
    amendments: (await amendmentsOf(tx, id)).map(({ at, by, why, what, from, to, specHash }) => ({
      ...{ at: at.toISOString(), by, why, what, from, to, specHash },
    })),
  };
}

async function accountsUsed(tx: Tx, { spec, settings }: RoundRow) {
  const rows = await tx
    .select({ id: accounts.id, simulated: accounts.simulated })
    .from(accounts)
    .where(inArray(accounts.id, accountsOf(spec)))
    .orderBy(accounts.id);
  return rows.map((row) => ({ ...row, name: settings.accountNames?.[row.id] ?? null }));
}

/** null for a round without one. */
export async function manualRecord(tx: Tx, { manualRevision }: RoundRow) {
  if (manualRevision === null) return null;
  const [row] = await tx.select().from(manualRevisions).where(eq(manualRevisions.hash, manualRevision));
  return row ? { hash: row.hash, name: row.name, revision: row.revision, form: row.form, content: row.content } : null;
}

/** Every table that the round was ever measured by, and the one that holds now. */
export async function capabilityRecord(tx: Tx, round: RoundRow) {
  const hashes = await tableHashes(tx, round);
  const rows = await tx
    .select()
    .from(capabilityTables)
    .where(inArray(capabilityTables.hash, hashes))
    .orderBy(capabilityTables.hash);
  const tables = rows.map(({ hash, manual, revision, content }) => ({ hash, manual, revision, content }));
  return { current: round.capabilityTable, tables };
}

async function tableHashes(tx: Tx, { id, capabilityTable }: RoundRow): Promise<TableHash[]> {
  const measured = await tx
    .selectDistinct({ hash: measurements.capabilityTable })
    .from(measurements)
    .where(eq(measurements.roundId, id as RoundId));
  const amended = (await amendmentsOf(tx, id)).flatMap(({ from, to }) => [from, to]);
  const all = [capabilityTable, ...measured.map(({ hash }) => hash), ...amended];
  return [...new Set(all)].filter((hash): hash is TableHash => hash !== null);
}
