import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { isNewEnough } from '../../bin/bootstrap/node-version';
import { until } from '../setup/processes';

const ROOT = join(__dirname, '../..');
const FOLDERS = mkdtempSync(join(tmpdir(), 'plumbline bootstrap '));
const children: ChildProcess[] = [];

afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(FOLDERS, { recursive: true, force: true });
});

/** Says what it was started with; then ends as it is told. */
const PROGRAM = `
const [command, ...rest]: string[] = process.argv.slice(2);
if (command === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 60_000);
}
console.log(JSON.stringify({ args: [command, ...rest], version: process.version, path: process.env.PATH }));
if (command === 'exit') process.exit(Number(rest[0]));
`;

/** Stands for npm: notes each call, does what \`npm ci\` does to node_modules, and can be made to hang or to fail. */
const NPM = `
const fs = require('node:fs');
const path = require('node:path');
const at = (name) => path.join(process.env.FAKE_NPM, name);
fs.appendFileSync(at('calls'), process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync(at('fail'))) {
  console.error('npm error code ENOTFOUND');
  process.exit(1);
}
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/.bin', { recursive: true });
fs.symlinkSync(process.env.REAL_TSX, 'node_modules/tsx');
const done = () => fs.appendFileSync(at('ends'), 'end\\n');
if (fs.existsSync(at('hang'))) setInterval(() => fs.existsSync(at('hang')) || (done(), process.exit()), 20);
else done();
`;

interface Checkout {
  readonly root: string;
  /** Control files of the stand-in for npm. */
  readonly npm: string;
  readonly env: NodeJS.ProcessEnv;
}

