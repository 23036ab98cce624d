import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildCommand } from '../../scripts/services/temporal/build';
import { cachedCommand } from '../../scripts/services/temporal/cached';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-build-'));
  env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, PLUMBLINE_CACHE: path.join(folder, 'cache') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const builds = () => (existsSync(`${folder}/builds`) ? readFileSync(`${folder}/builds`, 'utf8').length : 0);

/** Stands for the Go toolchain, whose real build takes minutes: notes each build and makes a command that runs. */
function goThat(...build: string[]): void {
  const script = ['#!/bin/sh', 'if [ "$1" = version ]; then echo "go version go1.26.0 linux/amd64"; exit 0; fi'];
  writeFileSync(`${folder}/go`, [...script, `printf x >> '${folder}/builds'`, ...build].join('\n'));
  chmodSync(`${folder}/go`, 0o755);
}
const makesCommand = [
  'echo "go: downloading example v1" >&2',
  'sleep 0.5',
  'printf \'#!/bin/sh\\necho temporal version 1.5.1\\n\' > "$GOBIN/temporal"',
];

test('three who need the command at once build it once, each told what it waits for, and nobody builds it again', async () => {
  goThat(...makesCommand);
  const said: string[] = [];
  const progress = (line: string) => void said.push(line);
  const found = await Promise.all([1, 2, 3].map(() => buildCommand({ env, progress })));
  expect(new Set(found).size).toBe(1);
  expect(builds()).toBe(1);
  expect(said.filter((line) => line.startsWith('building'))).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('waiting'))).not.toHaveLength(0);
  expect(cachedCommand(env)).toBe(found[0]);
  expect(await buildCommand({ env, progress })).toBe(found[0]);
  expect(builds()).toBe(1);
});

test('a build that fails says so with its last words, keeps nothing, and is tried again', async () => {
  goThat('echo "example.go:1: no such thing" >&2', 'exit 1');
  await expect(buildCommand({ env, progress: () => {} })).rejects.toMatchObject({
    message: expect.stringContaining('no such thing'),
    hint: expect.stringContaining('TEMPORAL_CLI_PATH'),
  });
  expect(cachedCommand(env)).toBeUndefined();
  goThat(...makesCommand);
  await buildCommand({ env, progress: () => {} });
  expect(builds()).toBe(2);
});
