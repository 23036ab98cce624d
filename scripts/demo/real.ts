/** Real rounds and simulated ones are not for one database that somebody else keeps. */
import { sql } from 'drizzle-orm';
import { connect } from '../../db/connection';
import { modelsAreSimulated } from '../../db/rounds/simulated';
import { CommandError } from '../failures';
import { findDatabase } from '../finding';

/**
 * Looked at before anything is started: a worker of the demo would serve those rounds, too.
 * @throws CommandError where DATABASE_URL names a database with rounds of models that are not simulated.
 */
export async function refuseAmongRealRounds(): Promise<void> {
  if (!process.env.DATABASE_URL) return;
  const { url } = await findDatabase();
  const { db, close } = connect(url, { max: 1, name: 'plumbline demo' });
  try {
    const [there] = await db.execute<{ rounds: string | null }>(sql`select to_regclass('rounds')::text as rounds`);
    if (!there?.rounds) return;
    const [row] = await db.execute<{ real: boolean }>(sql`
      select exists (select 1 from rounds r where not ${modelsAreSimulated(sql`r.spec`)}) as real`);
    if (row?.real) throw realRounds();
  } finally {
    await close();
  }
}

function realRounds(): CommandError {
  const message = 'the database of DATABASE_URL holds rounds of real models: the demo stays away from them';
  return new CommandError({
    kind: 'real-rounds',
    message,
    hint: 'unset DATABASE_URL, or run the demo in another folder',
  });
}
