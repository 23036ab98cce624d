const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { cacheFolder } = require('./cache-folder');
const { BootstrapError } = require('./error');
const { withFolderLock } = require('./folder-lock');
const { npm } = require('./npm');

/** The oldest Node that can `require` ES modules without a flag; package.json's `engines` says the same. */
const OLDEST = [22, 12];

/** What is put in its place where the machine's own is older: one exact version, so that all machines run the same. */
const PINNED = '24.21.0';

const DOWNLOAD_PATIENCE_MS = 10 * 60_000;

function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The path of the pinned Node in the user's cache; fetched with npm the first time. */
async function newerNode({ env, say }) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const cache = cacheFolder(env);
  const folder = path.join(cache, `${name}-${PINNED}`);
  const node = path.join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (fs.existsSync(node)) return node;
  const waiting = (pid) => say(`waiting for another process (${pid}) that fetches Node ${PINNED}`);
  await withFolderLock(`${folder}.lock`, { patience: DOWNLOAD_PATIENCE_MS, waiting }, async ({ lends }) => {
    if (fs.existsSync(node)) return;
    say(
      `Node ${process.versions.node} is too old (${OLDEST.join('.')} or newer is needed): fetching Node ${PINNED} into ${cache} (once)`,
    );
    const fetched = fs.mkdtempSync(`${folder}.new-`);
    try {
      const options = ['--prefix', fetched, '--no-save', '--no-package-lock', '--ignore-scripts', '--global=false'];
      await npm(['install', `${name}@${PINNED}`, ...options], {
        env,
        cwd: fetched,
        say,
        what: 'fetching Node',
        started: lends,
      });
      const found = path.join(fetched, 'node_modules', name);
      proveThatItRuns(path.join(found, path.relative(folder, node)));
      fs.renameSync(found, folder);
    } finally {
      fs.rmSync(fetched, { recursive: true, force: true });
    }
  });
  return node;
}

/** A Node for another C library (musl) installs well and does not start. */
function proveThatItRuns(node) {
  const tried = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (tried.stdout?.trim() === `v${PINNED}`) return;
  throw new BootstrapError(
    `the fetched Node ${PINNED} does not run on this machine: ${tried.error?.message ?? tried.stderr.trim()}`,
    `Install Node.js ${OLDEST.join('.')} or newer yourself (https://nodejs.org), then run this again.`,
  );
}

module.exports = { isNewEnough, newerNode };
