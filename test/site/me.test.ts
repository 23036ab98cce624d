import { inviteLabeller, suspendLabeller } from '../../db/people';
import type { PersonId } from '../../domain/ids';
import { hashText } from '../../domain/text';
import { createTestDatabase, type TestDatabase } from '../setup/database';
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

const TERMS = '# Terms\n\nWe keep what you write.\n';
const invite = (name: string, terms?: string) =>
  inviteLabeller(here.db, {
    name,
    kind: 'human',
    groups: ['doctors'],
    holds: ['domain:law', 'lang:de', 'lang:en'],
    terms,
  });

test('whoever signs in is told who they are: languages and groups of their own, no terms where there are none', async () => {
  const { token } = await invite('Ada');
  const answered = await new Caller(site.url, token).get('/api/me');
  expect(answered.status).toBe(200);
  expect(answered.body).toEqual({
    name: 'Ada',
    roles: ['labeller'],
    kind: 'human',
    groups: ['doctors'],
    languages: ['de', 'en'],
    terms: null,
    suspended: false,
  });
  expect(await new Caller(site.url).get('/api/me')).toMatchObject({ status: 401 });
  const nothing = await new Caller(site.url, token).post('/api/me/consent', { hash: hashText('x') });
  expect(nothing).toMatchObject({ status: 409, body: { error: { kind: 'no-terms' } } });
});

test('a labeller invited under terms agrees to them before the first item, once', async () => {
  const { id } = await openRound(here.db);
  const { token } = await invite('Bea', TERMS);
  const bea = new Caller(site.url, token);
  const next = () => bea.post(`/api/rounds/${id}/next`);
  expect((await next()).body).toEqual({ reason: 'consent-needed' });
  const me = await bea.get('/api/me');
  expect(me.body).toMatchObject({ terms: { hash: hashText(TERMS), text: TERMS, agreedAt: null } });
  const other = await bea.post('/api/me/consent', { hash: hashText('other terms') });
  expect(other).toMatchObject({ status: 409, body: { error: { kind: 'other-terms' } } });
  expect((await next()).body).toEqual({ reason: 'consent-needed' });
  const agreed = await bea.post('/api/me/consent', { hash: hashText(TERMS) });
  expect(agreed).toMatchObject({ status: 200, body: { agreedAt: expect.stringMatching(/Z$/) } });
  expect((await bea.post('/api/me/consent', { hash: hashText(TERMS) })).body).toEqual(agreed.body);
  expect((await next()).body).toHaveProperty('assignment');
});

test('the same terms again stay agreed to; new ones are asked anew, and what is in hand may be finished', async () => {
  const { id } = await openRound(here.db);
  const { token } = await invite('Cora', TERMS);
  const cora = new Caller(site.url, token);
  await cora.post('/api/me/consent', { hash: hashText(TERMS) });
  const held = textAt((await cora.post(`/api/rounds/${id}/next`)).body, 'assignment', 'id');
  await invite('Cora', TERMS);
  await invite('Cora');
  expect((await cora.get('/api/me')).body).toMatchObject({ terms: { agreedAt: expect.any(String) } });
  await invite('Cora', `${TERMS}And for longer.\n`);
  expect((await cora.get('/api/me')).body).toMatchObject({ terms: { agreedAt: null } });
  expect((await cora.post(`/api/rounds/${id}/next`)).body).toEqual({ reason: 'consent-needed' });
  const label = await cora.post(
    `/api/assignments/${held}/label`,
    { answers: { verdict: 'aligned' } },
    { 'idempotency-key': 'k' },
  );
  expect(label.status).toBe(200);
});

test('a suspended labeller is told so by `next` and by the site, and offered no round', async () => {
  const { id, labellers } = await openRound(here.db);
  const { id: labellerId, token } = nth(labellers, 0);
  const anna = new Caller(site.url, token);
  await suspendLabeller(here.db, { id: labellerId, by: 'p_olga' as PersonId, why: 'private' });
  expect((await anna.post(`/api/rounds/${id}/next`)).body).toEqual({ reason: 'suspended' });
  const me = await anna.get('/api/me');
  expect(me.body).toMatchObject({ suspended: true });
  expect(me.text).not.toContain('private');
  expect((await anna.get('/api/rounds')).body).toEqual({ rounds: [] });
});

test('the first view of an item is kept by the database’s clock; a repeat, also after the label, gets the same answer', async () => {
  const { id, labellers } = await openRound(here.db, { items: 2, labellers: 2 });
  const [anna, bert] = labellers.map(({ token }) => new Caller(site.url, token)) as [Caller, Caller];
  const held = textAt((await anna.post(`/api/rounds/${id}/next`)).body, 'assignment', 'id');
  const path = `/api/assignments/${held}/view`;
  const first = await anna.post(path);
  expect(first).toMatchObject({ status: 200, body: { viewedAt: expect.stringMatching(/Z$/) } });
  expect((await anna.post(path)).body).toEqual(first.body);
  await anna.post(`/api/assignments/${held}/label`, { answers: { verdict: 'aligned' } }, { 'idempotency-key': 'k' });
  expect((await anna.post(path)).body).toEqual(first.body);
  expect(await bert.post(path)).toMatchObject({ status: 404, body: { error: { kind: 'unknown-assignment' } } });
  const unseen = textAt((await bert.post(`/api/rounds/${id}/next`)).body, 'assignment', 'id');
  await bert.post(`/api/assignments/${unseen}/release`);
  expect(await bert.post(`/api/assignments/${unseen}/view`)).toMatchObject({ status: 410 });
});

test('it is described with the rest of the API', async () => {
  const { body } = await new Caller(site.url).get('/api/openapi.json');
  expect(body).toMatchObject({
    paths: {
      '/api/me': { get: { security: [{ token: [] }] } },
      '/api/me/consent': { post: {} },
      '/api/assignments/{id}/view': { post: {} },
    },
    components: {
      schemas: {
        NothingNow: { properties: { reason: { enum: expect.arrayContaining(['consent-needed', 'suspended']) } } },
      },
    },
  });
});
