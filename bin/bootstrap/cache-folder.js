const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { BootstrapError } = require('./error');

/**
 * The user's folder for what is fetched or built once for all checkouts, made if missing: `PLUMBLINE_CACHE`, else the
 * platform's cache folder. Where that cannot be written (no home, a read-only one), a folder of our own among the
 * temporary files, so that a first start still works; it must be ours alone, since programs are run from it.
 */
function cacheFolder(env = process.env) {
  if (env.PLUMBLINE_CACHE) {
    const folder = path.resolve(env.PLUMBLINE_CACHE);
    const error = unusable(folder);
    if (!error) return folder;
    throw new BootstrapError(
      `the cache folder ${folder} cannot be used: ${error.message}`,
      'Set PLUMBLINE_CACHE to a folder that you can write to.',
    );
  }
  const folder = path.join(platformCache(env), 'plumbline');
  return unusable(folder) ? temporaryFolder() : folder;
}

function platformCache(env) {
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME;
  const home = env.HOME || os.homedir();
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches');
  if (process.platform === 'win32') return env.LOCALAPPDATA || path.join(home, 'AppData', 'Local');
  return path.join(home, '.cache');
}

function unusable(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    return undefined;
  } catch (error) {
    return error;
  }
}

function temporaryFolder() {
  const user = process.getuid?.() ?? 'user';
  const folder = path.join(os.tmpdir(), `plumbline-cache-${user}`);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = fs.lstatSync(folder);
    const ours = process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
    if (found.isDirectory() && ours) return folder;
  } catch {
    // Told below, with what to do.
  }
  throw new BootstrapError(
    `there is no folder to keep downloads in: neither the home folder nor ${folder} can be used`,
    'Set PLUMBLINE_CACHE to a folder that only you can write to.',
  );
}

/** True where the home folder can be written, as npm and Go expect for their own caches. */
function homeIsWritable(env = process.env) {
  const home = env.HOME || os.homedir();
  try {
    fs.accessSync(home, fs.constants.W_OK);
    return fs.statSync(home).isDirectory();
  } catch {
    return false;
  }
}

module.exports = { cacheFolder, homeIsWritable };
