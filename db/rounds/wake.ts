/** Waking all of a round's workflows: what they are to do they read from their rows. */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { nudgeRound } from '../outbox';

/** The round's own and those of its shards that are under way. Call in the transaction of what they are to hear of. */
export async function wakeRound(tx: Tx, roundId: RoundId): Promise<void> {
  await nudgeRound(tx, roundId);
  await tx.execute(sql`
    insert into outbox (round_id, shard)
    select round_id, shard from shards where round_id = ${roundId} and state in ('generating', 'labelling') order by shard`);
}
