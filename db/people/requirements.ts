/** Requirements that nobody asks for, though nearly the same ones are known: probably slips of the hand. */
import { sql } from 'drizzle-orm';
import { nearRequirement } from '../../domain/requirements';
import type { Tx } from '../connection';

export interface Slip {
  given: string;
  /** Asked for by prompts, or else held by labellers. */
  meant: string;
}

/** Of requirements that a labeller is to hold: those that no prompt asks for, with what was probably meant. */
export async function slipsAmong(tx: Tx, given: readonly string[]): Promise<Slip[]> {
  if (given.length === 0) return [];
  const asked = await distinctOf(tx, sql`select unnest(requirements) as one from prompts where requirements <> '{}'`);
  const unasked = given.filter((one) => !asked.includes(one));
  if (unasked.length === 0) return [];
  const held = await distinctOf(tx, sql`select unnest(holds) as one from labellers`);
  return unasked.flatMap((one) => {
    const meant = nearRequirement(one, asked) ?? (held.includes(one) ? undefined : nearRequirement(one, held));
    return meant === undefined ? [] : [{ given: one, meant }];
  });
}

async function distinctOf(tx: Tx, query: ReturnType<typeof sql>): Promise<string[]> {
  const rows = await tx.execute<{ one: string }>(sql`select distinct one from (${query}) asked order by one`);
  return rows.map(({ one }) => one);
}
