const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { withFolderLock } = require('./folder-lock');
const { npm } = require('./npm');

const INSTALL_PATIENCE_MS = 20 * 60_000;

const stampFile = (root) => path.join(root, 'node_modules', '.plumbline-stamp');

/** What the installed dependencies depend on: the lock file, and the Node and machine that install scripts saw. */
function wantedStamp(root) {
  const lock = crypto
    .createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  return JSON.stringify({ lock, abi: process.versions.modules, platform: process.platform, arch: process.arch });
}

function foundStamp(root) {
  try {
    return fs.readFileSync(stampFile(root), 'utf8');
  } catch {
    return undefined;
  }
}

/** Installs what the lock file says, unless the stamp in node_modules tells that just this is installed. */
async function ensureDependencies({ root, env, say }) {
  // Installed as somebody's dependency there is no lock file, and npm has installed ours with it.
  if (!fs.existsSync(path.join(root, 'package-lock.json'))) return;
  if (foundStamp(root) === wantedStamp(root)) return;
  const lock = path.join(root, '.plumbline', 'install.lock');
  const waiting = (pid) => say(`waiting for another process (${pid}) that installs the dependencies`);
  await withFolderLock(lock, { patience: INSTALL_PATIENCE_MS, waiting }, async ({ lends }) => {
    const wanted = wantedStamp(root);
    if (foundStamp(root) === wanted) return;
    const start = Date.now();
    say('installing the dependencies (npm ci)');
    // First, so that an installation cut short never passes for a whole one.
    fs.rmSync(stampFile(root), { force: true });
    // Also where NODE_ENV=production is set: the tests and the checks are run from a checkout too.
    await npm(['ci', '--include=dev'], { env, cwd: root, say, what: 'installing', started: lends });
    linkCommand(root);
    fs.writeFileSync(`${stampFile(root)}.new`, wanted);
    fs.renameSync(`${stampFile(root)}.new`, stampFile(root));
    say(`dependencies installed in ${Math.round((Date.now() - start) / 1000)} s`);
  });
}

/** npm links the commands of dependencies only; with this link `npx plumbline` works in the checkout itself. */
function linkCommand(root) {
  if (process.platform === 'win32') return;
  const link = path.join(root, 'node_modules', '.bin', 'plumbline');
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.join('..', '..', 'bin', 'plumbline.js'), link);
}

module.exports = { ensureDependencies, wantedStamp };
