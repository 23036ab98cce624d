/** Models that fail everywhere in a round: parked, and looked at with one call now and then. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { FAILURES_TO_PARK, parkedForMs } from '../../domain/limits';
import type { Tx } from '../connection';
import { readRound } from '../rounds/read';
import { callForAttention, nothingToAttend } from './attention';

export const parkedMark = (modelId: string) => `model ${modelId} is parked`;

/**
 * Counts a failure; with the last of many that were all alike the model is parked. Calls that were under way when it was
 * parked say nothing new: only a look at it afterwards does.
 */
export async function noteModelFailure(
  tx: Tx,
  roundId: RoundId,
  modelId: string,
  call: FailedModelCall,
): Promise<void> {
  const { callId, code } = call;
  const [model] = await tx.execute<{ failures: number; old: boolean }>(sql`
    insert into round_models as m (round_id, model_id, failures, failure_code) values (${roundId}, ${modelId}, 1, ${code})
    on conflict (round_id, model_id) do update set
      failures = case when ${beforeParking(callId)} then m.failures
        when m.failure_code = excluded.failure_code then m.failures + 1 else 1 end,
      failure_code = excluded.failure_code
    returning failures, ${beforeParking(callId)} as old`);
  const { failures = 0, old = false } = model ?? {};
  if (old || failures < FAILURES_TO_PARK) return;
  const { settings } = await readRound(tx, roundId);
  await tx.execute(sql`
    update round_models set parked_at = coalesce(parked_at, now()),
      retry_at = now() + ${parkedForMs(failures, settings.firstLookMs)} * interval '1 millisecond'
    where round_id = ${roundId} and model_id = ${modelId}`);
  await callForAttention(tx, roundId, `${parkedMark(modelId)}: ${code}`);
}

export interface FailedModelCall {
  callId: number;
  code: string;
}

const beforeParking = (callId: number) =>
  sql`coalesce((select claimed_at from generation_calls where id = ${callId}) < m.parked_at, false)`;

/** An answer came: the model's row is cleared with it, and what was said of it taken back here, apart: rounds are locked before spending. */
export async function modelIsBack(tx: Tx, roundId: RoundId, modelId: string): Promise<void> {
  await nothingToAttend(tx, parkedMark(modelId), roundId);
}
