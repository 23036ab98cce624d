/**
 * What stands behind `npm start`, `npm test` and `bin/plumbline.js`: makes sure that a Node new enough runs and that
 * the dependencies are there, then runs the program in this same process. Plain JavaScript for any Node >= 18, with no
 * dependency, because it runs before there are any. Says everything on stderr: stdout belongs to the program.
 */

const path = require('node:path');
const { BootstrapError } = require('./bootstrap/error');
const { isNewEnough, newerNode } = require('./bootstrap/node-version');
const { ensureDependencies } = require('./bootstrap/dependencies');
const { endAs, run } = require('./bootstrap/run');
const { runAsMain, withNodeFirst } = require('./bootstrap/program');

const root = path.resolve(__dirname, '..');

const say = (line) => process.stderr.write(`plumbline: ${line}\n`);

/** Each command's program file and arguments, from what was typed after it. */
const PROGRAMS = {
  plumbline: (args) => ['scripts/plumbline.ts', args],
  start: (args) => ['scripts/plumbline.ts', ['demo', ...args]],
  test: (args) => ['node_modules/jest/bin/jest.js', args],
  exec: ([tool, ...args]) => [`node_modules/.bin/${tool}`, args],
};

async function bootstrap(command, args) {
  let program;
  try {
    program = await prepare(command, args);
  } catch (error) {
    tell(error);
    return;
  }
  if (program) await runAsMain(root, program.file, program.args);
}

/** Makes everything ready for the program; nothing is returned where another Node has run it already. */
async function prepare(command, args) {
  const program = PROGRAMS[command];
  if (!program || (command === 'exec' && args.length === 0)) {
    const hint = 'use: node bin/bootstrap.js start|test [ARGUMENTS], or exec TOOL [ARGUMENTS]';
    throw new BootstrapError(`there is no command ${JSON.stringify(command ?? '')}`, hint, 2);
  }
  if (!isNewEnough(process.version)) {
    const node = await newerNode({ env: process.env, say });
    endAs(await run(node, process.argv.slice(1), { env: withNodeFirst(process.env, node), stdio: 'inherit' }));
    return undefined;
  }
  Object.assign(process.env, withNodeFirst(process.env, process.execPath));
  if (!process.env.PLUMBLINE_SKIP_INSTALL) await ensureDependencies({ root, env: process.env, say });
  if (command === 'test') process.chdir(root);
  const [file, rest] = program(args);
  return { file: path.join(root, file), args: rest };
}

function tell(error) {
  if (error.signal) {
    endAs({ signal: error.signal });
    return;
  }
  // Ours and the system's are told as they are; anything else is a fault of this program, with its stack.
  if (!(error instanceof BootstrapError) && !error.syscall) throw error;
  say(error.hint ? `${error.message}\n  ${error.hint}` : error.message);
  if (error.code === 'ENOSPC') say('The disk is full: make room, then run this again.');
  process.exitCode = error.exitCode ?? 1;
}

module.exports = { bootstrap };

if (require.main === module) bootstrap(process.argv[2], process.argv.slice(3));
