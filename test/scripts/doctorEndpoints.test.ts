/** `doctor` tries whether models can be reached, without sending them anything. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { eq } from 'drizzle-orm';
import { accounts, rounds } from '../../db/schema';
import { checkEndpoint } from '../../scripts/doctor/endpoints';
import { checkState } from '../../scripts/doctor/state';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { openRound } from '../setup/round';

let here: TestDatabase;
let server: Server;
let heard = '';
const OWN = ['OPENAI_BASE_URL', 'OPENAI_API_KEY', 'NO_KEY', 'NODE_USE_ENV_PROXY'];
const before = OWN.map((name) => process.env[name]);
beforeAll(async () => {
  here = await createTestDatabase();
  server = await listening();
  server.on('connection', (socket) => {
    socket.on('data', (part) => {
      heard += part;
    });
  });
});
beforeEach(() => {
  Object.assign(process.env, { OPENAI_API_KEY: 'sk-kept', NO_KEY: 'sk-kept' });
  delete process.env.NODE_USE_ENV_PROXY;
});
afterAll(async () => {
  for (const [i, name] of OWN.entries()) {
    if (before[i] === undefined) delete process.env[name];
    else process.env[name] = before[i];
  }
  server.close();
  await here.drop();
});

async function listening(): Promise<Server> {
  const made = createServer().listen(0, '127.0.0.1');
  await once(made, 'listening');
  return made;
}

const addressOf = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}/v1`;

async function closedAddress(): Promise<string> {
  const made = await listening();
  const address = addressOf(made);
  made.close();
  await once(made, 'close');
  return address;
}

test('the endpoint of models that name no account is connected to, and hears nothing', async () => {
  process.env.OPENAI_BASE_URL = addressOf(server);
  expect(await checkEndpoint()).toMatchObject({ status: 'ok' });
  process.env.OPENAI_BASE_URL = await closedAddress();
  expect(await checkEndpoint()).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('which does not answer (ECONNREFUSED)'),
    hint: expect.stringContaining('OPENAI_BASE_URL'),
  });
  // What a proxy can reach is not to be seen from here.
  process.env.NODE_USE_ENV_PROXY = '1';
  expect(await checkEndpoint()).toMatchObject({ status: 'ok' });
  process.env.NODE_USE_ENV_PROXY = '0';
  expect(await checkEndpoint()).toMatchObject({ status: 'warn' });
  process.env.OPENAI_BASE_URL = 'api.example.org';
  expect(await checkEndpoint()).toMatchObject({ status: 'warn', message: 'OPENAI_BASE_URL is no address' });
  expect(heard).toBe('');
});

test('so are those of rounds that run, and no others', async () => {
  const { db } = here;
  const { id, accountId } = await openRound(db, { items: 1 });
  const account = async () => (await checkState(db)).find(({ message }) => message.includes(accountId));
  await db
    .update(accounts)
    .set({ baseUrl: addressOf(server) })
    .where(eq(accounts.id, accountId));
  expect(await account()).toMatchObject({ status: 'ok' });
  await db
    .update(accounts)
    .set({ baseUrl: await closedAddress() })
    .where(eq(accounts.id, accountId));
  expect(await account()).toMatchObject({ status: 'warn', message: expect.stringContaining('ECONNREFUSED') });
  await db.update(rounds).set({ status: 'done', endedAt: new Date() }).where(eq(rounds.id, id));
  expect(await account()).toMatchObject({ status: 'ok' });
  expect(heard).toBe('');
});
