import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { inspectServices, removeServices, startServices, stopServices } from '../../scripts/services';
import { layoutOf } from '../../scripts/services/layout';
import { findProcesses } from '../../scripts/services/processes';
import { readState } from '../../scripts/services/state';
import { until } from '../setup/processes';

/** A blank in the path, as checkouts below "My Projects" have it. */
const FOLDERS = mkdtempSync(join(tmpdir(), 'plumbline services '));
chmodSync(FOLDERS, 0o755);

const folder = (name: string) => join(FOLDERS, name);
const started: string[] = [];
const children: ChildProcess[] = [];

function newFolder(name: string): string {
  started.push(folder(name));
  return folder(name);
}

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  for (const dir of started) await removeServices(dir);
  rmSync(FOLDERS, { recursive: true, force: true });
});

function starting(dir: string, what: 'stay' | 'fresh' | 'leave' = 'stay', detached = false): ChildProcess {
  const args = ['--import', require.resolve('tsx'), join(__dirname, 'startingProcess.ts'), dir, what];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached });
  children.push(child);
  return child;
}

async function said(child: ChildProcess): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.includes('\n')) return JSON.parse(text.slice(0, text.indexOf('\n')));
  }
  throw new Error('it ended and said nothing');
}

function pids(dir: string): { postgres: number; temporal: number } {
  const state = readState(layoutOf(dir));
  return { postgres: state.postgres?.pid ?? 0, temporal: state.temporal?.pid ?? 0 };
}

async function killBoth(dir: string): Promise<void> {
  for (const pid of Object.values(pids(dir))) process.kill(pid, 'SIGKILL');
  await until('both are dead', async () => !(await alive(dir)).includes(true));
}

async function alive(dir: string): Promise<boolean[]> {
  return Object.values(await inspectServices(dir)).map((service) => service.alive);
}

async function query<T extends object>(url: string, statement: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe<T[]>(statement))];
  } finally {
    await sql.end();
  }
}