function newCheckout(name: string): Checkout {
  const root = join(FOLDERS, name);
  const npm = join(FOLDERS, `${name} npm`);
  for (const folder of [join(root, 'scripts'), npm]) mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, file), join(root, file));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'scripts/plumbline.ts'), PROGRAM);
  writeFileSync(join(npm, 'npm-cli.js'), NPM);
  return {
    root,
    npm,
    env: {
      PATH: process.env.PATH,
      HOME: FOLDERS,
      PLUMBLINE_CACHE: join(FOLDERS, `${name} cache`),
      npm_execpath: join(npm, 'npm-cli.js'),
      FAKE_NPM: npm,
      REAL_TSX: realpathSync(dirname(require.resolve('tsx/package.json'))),
    },
  };
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(
  { root, env }: Checkout,
  args: string[],
  { node = [] as string[], file = 'bin/plumbline.js', more = {} } = {},
) {
  return new Promise<Outcome>((resolve) => {
    const options = { env: { ...env, ...more }, cwd: tmpdir() };
    execFile(process.execPath, [...node, join(root, file), ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

function start({ root, env }: Checkout, args: string[], node: string[] = []): ChildProcess {
  const child = spawn(process.execPath, [...node, join(root, 'bin/plumbline.js'), ...args], { env, stdio: 'pipe' });
  children.push(child);
  return child;
}

const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
const calls = ({ npm }: Checkout) => lines(join(npm, 'calls'));
const ends = ({ npm }: Checkout) => lines(join(npm, 'ends')).length;
const told = (outcome: Outcome) => JSON.parse(outcome.stdout);

describe('dependencies', () => {
  test('are installed by the first start; the next says nothing and asks npm nothing', async () => {
    const checkout = newCheckout('first');
    const first = await run(checkout, ['one', '--json', 'two words']);
    expect(told(first).args).toEqual(['one', '--json', 'two words']);
    expect(first.stderr).toMatch(/installing the dependencies/);
    expect(calls(checkout)).toEqual([expect.stringMatching(/^ci /)]);

    const second = await run(checkout, ['one']);
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(calls(checkout)).toHaveLength(1);
    expect(readlinkSync(join(checkout.root, 'node_modules/.bin/plumbline'))).toBe('../../bin/plumbline.js');
  });

  test('are installed again when the lock file has changed', async () => {
    const checkout = newCheckout('changed');
    await run(checkout, []);
    writeFileSync(join(checkout.root, 'package-lock.json'), '{ "changed": true }');
    await run(checkout, []);
    expect(calls(checkout)).toHaveLength(2);
  });

  test('are left alone where PLUMBLINE_SKIP_INSTALL says so', async () => {
    const checkout = newCheckout('skipped');
    await run(checkout, []);
    writeFileSync(join(checkout.root, 'package-lock.json'), '{ "changed": true }');
    expect((await run(checkout, [], { more: { PLUMBLINE_SKIP_INSTALL: '1' } })).code).toBe(0);
    expect(calls(checkout)).toHaveLength(1);
  });

  test('that could not be installed are told with what to do, and tried again by the next start', async () => {
    const checkout = newCheckout('failing');
    writeFileSync(join(checkout.npm, 'fail'), '');
    const failed = await run(checkout, ['--json']);
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/npm ci failed[\s\S]*ENOTFOUND[\s\S]*registry could not be reached/);
    rmSync(join(checkout.npm, 'fail'));
    expect((await run(checkout, [])).code).toBe(0);
  });

  test('are installed once when two start together', async () => {
    const checkout = newCheckout('together');
    writeFileSync(join(checkout.npm, 'hang'), '');
    const both = [run(checkout, ['one']), run(checkout, ['two'])];
    await until('npm is at work', () => calls(checkout).length > 0);
    rmSync(join(checkout.npm, 'hang'));
    for (const outcome of await Promise.all(both)) expect(outcome.code).toBe(0);
    expect(calls(checkout)).toHaveLength(1);
  });

  test('are not touched by a second npm while one goes on whose bootstrap was killed', async () => {
    const checkout = newCheckout('killed');
    writeFileSync(join(checkout.npm, 'hang'), '');
    const first = start(checkout, ['one']);
    await until('npm is at work', () => calls(checkout).length === 1);
    first.kill('SIGKILL');
    await once(first, 'exit');

    const second = start(checkout, ['two']);
    const [chunk] = await once(second.stderr ?? second, 'data');
    expect(String(chunk)).toMatch(/waiting for another process/);
    expect(calls(checkout)).toHaveLength(1);

    rmSync(join(checkout.npm, 'hang'));
    expect(await once(second, 'exit')).toEqual([0, null]);
    expect(calls(checkout)).toHaveLength(2);
    expect(ends(checkout)).toBe(2);
  });

  test('need an npm: without one the error says so', async () => {
    const checkout = newCheckout('no npm');
    const without = { PATH: FOLDERS, npm_execpath: '' };
    const outcome = await run(checkout, [], { more: without });
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/npm was not found[\s\S]*Install Node\.js with npm/);
  });
});

describe('Node', () => {
  test.each([
    ['v18.20.8', false],
    ['v20.20.2', false],
    ['v22.11.0', false],
    ['v22.12.0', true],
    ['v23.0.0', true],
    ['v24.21.0', true],
  ])('%s: new enough is %s', (version, enough) => expect(isNewEnough(version)).toBe(enough));

  /** Makes this test's Node say that it is an old one, and puts it as itself into the cache, as the newer one. */
  function withOldNode(name: string): { checkout: Checkout; node: string[]; newer: string } {
    const checkout = newCheckout(name);
    const pretend = join(checkout.npm, 'old.js');
    writeFileSync(pretend, `Object.defineProperty(process, 'version', { value: 'v20.20.2' });`);
    const platform = process.platform === 'win32' ? 'win' : process.platform;
    const newer = join(checkout.env.PLUMBLINE_CACHE ?? '', `node-${platform}-${process.arch}-24.21.0`, 'bin');
    mkdirSync(newer, { recursive: true });
    symlinkSync(process.execPath, join(newer, 'node'));
    return { checkout, node: ['--require', pretend], newer };
  }

  test('that is too old gives way to the cached one, for the program and all its children', async () => {
    const { checkout, node, newer } = withOldNode('old');
    const outcome = await run(checkout, ['one'], { node });
    expect(told(outcome)).toMatchObject({ args: ['one'], version: process.version });
    const folders: string[] = told(outcome).path.split(delimiter);
    const found = folders.map((folder) => join(folder, 'node')).find((node) => existsSync(node)) ?? '';
    expect(realpathSync(found)).toBe(realpathSync(join(newer, 'node')));
  });

  test('that is too old passes exit codes and signals through', async () => {
    const { checkout, node } = withOldNode('codes');
    expect((await run(checkout, ['exit', '5'], { node })).code).toBe(5);
    const waiting = start(checkout, ['wait'], node);
    await once(waiting.stdout ?? waiting, 'data');
    waiting.kill('SIGTERM');
    expect(await once(waiting, 'exit')).toEqual([7, null]);
  });

  test('that does not run on this machine is told with what to do', async () => {
    const { checkout, node, newer } = withOldNode('foreign');
    rmSync(dirname(newer), { recursive: true });
    const wrong = `const fs = require('node:fs');
      const bin = process.argv[process.argv.indexOf('--prefix') + 1] + '/node_modules/node-${process.platform}-${process.arch}/bin';
      fs.mkdirSync(bin, { recursive: true });
      fs.writeFileSync(bin + '/node', 'no program', { mode: 0o755 });`;
    writeFileSync(join(checkout.npm, 'npm-cli.js'), wrong);
    const outcome = await run(checkout, [], { node });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(
      /fetching Node 24\.21\.0[\s\S]*does not run on this machine[\s\S]*Install Node\.js 22\.12/,
    );
    expect(existsSync(newer)).toBe(false);
  });
});

describe('the program', () => {
  test('is one process with the bootstrap, and its exit code is the command’s', async () => {
    const checkout = newCheckout('codes');
    await run(checkout, []);
    expect((await run(checkout, ['exit', '4'])).code).toBe(4);
    const waiting = start(checkout, ['wait']);
    await once(waiting.stdout ?? waiting, 'data');
    waiting.kill('SIGTERM');
    expect(await once(waiting, 'exit')).toEqual([7, null]);
  });

  test('of `npm start` is `plumbline demo`', async () => {
    const checkout = newCheckout('start');
    const outcome = await run(checkout, ['start', '--exit'], { file: 'bin/bootstrap.js' });
    expect(told(outcome).args).toEqual(['demo', '--exit']);
  });

  test('is found by npx in a checkout', async () => {
    const checkout = newCheckout('npx');
    await run(checkout, []);
    const npx = spawn('npx', ['--no-install', 'plumbline', 'one'], { cwd: checkout.root, env: checkout.env });
    const [chunk] = await once(npx.stdout, 'data');
    expect(JSON.parse(String(chunk)).args).toEqual(['one']);
  });

  test('with wrong usage of the bootstrap ends with 2', async () => {
    const checkout = newCheckout('usage');
    expect((await run(checkout, ['dance'], { file: 'bin/bootstrap.js' })).code).toBe(2);
  });

  test('runs from a cache of our own where the home folder cannot be written', async () => {
    const checkout = newCheckout('homeless');
    const notAFolder = join(checkout.npm, 'npm-cli.js');
    const more = { HOME: notAFolder, XDG_CACHE_HOME: '', PLUMBLINE_CACHE: '', TMPDIR: checkout.npm };
    expect((await run(checkout, ['one'], { more })).code).toBe(0);
    const caches = join(checkout.npm, `plumbline-cache-${process.getuid?.()}`);
    expect(existsSync(caches)).toBe(true);
  });
});
