import { request } from 'node:http';
import { sql } from 'drizzle-orm';
import { connect } from '../../db/connection';
import { removePerson, revokeTokens } from '../../db/people';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from '../setup/processes';
import { nth, openRound } from '../setup/round';
import { Caller, startSite, type TestSite, textAt } from '../setup/site';

let here: TestDatabase;
let site: TestSite;
beforeAll(async () => {
  here = await createTestDatabase();
  site = await startSite(here.db);
});
afterAll(async () => {
  await site.close();
  await here.drop();
});

async function open() {
  const round = await openRound(here.db, { labellers: 1 });
  const labeller = nth(round.labellers, 0);
  return { id: round.id, labeller, anna: new Caller(site.url, labeller.token) };
}

describe('a caller', () => {
  const unauthorized = { status: 401, body: { error: { kind: 'unauthorized' } } };

  test('without a token, or with one that is wrong, is not let in', async () => {
    const { id, labeller } = await open();
    for (const token of [undefined, 'plt_wrong', `${labeller.token}x`, labeller.id, '']) {
      const answered = await new Caller(site.url, token).post(`/api/rounds/${id}/next`);
      expect(answered).toMatchObject(unauthorized);
      expect(answered.headers.get('www-authenticate')).toBe('Bearer');
    }
    const basic = await new Caller(site.url).post(
      `/api/rounds/${id}/next`,
      {},
      { authorization: `Basic ${labeller.token}` },
    );
    expect(basic).toMatchObject(unauthorized);
  });

  test('whose token was revoked, or who was removed, is let in no more', async () => {
    const { id, labeller, anna } = await open();
    expect((await anna.post(`/api/rounds/${id}/next`)).status).toBe(200);
    expect(await revokeTokens(here.db, labeller.id)).toBe(1);
    expect(await anna.post(`/api/rounds/${id}/next`)).toMatchObject(unauthorized);
    const other = await open();
    await removePerson(here.db, other.labeller.id);
    expect(await other.anna.post(`/api/rounds/${other.id}/next`)).toMatchObject(unauthorized);
  });
});

describe('a body', () => {
  const json = { 'content-type': 'application/json', 'idempotency-key': 'k' };
  const lease = async ({ id, anna }: { id: string; anna: Caller }) =>
    `/api/assignments/${textAt((await anna.post(`/api/rounds/${id}/next`)).body, 'assignment', 'id')}/label`;

  test('that is no JSON is refused, and so is one that does not say it is', async () => {
    const round = await open();
    const path = await lease(round);
    for (const broken of ['{"answers": ', '', 'verdict=aligned', '\u0000']) {
      const answered = await round.anna.send('POST', path, json, broken);
      expect(answered).toMatchObject({ status: 400, body: { error: { kind: 'malformed-json' } } });
    }
    for (const other of ['[]', '"aligned"', 'null']) {
      const answered = await round.anna.send('POST', path, json, other);
      expect(answered).toMatchObject({ status: 400, body: { error: { kind: 'invalid' } } });
    }
    const headers = { ...json, 'content-type': 'text/plain' };
    expect(await round.anna.send('POST', path, headers, '{}')).toMatchObject({
      status: 415,
      body: { error: { kind: 'not-json' } },
    });
  });

  test('of more than a megabyte is refused, told beforehand or not', async () => {
    const round = await open();
    const path = await lease(round);
    const large = JSON.stringify({ answers: { verdict: 'aligned' }, note: 'x'.repeat(1_100_000) });
    const refused = { status: 413, body: { error: { kind: 'too-large' } } };
    expect(await round.anna.send('POST', path, json, large)).toMatchObject(refused);
    const streamed = new Blob([large]).stream();
    expect(await round.anna.send('POST', path, json, streamed)).toMatchObject(refused);
    const { status } = await round.anna.send('POST', path, json, JSON.stringify({ answers: { verdict: 'aligned' } }));
    expect(status).toBe(200);
  });
});

describe('a path', () => {
  test.each(['/nothing', '/api', '/api/assignments', '/api/nothing', '/api/rounds/x/y/z'])(
    '%s leads nowhere',
    async (path) => {
      expect(await new Caller(site.url).get(path)).toMatchObject({
        status: 404,
        body: { error: { kind: 'not-found' } },
      });
    },
  );

  test('with odd characters is no reason to stumble', async () => {
    const { anna } = await open();
    for (const id of ['%00', '%ED%A0%80', '%FF', '%F0%9F%90%98', "'; select 1; --", 'x'.repeat(2_000)]) {
      expect(await anna.post(`/api/rounds/${id}/next`)).toMatchObject({
        status: 404,
        body: { error: { kind: 'unknown-round' } },
      });
    }
  });
});

