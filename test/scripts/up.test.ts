import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { processStart } from '../../bin/bootstrap/process-start';
import { personOfToken } from '../../db/people';
import { type CommandEnd, startCommand } from '../setup/command';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from '../setup/processes';

interface UpFile {
  supervisor: { pid: number; started: string };
  children: Record<string, { pid: number; started: string }>;
}

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-up-'));
});
afterAll(async () => {
  await plumbline('down');
  await database.drop();
  rmSync(folder, { recursive: true });
});

function plumbline(args: string): Promise<CommandEnd> {
  const env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: process.env.PLUMBLINE_TEST_TEMPORAL_ADDRESS ?? '',
    PLUMBLINE_TASK_QUEUE: path.basename(folder),
    PLUMBLINE_PERSON: 'Olga',
    ...(process.env.PLUMBLINE_WORKFLOW_BUNDLE && { PLUMBLINE_WORKFLOW_BUNDLE: process.env.PLUMBLINE_WORKFLOW_BUNDLE }),
  };
  return startCommand(args.split(' '), folder, env).end;
}

const upFile = (): UpFile => JSON.parse(readFileSync(path.join(folder, '.plumbline/up.json'), 'utf8'));
const lives = ({ pid, started }: { pid: number; started: string }) => processStart(pid) === started;
const readyIn = (end: CommandEnd) => end.json().find(({ event }) => event === 'ready');

test('what runs is one installation: started twice at once, mended when it dies, taken over when killed, stopped whole', async () => {
  const [one, two] = await Promise.all([plumbline('up --detach --json'), plumbline('up --detach --json')]);
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(readyIn(one)).toEqual(readyIn(two));
  const site = String(readyIn(one)?.site);
  expect((await fetch(site)).status).toBeLessThan(500);

  const operators = [...one.json(), ...two.json()].filter(({ event }) => event === 'operator');
  expect(operators).toEqual([expect.objectContaining({ name: 'Olga' })]);
  const token = String(operators[0]?.token);
  expect(await personOfToken(database.db, token)).toMatchObject({ name: 'Olga', roles: ['operator'] });
  expect(readFileSync(path.join(folder, '.plumbline/logs/up.log'), 'utf8')).not.toContain(token);

  const first = upFile();
  expect(Object.keys(first.children).sort()).toEqual(['site', 'worker']);
  process.kill(first.children.site?.pid ?? 0, 'SIGKILL');
  await until('the site runs again, at its address', async () => {
    const response = await fetch(site).catch(() => undefined);
    return response && upFile().children.site?.pid !== first.children.site?.pid;
  });

  const before = upFile();
  process.kill(before.supervisor.pid, 'SIGKILL');
  await until('the supervisor has ended', () => !lives(before.supervisor));
  const again = await plumbline('up --detach --json');
  expect([again.code, readyIn(again)]).toEqual([0, readyIn(one)]);
  expect(Object.values(before.children).filter(lives)).toEqual([]);

  const last = upFile();
  const stopped = (await plumbline('down --json')).json();
  expect(stopped).toEqual([{ event: 'down', stopped: expect.arrayContaining(['site', 'worker']) }]);
  expect([last.supervisor, ...Object.values(last.children)].filter(lives)).toEqual([]);
  expect((await plumbline('down --json')).json()).toEqual([{ event: 'down', stopped: [] }]);
}, 120_000);
