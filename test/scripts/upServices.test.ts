/** `plumbline up` with services of its own, which are killed under it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { layoutOf } from '../../scripts/services/layout';
import { removeData } from '../../scripts/services/stop';
import { type CommandEnd, startCommand } from '../setup/command';
import { until } from '../setup/processes';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-up-services-'));
});
afterAll(async () => {
  await plumbline('down');
  removeData(layoutOf(path.join(folder, '.plumbline')));
  rmSync(folder, { recursive: true, force: true });
});

function plumbline(args: string): Promise<CommandEnd> {
  return startCommand(args.split(' '), folder, { PLUMBLINE_PERSON: 'Olga' }).end;
}

interface Services {
  postgres: { pid: number };
  temporal: { pid: number };
}
const services = (): Services => JSON.parse(readFileSync(path.join(folder, '.plumbline/services.json'), 'utf8'));

test('Postgres and Temporal that are killed while it is up are started again, and everything goes on where it was', async () => {
  expect(await plumbline('up --detach --json')).toMatchObject({ code: 0 });
  expect(await plumbline('person add Rosa --role researcher')).toMatchObject({ code: 0 });
  const before = services();
  process.kill(before.postgres.pid, 'SIGKILL');
  process.kill(before.temporal.pid, 'SIGKILL');
  await until(
    'both run again',
    () => services().postgres.pid !== before.postgres.pid && services().temporal.pid !== before.temporal.pid,
    60_000,
  );
  let doctor: CommandEnd | undefined;
  const allIsWell = async () => {
    doctor = await plumbline('doctor');
    return doctor.code === 0;
  };
  await until('doctor finds nothing wrong', allIsWell, 60_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${doctor?.stdout}`);
  });
  expect(doctor?.stdout).toMatch(/^ok +temporal-search: .*PlumblineRoundStatus/m);
  expect((await plumbline('person list')).stdout).toContain('Rosa');
  writeFileSync(path.join(folder, '.env'), 'OPENAI_API_KEY=sk-another\n');
  expect((await plumbline('doctor')).stdout).toContain('.env: was changed after the workers had started');
  expect((await plumbline('down --json')).json()).toEqual([
    { event: 'down', stopped: expect.arrayContaining(['site', 'worker', 'postgres', 'temporal']) },
  ]);
}, 180_000);
