/**
 * A transaction of statements that need nothing of each other's results: they are sent together, so that its locks are not held
 * while this process reads one answer after the other.
 */
import type { Db } from './connection';
import type { Bound } from './prepared';

/**
 * Each statement sees what was committed before it began, as in any transaction. By the driver's own `begin`: a connection that
 * is reserved by hand is lost to the pool when the server ends it. @returns the rows of the last one.
 */
export async function atOnce<Row>(db: Db, ...statements: [...Bound<unknown>[], Bound<Row>]): Promise<Row[]> {
  const results = await db.$client.begin((tx) =>
    statements.map(({ text, params }) => tx.unsafe(text, params, { prepare: true })),
  );
  return (results.at(-1) ?? []) as unknown as Row[];
}
