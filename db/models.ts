/** Models under evaluation. */
import { sql } from 'drizzle-orm';
import type { ModelFacts } from '../domain/models';
import type { Tx } from './connection';
import { models } from './schema';

/** What a spec says replaces what an earlier one said; what it does not say stays. */
export async function saveModels(tx: Tx, facts: readonly ModelFacts[]): Promise<void> {
  const sorted = [...facts].sort((a, b) => (a.id < b.id ? -1 : 1));
  await tx
    .insert(models)
    .values(sorted)
    .onConflictDoUpdate({
      target: models.id,
      set: {
        family: sql`coalesce(excluded.family, ${models.family})`,
        parameters: sql`coalesce(excluded.parameters, ${models.parameters})`,
        trainingCompute: sql`coalesce(excluded.training_compute, ${models.trainingCompute})`,
        regime: sql`coalesce(excluded.regime, ${models.regime})`,
        releasedOn: sql`coalesce(excluded.released_on, ${models.releasedOn})`,
      },
    });
}
