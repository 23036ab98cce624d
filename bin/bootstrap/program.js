const fs = require('node:fs');
const path = require('node:path');
const { Module } = require('node:module');
const { pathToFileURL } = require('node:url');

/**
 * The environment in which `node` found through PATH is the given one, so that children and install scripts share it.
 * A PATH where that holds already is left as it is: moving a whole folder forward would change which other tools win.
 */
function withNodeFirst(env, node) {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const entries = (env[name] ?? '').split(path.delimiter).filter(Boolean);
  const found = entries.map((entry) => realPath(path.join(entry, path.basename(node)))).find(Boolean);
  if (found === realPath(node)) return env;
  return { ...env, [name]: [path.dirname(node), ...entries].join(path.delimiter) };
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Runs `file` as this process's main module. No child process: a supervisor, a terminal or a test that signals or
 * kills `plumbline` reaches the program itself, and a warm start stays short.
 */
async function runAsMain(root, file, args) {
  process.argv = [process.argv[0], file, ...args];
  if (file.endsWith('.ts')) {
    const loader = pathToFileURL(require.resolve('tsx', { paths: [root] })).href;
    // tsx would otherwise read the tsconfig.json of whatever folder the user stands in.
    process.env.TSX_TSCONFIG_PATH ??= path.join(root, 'tsconfig.json');
    // For child_process.fork, which repeats the parent's options.
    process.execArgv.push('--import', loader);
    await import(loader);
  }
  Module.runMain();
}

module.exports = { runAsMain, withNodeFirst };
