/** What a report rests on: enough to find every part again, and to tell it from another. */
import { eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { FrozenModel, FrozenSpec } from '../../domain/spec';
import type { PromptSetKind, Purpose } from '../../domain/states';
import type { Tx } from '../connection';
import { manualName, tableName } from '../manuals/names';
import journal from '../migrations/meta/_journal.json';
import type { RoundRow } from '../rounds/read';
import { measurements, promptSets } from '../schema';
import { providersSaid, type Said } from './calls';

/** A revision by its name, such as `starter@1`, and its content's hash. */
export interface Named {
  name: string | null;
  hash: string;
}

export interface Manifest {
  roundId: RoundId;
  spec: FrozenSpec;
  /** Of spec, seed, manual and capability table, as they are now. */
  specHash: string;
  seed: string;
  manual: Named | null;
  /** The one that the round has now. */
  capabilityTable: Named | null;
  /** What the current measurement was derived by; null before there is one. */
  measured: { at: string; inputHash: string; answersHash: string; capabilityTable: Named | null } | null;
  promptSet: { name: string; hash: string; size: number; kind: PromptSetKind; purpose: Purpose };
  /** Prompts drawn from the set. */
  sample: number;
  models: (FrozenModel & { simulated: boolean; said: Omit<Said, 'model'>[] })[];
  /** The version of the program that wrote the report. */
  plumbline: string;
  /** The newest migration of the database's schema. */
  schema: string;
}

export async function manifestOf(tx: Tx, round: RoundRow, plumbline: string): Promise<Manifest> {
  const { id, spec, specHash, seed, manualRevision, capabilityTable } = round;
  const [set] = await tx.select().from(promptSets).where(eq(promptSets.hash, round.promptSetHash));
  if (!set) throw new Error(`no prompt set ${round.promptSetHash}`);
  return {
    roundId: id,
    spec,
    specHash,
    seed,
    manual: manualRevision && { name: await manualName(tx, manualRevision), hash: manualRevision },
    capabilityTable: capabilityTable && { name: await tableName(tx, capabilityTable), hash: capabilityTable },
    measured: await measuredBy(tx, round),
    promptSet: { name: set.name, hash: set.hash, size: set.size, kind: set.kind, purpose: spec.prompts.purpose },
    sample: spec.prompts.sample,
    models: await modelsOf(tx, round),
    plumbline,
    schema: journal.entries.at(-1)?.tag ?? '',
  };
}

async function measuredBy(tx: Tx, { measurementId }: RoundRow): Promise<Manifest['measured']> {
  if (measurementId === null) return null;
  const [row] = await tx.select().from(measurements).where(eq(measurements.id, measurementId));
  if (!row) return null;
  const { createdAt, inputHash, answersHash, capabilityTable } = row;
  const table = capabilityTable && { name: await tableName(tx, capabilityTable), hash: capabilityTable };
  return { at: createdAt.toISOString(), inputHash, answersHash, capabilityTable: table };
}

async function modelsOf(tx: Tx, { id, spec }: RoundRow): Promise<Manifest['models']> {
  const said = await providersSaid(tx, id);
  const rows = await tx.execute<{ id: string }>(sql`
    select a.id from accounts a where a.simulated and a.id in (
      select m->>'accountId' from rounds r, jsonb_array_elements(r.spec->'models') m where r.id = ${id})`);
  const simulated = new Set(rows.map((row) => row.id));
  return spec.models.map((model) => ({
    ...model,
    simulated: model.accountId !== null && simulated.has(model.accountId),
    said: said.flatMap(({ model: of, ...rest }) => (of === model.id ? [rest] : [])),
  }));
}
