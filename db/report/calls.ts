/** What was asked of the models, and what their providers said of themselves. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';

export interface ModelCalls {
  model: string;
  calls: number;
  /** By how they ended: those whose completion was taken; that came when there was one; that failed and were tried again. */
  completed: number;
  surplus: number;
  retryable: number;
  /** Told to come later: no try of the item. */
  rateLimited: number;
  /** The request or the account was refused. */
  refused: number;
  /** Not known to have ended. */
  open: number;
  /** The most for one item. */
  mostTries: number;
  /** Completions that ended because they had become too long. */
  cutOff: number;
  /** As the provider counts them, over all calls that were answered. */
  promptTokens: number;
  completionTokens: number;
}

/** By model. */
export async function callsByModel(tx: Tx, roundId: RoundId): Promise<ModelCalls[]> {
  const rows = await tx.execute<ModelCalls & Record<string, unknown>>(sql`
    select i.model_id as model, count(*)::int as calls,
      count(*) filter (where c.outcome = 'completed')::int as completed,
      count(*) filter (where c.outcome = 'surplus')::int as surplus,
      count(*) filter (where c.outcome = 'retryable')::int as retryable,
      count(*) filter (where c.outcome = 'rate-limited')::int as "rateLimited",
      count(*) filter (where c.outcome in ('refused', 'account-refused'))::int as refused,
      count(*) filter (where c.outcome is null)::int as open,
      max(c.try)::int as "mostTries",
      count(*) filter (where c.outcome = 'completed' and c.finish_reason = 'length')::int as "cutOff",
      coalesce(sum(c.prompt_tokens), 0)::float8 as "promptTokens",
      coalesce(sum(c.completion_tokens), 0)::float8 as "completionTokens"
    from generation_calls c join items i on i.id = c.item_id
    where c.round_id = ${roundId} group by i.model_id order by i.model_id`);
  return [...rows];
}

/** How a provider called the model that answered. */
export interface Said {
  model: string;
  returnedModel: string | null;
  fingerprint: string | null;
  completions: number;
}

/** Of a provider that says something else each time only the commonest are told. */
const SAID = 5;

/** By model, the commonest first. */
export async function providersSaid(tx: Tx, roundId: RoundId): Promise<Said[]> {
  const rows = await tx.execute<Said & Record<string, unknown>>(sql`
    select model, returned_model as "returnedModel", fingerprint, completions from (
      select i.model_id as model, c.returned_model, c.fingerprint, count(*)::int as completions,
        row_number() over (partition by i.model_id
          order by count(*) desc, c.returned_model collate "C", c.fingerprint collate "C") as rank
      from generation_calls c join items i on i.id = c.item_id
      where c.round_id = ${roundId} and c.outcome = 'completed' group by i.model_id, c.returned_model, c.fingerprint) said
    where rank <= ${SAID} order by model, rank`);
  return [...rows];
}
