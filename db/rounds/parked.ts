/** What a round has given up on for now: failed items, and models that fail everywhere. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { type FailedItems, failedItems } from './retry';

export interface Parked {
  /** Failed items that are called for, by model and code. `mendable`: `round retry` tries them again. */
  items: (FailedItems & { mendable: boolean })[];
  models: ParkedModel[];
}

/** Called no more but for a look now and then. */
export interface ParkedModel {
  model: string;
  code: string;
  /** Calls that failed the same way, one after the other. */
  failures: number;
  /** ISO 8601: since when, and when one call may look at it again. */
  since: string;
  retryAt: string | null;
}

export async function parkedOf(tx: Tx, roundId: RoundId): Promise<Parked> {
  const failed = await failedItems(tx, roundId);
  const models = await tx.execute<{
    model: string;
    code: string | null;
    failures: number;
    since: Date | string;
    retry_at: Date | string | null;
  }>(sql`
    select model_id as model, failure_code as code, failures, parked_at as since, retry_at
    from round_models where round_id = ${roundId} and parked_at is not null order by model_id`);
  return {
    items: failed.map(({ model, code, items, mendable }) => ({ model, code, items, mendable: mendable(false) })),
    models: models.map(({ model, code, failures, since, retry_at }) => ({
      model,
      code: code ?? 'unknown',
      failures,
      since: new Date(since).toISOString(),
      retryAt: retry_at === null ? null : new Date(retry_at).toISOString(),
    })),
  };
}