async function withTemporal<T>(address: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await ask(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const retentionDays = (address: string) =>
  withTemporal(address, async ({ workflowService }) => {
    const { config } = await workflowService.describeNamespace({ namespace: 'default' });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  });

describe('the local services', () => {
  let dir: string;
  let databaseUrl: string;
  let temporalAddress: string;

  beforeAll(async () => {
    dir = newFolder('shared');
    const services = await startServices({ dir });
    ({ databaseUrl, temporalAddress } = services);
    expect(services.origins).toEqual({ postgres: 'started', temporal: 'started' });
    expect((await fetch(services.temporalUiUrl ?? '')).status).toBe(200);
  });

  test('Postgres has UTF8, the C locale, UTC, room for many connections, and keeps what is committed', async () => {
    const [row] = await query(
      databaseUrl,
      `select current_setting('server_encoding') encoding, datcollate locale, current_setting('timezone') zone,
       current_setting('max_connections') connections, current_setting('fsync') fsync, current_database() database
       from pg_database where datname = current_database()`,
    );
    const expected = { encoding: 'UTF8', locale: 'C', zone: 'UTC', connections: '300', fsync: 'on' };
    expect(row).toEqual({ ...expected, database: 'plumbline' });
  });

  test('Postgres listens on the loopback address alone and refuses a wrong password', async () => {
    const [row] = await query<{ addresses: string }>(
      databaseUrl,
      `select current_setting('listen_addresses') addresses`,
    );
    expect(row?.addresses).toBe('127.0.0.1');
    const wrong = new URL(databaseUrl);
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('the password is readable by its owner only', () => {
    const { dataFolder } = readState(layoutOf(dir)).postgres ?? { dataFolder: '' };
    expect(statSync(join(dataFolder, '..', 'password')).mode & 0o777).toBe(0o600);
  });

  test('Postgres never runs as root', () => {
    const uid = execFileSync('ps', ['-o', 'uid=', '-p', String(pids(dir).postgres)], { encoding: 'utf8' });
    expect(Number(uid)).not.toBe(0);
    if (process.getuid?.() !== 0) expect(Number(uid)).toBe(process.getuid?.());
  });

  test('a finished workflow is kept for 30 days', async () => {
    expect(await retentionDays(temporalAddress)).toBe(30);
  });

  test('a second process adopts what runs', async () => {
    const before = pids(dir);
    const child = starting(dir, 'leave');
    expect(await said(child)).toMatchObject({
      origins: { postgres: 'adopted', temporal: 'adopted' },
      databaseUrl,
      temporalAddress,
    });
    expect(pids(dir)).toEqual(before);
  });

  test('rows, workflows and addresses outlive kill -9 of both', async () => {
    await query(databaseUrl, 'create table kept (n int); insert into kept values (42)');
    await withTemporal(temporalAddress, ({ workflow }) =>
      workflow.start('never', { workflowId: 'kept', taskQueue: 'nobody' }),
    );
    await killBoth(dir);

    const services = await startServices({ dir });

    expect(services).toMatchObject({
      databaseUrl,
      temporalAddress,
      origins: { postgres: 'started', temporal: 'started' },
    });
    expect(await query(databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
    const found = await withTemporal(temporalAddress, ({ workflow }) => workflow.getHandle('kept').describe());
    expect(found.status.name).toBe('RUNNING');
    expect(await retentionDays(temporalAddress)).toBe(30);
  });

  test.each([
    ['lost', undefined],
    ['cut short', '{ "postgres": { "pid": 1'],
    ['of processes long gone', 'stale'],
  ])('a state file that is %s does not hide what runs', async (_, content) => {
    const before = pids(dir);
    const { stateFile } = layoutOf(dir);
    if (content === undefined) rmSync(stateFile);
    else if (content !== 'stale') writeFileSync(stateFile, content);
    else writeFileSync(stateFile, readFileSync(stateFile, 'utf8').replaceAll(/"pid": \d+/g, '"pid": 999999999'));

    const { origins } = await startServices({ dir });

    expect(origins).toEqual({ postgres: 'adopted', temporal: 'adopted' });
    expect(pids(dir)).toEqual(before);
  });

  test('a stranger that has got an old process number is left alone', async () => {
    await killBoth(dir);
    const stranger = spawn('sleep', ['60']);
    children.push(stranger);
    const { stateFile } = layoutOf(dir);
    const { dataFolder } = readState(layoutOf(dir)).postgres ?? { dataFolder: '' };
    writeFileSync(stateFile, readFileSync(stateFile, 'utf8').replaceAll(/"pid": \d+/g, `"pid": ${stranger.pid}`));
    const pidFile = join(dataFolder, 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(stranger.pid)));

    const { origins } = await startServices({ dir });

    expect(origins).toEqual({ postgres: 'started', temporal: 'started' });
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(await query(databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  test('a port that somebody else has taken meanwhile is replaced', async () => {
    await stopServices(dir);
    const taken = Number(new URL(databaseUrl).port);
    const server = createServer().listen(taken, '127.0.0.1');
    await once(server, 'listening');
    try {
      const services = await startServices({ dir });
      expect(Number(new URL(services.databaseUrl).port)).not.toBe(taken);
      expect(await query(services.databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
    } finally {
      server.close();
    }
  });

  test('stopping leaves no process and no open port', async () => {
    const ports = Object.values(await inspectServices(dir)).map(({ port }) => port);
    expect(await stopServices(dir)).toEqual(['temporal', 'postgres']);
    expect(await alive(dir)).toEqual([false, false]);
    expect(findProcesses((command) => command.includes(dir))).toEqual([]);
    for (const port of ports) expect(await refused(port)).toBe(true);
    expect(await stopServices(dir)).toEqual([]);
  });
});

function refused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    }).once('error', () => resolve(true));
  });
}

describe('several at once', () => {
  test('two processes that start together share one pair, and only the last to go stops it', async () => {
    const dir = newFolder('together');
    const [one, two] = [starting(dir), starting(dir)];
    const [first, second] = await Promise.all([said(one), said(two)]);
    expect([first.origins, second.origins]).toEqual(
      expect.arrayContaining([
        { postgres: 'started', temporal: 'started' },
        { postgres: 'adopted', temporal: 'adopted' },
      ]),
    );
    expect(first.databaseUrl).toBe(second.databaseUrl);

    one.kill('SIGTERM');
    await once(one, 'exit');
    expect(await alive(dir)).toEqual([true, true]);
    two.kill('SIGTERM');
    await once(two, 'exit');
    expect(await alive(dir)).toEqual([false, false]);
  });

  test('Ctrl-C reaches the process that started them, not the services', async () => {
    const dir = newFolder('interrupted');
    const child = starting(dir, 'stay', true);
    await said(child);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await once(child, 'exit');
    expect(await alive(dir)).toEqual([true, true]);
  });

  test('empty services are refused while another process uses them', async () => {
    const services = await startServices({ dir: folder('interrupted'), only: ['postgres'] });
    expect(services.origins).toEqual({ postgres: 'adopted' });
    expect(await said(starting(folder('interrupted'), 'fresh'))).toMatchObject({ event: 'failed', kind: 'in-use' });
    await services.release();
  });

  test('empty services are had where a killed process left others running', async () => {
    const dir = newFolder('killed');
    const user = starting(dir);
    const { databaseUrl } = await said(user);
    await query(String(databaseUrl), 'create table left_over ()');
    user.kill('SIGKILL');
    await once(user, 'exit');
    expect(await alive(dir)).toEqual([true, true]);

    const again = await said(starting(dir, 'fresh'));

    expect(again.origins).toEqual({ postgres: 'started', temporal: 'started' });
    expect(await query(String(again.databaseUrl), `select to_regclass('left_over') found`)).toEqual([{ found: null }]);
  });

  test('a Temporal whose folder was removed under it is cleared, for it would forget everything', async () => {
    const dir = newFolder('removed');
    await startServices({ dir });
    const { temporal, postgres: left } = pids(dir);
    rmSync(dir, { recursive: true });

    const { origins } = await startServices({ dir });

    expect(origins).toEqual({ postgres: 'started', temporal: 'started' });
    expect(
      findProcesses((command) => command.includes(`${dir}/temporal.db`) || command.includes(`${dir}/temporal/`)),
    ).toEqual([expect.objectContaining({ pid: pids(dir).temporal })]);
    expect(pids(dir).temporal).not.toBe(temporal);
    process.kill(left, 'SIGQUIT'); // it would notice by itself, within a minute
  });

  test('a start that is killed half-way leaves nothing that hinders the next', async () => {
    const dir = newFolder('halfway');
    const child = starting(dir);
    await until('the start is under way', () => existsSync(layoutOf(dir).temporalDatabase));
    child.kill('SIGKILL');
    await once(child, 'exit');

    const services = await startServices({ dir });

    expect(await query(services.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    const servers = findProcesses((command) => command.includes('server start-dev') && command.includes(`${dir}/`));
    expect(servers).toHaveLength(1);
  });
});

if (process.getuid?.() === 0) {
  test('root keeps the data where Postgres can enter, and finds it again', async () => {
    const closed = folder('closed');
    mkdirSync(closed, { mode: 0o700 });
    const dir = newFolder('closed/services');
    const first = await startServices({ dir, only: ['postgres'] });
    await query(first.databaseUrl, 'create table kept (n int); insert into kept values (42)');
    await stopServices(dir);

    const second = await startServices({ dir, only: ['postgres'] });

    expect(await query(second.databaseUrl, 'select n from kept')).toEqual([{ n: 42 }]);
    const { dataFolder } = readState(layoutOf(dir)).postgres ?? { dataFolder: dir };
    expect(dataFolder.startsWith(dir)).toBe(false);
    await removeServices(dir);
    expect(existsSync(dataFolder)).toBe(false);
  });
}
