/** Rounds by the key they were started with. */
import { desc, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { RoundStatus } from '../../domain/states';
import type { Tx } from '../connection';
import { rounds } from '../schema';
import { modelsAreSimulated } from './simulated';

export interface KeyedRound {
  roundId: RoundId;
  key: string;
  status: RoundStatus;
  name: string;
  seed: string;
  /** Each of its models is simulated. */
  simulated: boolean;
  /** Of the accounts that its models use. */
  endpoints: string[];
}

/** Newest first. @param beginning of the keys, such as `demo-`. */
export async function roundsByKey(tx: Tx, beginning: string): Promise<KeyedRound[]> {
  return tx
    .select({
      roundId: rounds.id,
      key: sql<string>`${rounds.startKey}`,
      status: rounds.status,
      name: rounds.name,
      seed: rounds.seed,
      simulated: modelsAreSimulated(sql`${rounds.spec}`),
      endpoints: sql<string[]>`array(select distinct a.base_url from jsonb_array_elements(${rounds.spec}->'models') m
        join accounts a on a.id = m->>'accountId')`,
    })
    .from(rounds)
    .where(sql`starts_with(${rounds.startKey}, ${beginning})`)
    .orderBy(desc(rounds.createdAt), desc(rounds.id));
}
