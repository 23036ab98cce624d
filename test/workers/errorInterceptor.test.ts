import { ApplicationFailure, type Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { connect } from '../../db/connection';
import { saveText } from '../../db/texts';
import { safeErrors } from '../../workers/errorInterceptor';
import { createTestDatabase, type TestDatabase } from '../setup/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const SECRET = 'A PROMPT THAT NOBODY MAY SEE';

/** Runs what throws as an activity would run; gives what Temporal would get, and what the log got. */
async function through(activity: () => Promise<unknown>): Promise<{ failure: unknown; logged: string }> {
  let logged = '';
  const log = pino(
    {},
    {
      write: (line: string) => {
        logged += line;
      },
    },
  );
  const context = { info: { activityType: 'save' } } as Context;
  const { inbound } = safeErrors(log)(context);
  const input = { args: [], headers: {} };
  const run = inbound?.execute?.(input, activity);
  return {
    failure: await run?.then(
      () => undefined,
      (error: unknown) => error,
    ),
    logged,
  };
}

function everythingIn(failure: unknown): string {
  return JSON.stringify(failure, Object.getOwnPropertyNames(Object(failure)));
}

test('a database error keeps its code and loses its parameters, in the failure and in the log', async () => {
  await database.db.execute(sql`create function refuse() returns trigger language plpgsql as $$
    begin raise exception 'refused: %', new.body using errcode = 'P0077'; end $$`);
  await database.db.execute(sql`create trigger refuse before insert on texts for each row execute function refuse()`);
  const { failure, logged } = await through(() => saveText(database.db, SECRET));
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'P0077', nonRetryable: false });
  expect(everythingIn(failure)).not.toContain(SECRET);
  expect(logged).toContain('P0077');
  expect(logged).not.toContain(SECRET);
});

test('a database that is away is known by its code', async () => {
  const away = connect('postgres://nobody@127.0.0.1:9/none', { max: 1 });
  const { failure } = await through(() => saveText(away.db, SECRET));
  await away.close();
  expect(failure).toMatchObject({ type: 'ECONNREFUSED' });
});

test('our own failures keep their type and delay, without a stack', async () => {
  const own = ApplicationFailure.create({ type: 'rate-limited', message: 'chunk not finished', nextRetryDelay: 300 });
  const { failure } = await through(() => Promise.reject(own));
  expect(failure).toMatchObject({ type: 'rate-limited', nextRetryDelay: 300, stack: '' });
});

test('an error with a secret in its message gives the class alone', async () => {
  const { failure, logged } = await through(() => Promise.reject(new TypeError(SECRET, { cause: new Error(SECRET) })));
  expect(failure).toMatchObject({ type: 'TypeError' });
  expect(everythingIn(failure) + logged).not.toContain(SECRET);
});

test('a cancellation stays one', async () => {
  const { failure } = await through(() => Promise.reject(new CancelledFailure('stop')));
  expect(failure).toBeInstanceOf(CancelledFailure);
});