test('an error of our own is told by a reference: nothing of the query, of texts or of tokens is in answer or log', async () => {
  const { id, labeller, anna } = await open();
  const path = `/api/assignments/${textAt((await anna.post(`/api/rounds/${id}/next`)).body, 'assignment', 'id')}/label`;
  await here.db.execute(sql`alter table labels rename column unsure to doubt`);
  try {
    const body = { answers: { verdict: 'misaligned', reason: 'very-secret' }, note: 'a private note\n    at here:1:1' };
    const answered = await anna.post(path, body, { 'idempotency-key': 'key-of-anna' });
    expect(answered).toMatchObject({ status: 500, body: { error: { kind: 'internal' } } });
    const reference = /under ([0-9a-f]{8})$/.exec(textAt(answered.body, 'error', 'hint'))?.[1];
    expect(site.log()).toContain(`"ref":"${reference}"`);
    expect(site.log()).toContain('"code":"42703"');
    expect(site.log()).toMatch(/"frames":\["at /);
    for (const secret of ['private note', 'very-secret', 'key-of-anna', labeller.token, 'insert into', 'here:1:1']) {
      expect(answered.text + site.log()).not.toContain(secret);
    }
  } finally {
    await here.db.execute(sql`alter table labels rename column doubt to unsure`);
  }
});

test('while Postgres is away the site says so, where it looks for it and what to do', async () => {
  const away = connect('postgres://anna:hidden@127.0.0.1:1/nothing', { max: 1 });
  const lonely = await startSite(away.db);
  for (const path of ['/healthz', '/api/rounds/x/assignments']) {
    const answered = await new Caller(lonely.url, 'plt_x').get(path);
    expect(answered).toMatchObject({
      status: 503,
      body: {
        error: {
          kind: 'postgres-unreachable',
          message: expect.stringContaining('localhost:1/test'),
          hint: expect.stringContaining('plumbline up'),
        },
      },
    });
    expect(answered.text).not.toContain('hidden');
  }
  await lonely.close();
  await away.close();
});

test('a connection cut under the site is a refusal to come back for, not an end', async () => {
  const { id, anna } = await open();
  const statuses: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    await here.db.execute(sql`
      select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`);
    await until('the site answers again', async () => {
      statuses.push((await anna.post(`/api/rounds/${id}/next`)).status);
      return statuses.at(-1) !== 503;
    });
  }
  expect(statuses.filter((status) => status !== 503)).toEqual([200, 200, 200]);
});

test('health is the database’s and the schema’s', async () => {
  const caller = new Caller(site.url);
  expect(await caller.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
  await here.db.execute(sql`
    insert into drizzle.__drizzle_migrations (hash, created_at) values ('of the future', 1)`);
  expect(await caller.get('/healthz')).toMatchObject({ status: 503, body: { error: { kind: 'schema-newer' } } });
  await here.db.execute(sql`delete from drizzle.__drizzle_migrations where hash = 'of the future'`);
});

test('the API describes itself', async () => {
  const { status, body } = await new Caller(site.url).get('/api/openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    openapi: '3.0.3',
    paths: {
      '/api/rounds/{roundId}/next': { post: { security: [{ token: [] }] } },
      '/api/rounds/{roundId}/assignments': { get: {} },
      '/api/rounds/{roundId}': { get: {} },
      '/api/assignments/{id}/label': {
        post: {
          parameters: expect.arrayContaining([
            expect.objectContaining({ name: 'idempotency-key', in: 'header', required: true }),
          ]),
        },
      },
      '/api/assignments/{id}/skip': { post: {} },
      '/api/assignments/{id}/extend': { post: {} },
      '/api/assignments/{id}/undo': { post: {} },
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  });
});

test('a caller who goes away in the middle of a body leaves the site as it was', async () => {
  const round = await open();
  const { port } = new URL(site.url);
  await new Promise<void>((gone) => {
    const half = request({
      port,
      method: 'POST',
      path: '/api/assignments/x/label',
      headers: { 'content-length': 100 },
    });
    half.on('error', () => {});
    half.on('close', gone);
    half.write('{"answers"', () => half.destroy());
  });
  expect((await round.anna.post(`/api/rounds/${round.id}/next`)).status).toBe(200);
});
