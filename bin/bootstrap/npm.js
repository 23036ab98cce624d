const fs = require('node:fs');
const path = require('node:path');
const { cacheFolder, homeIsWritable } = require('./cache-folder');
const { BootstrapError } = require('./error');
const { withNodeFirst } = require('./program');
const { run } = require('./run');

const STILL_AT_WORK_MS = 15_000;

/** The machine's npm as a command line. Its program file, where it can be told, so that the chosen Node runs it. */
function findNpm(env, node) {
  const cli = cliOfCaller(env.npm_execpath) ?? cliInPath(env);
  if (!cli) {
    throw new BootstrapError(
      'npm was not found, and it is needed to install the dependencies',
      'Install Node.js with npm (https://nodejs.org) and see that `npm --version` works, then run this again.',
    );
  }
  return cli.endsWith('.js') ? [node, cli] : [cli];
}

/** `npm start` says which npm it is; another package manager's program, or npx, is not npm. */
function cliOfCaller(execpath) {
  if (!execpath || !/^np[mx]-cli\.js$/.test(path.basename(execpath))) return undefined;
  const cli = path.join(path.dirname(execpath), 'npm-cli.js');
  return fs.existsSync(cli) ? cli : undefined;
}

function cliInPath(env) {
  const [, entries] = Object.entries(env).find(([key]) => key.toUpperCase() === 'PATH') ?? [];
  for (const entry of (entries ?? '').split(path.delimiter).filter(Boolean)) {
    const command = path.join(entry, process.platform === 'win32' ? 'npm.cmd' : 'npm');
    if (!fs.existsSync(command)) continue;
    const beside = path.join(entry, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    return process.platform === 'win32' && fs.existsSync(beside) ? beside : fs.realpathSync(command);
  }
  return undefined;
}

/**
 * Runs npm quietly under this Node; its output is shown only if it fails.
 * @param {{ env: NodeJS.ProcessEnv, cwd: string, say: (line: string) => void, what: string, started?: (pid: number) => void }} context
 */
async function npm(args, { env, cwd, say, what, started }) {
  const [command, ...before] = findNpm(env, process.execPath);
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-progress', '--no-update-notifier'];
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  const ticker = setInterval(() => say(`still ${what}: ${seconds()} s`), STILL_AT_WORK_MS);
  try {
    const end = await run(command, [...before, ...args, ...quiet], {
      env: npmEnvironment(env),
      cwd,
      stdio: 'pipe',
      started,
    });
    if (end.interrupted) throw BootstrapError.interrupted(end.interrupted);
    if (end.code !== 0) throw failure(args, end);
  } finally {
    clearInterval(ticker);
  }
}

function npmEnvironment(env) {
  const environment = { ...withNodeFirst(env, process.execPath) };
  if (!homeIsWritable(env) && !env.npm_config_cache) environment.npm_config_cache = path.join(cacheFolder(env), 'npm');
  return environment;
}

function failure(args, { code, signal, output }) {
  const offline = /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ERR_SOCKET|network/i.test(output);
  const full = /ENOSPC/.test(output);
  let hint = 'The lines above are from npm. When their cause is mended, run this again.';
  if (offline)
    hint =
      'The npm registry could not be reached: check the network, a proxy, `npm config get registry`; then run this again.';
  if (full) hint = 'The disk is full: make room, then run this again.';
  return new BootstrapError(`npm ${args[0]} failed (${signal ?? `exit code ${code}`})\n${shortened(output)}`, hint);
}

/** npm names the cause first and its log file last; between them may stand its whole usage. */
function shortened(output) {
  const lines = output.split('\n').filter((line) => !/^(npm error)?\s*$/.test(line));
  return lines.length <= 30 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-3)].join('\n');
}

module.exports = { findNpm, npm };
