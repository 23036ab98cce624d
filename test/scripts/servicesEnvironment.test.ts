import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectServices, removeServices, type ServiceError, startServices } from '../../scripts/services';
import { layoutOf } from '../../scripts/services/layout';
import { temporalCommand } from '../../scripts/services/temporal/command';

const FOLDERS = mkdtempSync(join(tmpdir(), 'plumbline-services-'));
const folder = (name: string) => join(FOLDERS, name);

beforeAll(() => chmodSync(FOLDERS, 0o755));
afterAll(async () => {
  await removeServices(folder('broken'));
  rmSync(FOLDERS, { recursive: true, force: true });
});

test('DATABASE_URL and TEMPORAL_ADDRESS win, and then nothing is started', async () => {
  const dir = folder('given');
  const env = { DATABASE_URL: 'postgres://elsewhere/db', TEMPORAL_ADDRESS: 'elsewhere:7233' };
  const services = await startServices({ dir, env });
  expect(services).toMatchObject({
    databaseUrl: 'postgres://elsewhere/db',
    temporalAddress: 'elsewhere:7233',
    origins: { postgres: 'environment', temporal: 'environment' },
  });
  expect(existsSync(dir)).toBe(false);
});

test('a temporal in PATH that is too old is told and passed over', async () => {
  const path = fakeTemporal('old', 'temporal version 0.9.0 (server 1.20.0) (ui 2.9.1)');
  const cache = folder('cache');
  mkdirSync(cache);
  const cached = join(cache, `temporal-cli-1.5.1-${process.platform}-${process.arch}`);
  symlinkSync('/bin/true', cached);
  const lines: string[] = [];
  const env = { PATH: join(path, '..'), PLUMBLINE_CACHE: cache };
  expect(await temporalCommand({ env, progress: (line) => lines.push(line) })).toBe(cached);
  expect(lines).toEqual([expect.stringMatching(/not using .*temporal: it runs Temporal server 1\.20\.0, .*1\.24/)]);
});

test('a TEMPORAL_CLI_PATH that does not run is refused, not passed over', async () => {
  const env = { ...process.env, TEMPORAL_CLI_PATH: folder('nothing') };
  await expect(temporalCommand({ env, progress: () => undefined })).rejects.toMatchObject({
    name: 'ServiceError',
    kind: 'missing-program',
    message: expect.stringContaining('TEMPORAL_CLI_PATH'),
  });
});

test('without any way to a temporal command the error says what to do', async () => {
  const env = { PATH: folder('empty'), PLUMBLINE_CACHE: folder('empty-cache') };
  const failure: ServiceError = await temporalCommand({ env, progress: () => undefined }).catch((error) => error);
  expect(failure.message).toContain('no Go');
  expect(failure.hint).toContain('TEMPORAL_CLI_PATH');
});

test('a server that does not start is told with its log, and the other is stopped again', async () => {
  const dir = folder('broken');
  const command = fakeTemporal('broken-command', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)');
  const env = { ...process.env, TEMPORAL_CLI_PATH: command };
  const failure: ServiceError = await startServices({ dir, env }).catch((error) => error);
  expect(failure).toMatchObject({ name: 'ServiceError', kind: 'start-failed' });
  expect(failure.message).toContain(layoutOf(dir).temporalLog);
  expect(failure.message).toContain('boom');
  expect(Object.values(await inspectServices(dir)).map((service) => service.alive)).not.toContain(true);
});

test('a full disk is named as the cause', async () => {
  const dir = folder('broken');
  const command = fakeTemporal('full', 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)', 'database or disk is full');
  const env = { ...process.env, TEMPORAL_CLI_PATH: command };
  await expect(startServices({ dir, env, only: ['temporal'] })).rejects.toMatchObject({ kind: 'disk-full' });
});

function fakeTemporal(name: string, version: string, complaint = 'boom'): string {
  mkdirSync(folder(name));
  const file = join(folder(name), 'temporal');
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && { echo '${version}'; exit; }\necho '${complaint}' >&2\nexit 3\n`,
  );
  chmodSync(file, 0o755);
  return file;
}
