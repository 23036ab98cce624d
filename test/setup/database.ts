/** A database of its own for each test file, cut from the migrated template. */
import { randomBytes } from 'node:crypto';
import { type Connection, connect } from '../../db/connection';
import { TEMPLATE_DATABASE } from './prepare';

export interface TestDatabase extends Connection {
  url: string;
  /** Ends the connections and removes the database. */
  drop(): Promise<void>;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  await asSuperuser(`create database ${name} template ${TEMPLATE_DATABASE}`);
  const url = urlOf(name);
  const connection = connect(url, { name: 'plumbline test' });
  return {
    ...connection,
    url,
    async drop() {
      await connection.close();
      await asSuperuser(`drop database ${name} with (force)`);
    },
  };
}

async function asSuperuser(statement: string): Promise<void> {
  const { db, close } = connect(urlOf('postgres'), { max: 1 });
  try {
    await db.execute(statement);
  } finally {
    await close();
  }
}

function urlOf(database: string): string {
  const base = process.env.PLUMBLINE_TEST_DATABASE_URL;
  if (!base) throw new Error('run the tests with `npm test`: PLUMBLINE_TEST_DATABASE_URL is not set');
  const url = new URL(base);
  url.pathname = `/${database}`;
  return url.toString();
}
