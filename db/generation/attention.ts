/** What needs a person, said on the round: a mark for each thing, in the order in which they came. */
import { and, eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import type { Tx } from '../connection';
import { rounds } from '../schema';

const BETWEEN = '; ';
const marks = sql`string_to_array(${rounds.needsAttention}, ${BETWEEN})`;

/** @param mark codes and ids only. @returns whether it is news. */
export async function callForAttention(tx: Tx, roundId: RoundId, mark: string): Promise<boolean> {
  const told = await tx
    .update(rounds)
    .set({ needsAttention: sql`concat_ws(${BETWEEN}::text, ${rounds.needsAttention}, ${mark}::text)` })
    .where(and(eq(rounds.id, roundId), sql`coalesce(${mark} <> all (${marks}), true)`))
    .returning({ id: rounds.id });
  return told.length > 0;
}

/** Takes marks back; others stay. @param roundId left out: of all rounds. */
export async function nothingToAttend(tx: Tx, beginning: string, roundId?: RoundId): Promise<void> {
  const left = sql`array(
    select mark from unnest(${marks}) with ordinality as said(mark, n) where not starts_with(mark, ${beginning}) order by n)`;
  await tx
    .update(rounds)
    .set({ needsAttention: sql`nullif(array_to_string(${left}, ${BETWEEN}), '')` })
    .where(
      and(
        sql`exists (select 1 from unnest(${marks}) as mark where starts_with(mark, ${beginning}))`,
        roundId === undefined ? undefined : eq(rounds.id, roundId),
      ),
    );
}
