/** Real rounds and simulated ones are not for one database that somebody else keeps. */
import { sql } from 'drizzle-orm';
import type { Db } from '../../db/connection';
import { CommandError } from '../failures';

/** @throws CommandError where DATABASE_URL names a database with rounds of models that are not simulated. */
export async function refuseAmongRealRounds(db: Db): Promise<void> {
  if (!process.env.DATABASE_URL) return;
  const [row] = await db.execute<{ real: boolean }>(sql`
    select exists (select 1 from rounds r, jsonb_array_elements(r.spec->'models') m
      join accounts a on a.id = m->>'accountId' where not a.simulated) as real`);
  if (!row?.real) return;
  const message = 'the database of DATABASE_URL holds rounds of real models: the demo stays away from them';
  throw new CommandError({
    kind: 'real-rounds',
    message,
    hint: 'unset DATABASE_URL, or run the demo in another folder',
  });
}
