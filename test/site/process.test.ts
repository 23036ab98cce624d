import { connect } from 'node:net';
import { sql } from 'drizzle-orm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type RunningProcess, startProcess, until } from '../setup/processes';
import { nth, openRound } from '../setup/round';
import { Caller } from '../setup/site';

let here: TestDatabase;
let site: RunningProcess;
beforeAll(async () => {
  here = await createTestDatabase();
  site = await start();
}, 30_000);
afterAll(async () => {
  await site.kill();
  await here.drop();
});

const start = () =>
  startProcess('site/server/main.ts', [], { DATABASE_URL: here.url, PLUMBLINE_SITE_PORT: '0' }, 'listening');

test('the site’s process says where it listens, on this machine only', async () => {
  const url = String(site.ready.url);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await new Caller(url).get('/healthz')).status).toBe(200);
});

test('a browser that comes to the site’s address is told what is there', async () => {
  const response = await fetch(String(site.ready.url));
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8']);
  expect(await response.text()).toContain('/api/openapi.json');
});

test('told to stop, it answers what is under way, takes nothing new, and ends well', async () => {
  const { id, labellers } = await openRound(here.db);
  const stopping = await start();
  const caller = new Caller(String(stopping.ready.url), nth(labellers, 0).token);
  await caller.get('/healthz');
  let underWay: ReturnType<Caller['post']> | undefined;
  let ended: Promise<number | null> | undefined;
  await here.db.transaction(async (tx) => {
    await tx.execute(sql`lock table members in access exclusive mode`);
    underWay = caller.post(`/api/rounds/${id}/next`);
    await until('the request waits in Postgres', async () => {
      const [row] = await tx.execute<{ n: number }>(sql`
        select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`);
      return (row?.n ?? 0) > 0;
    });
    ended = stopping.stop();
    await until('the site takes nothing new', () => refusesConnections(String(stopping.ready.url)));
  });
  expect(await underWay).toMatchObject({ status: 200, body: { assignment: {} } });
  expect(await ended).toBe(0);
  const [left] = await here.db.execute(sql`
    select count(*)::int as n from pg_stat_activity where application_name = 'plumbline site' and pid in (
      select pid from pg_stat_activity where datname = current_database() and state = 'idle in transaction')`);
  expect(left).toEqual({ n: 0 });
}, 30_000);

test('without a database’s address it says so and ends with 2', async () => {
  const failed = startProcess(
    'site/server/main.ts',
    [],
    { DATABASE_URL: '', PLUMBLINE_SITE_PORT: 'many' },
    'listening',
  );
  await expect(failed).rejects.toThrow(/ended with 2.*"at":"DATABASE_URL".*"at":"PLUMBLINE_SITE_PORT"/s);
}, 30_000);

test('on a port that is taken it says so and ends with 1', async () => {
  const { port } = new URL(String(site.ready.url));
  const failed = startProcess(
    'site/server/main.ts',
    [],
    { DATABASE_URL: here.url, PLUMBLINE_SITE_PORT: port },
    'listening',
  );
  await expect(failed).rejects.toThrow(/ended with 1.*EADDRINUSE/s);
}, 30_000);

function refusesConnections(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((known) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      known(false);
    });
    socket.once('error', () => known(true));
  });
}
