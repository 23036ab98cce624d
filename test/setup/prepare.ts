/** What all test files share: a migrated template database and one workflow bundle. Runs once per `npm test`. */
import { sql } from 'drizzle-orm';
import { connect } from '../../db/connection';
import { migrate } from '../../db/migrate';
import { buildBundle } from '../../workers/bundle';

export const TEMPLATE_DATABASE = 'plumbline_template';

/** `superuserUrl` names the database `postgres`. A template left by an earlier run is made anew. */
export async function prepareTemplate(superuserUrl: string): Promise<void> {
  const { db, close } = connect(superuserUrl, { max: 1 });
  try {
    await db.execute(sql.raw(`drop database if exists ${TEMPLATE_DATABASE} with (force)`));
    await db.execute(sql.raw(`create database ${TEMPLATE_DATABASE}`));
  } finally {
    await close();
  }
  const url = new URL(superuserUrl);
  url.pathname = `/${TEMPLATE_DATABASE}`;
  await migrate(url.toString());
}

/** Builds the workflow bundle into `file`, for every worker that the tests start. */
export function prepareBundle(file: string): Promise<void> {
  return buildBundle(file);
}
