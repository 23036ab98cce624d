const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { BootstrapError } = require('./error');
const { processStart } = require('./process-start');

const HEARTBEAT_MS = 10_000;

/**
 * Runs `work` while no other process does, by a folder whose being there is the lock. Kernel locks need a package, and
 * this runs before there are any; so the folder names its owner, and the lock of an owner that no longer lives is
 * taken over. The folder is moved into place with its owner's name inside: no lock is ever without one.
 * `work` gets `lends(pid)`: a child that goes on when we are killed keeps the lock until it ends.
 */
async function withFolderLock(folder, { patience, waiting }, work) {
  const owner = { ...identityOf(process.pid), host: os.hostname(), id: crypto.randomUUID() };
  const ours = `${folder}.${owner.id}`;
  fs.mkdirSync(ours, { recursive: true });
  writeOwner(ours, owner);
  try {
    await take(ours, folder, { patience, waiting });
  } catch (error) {
    fs.rmSync(ours, { recursive: true, force: true });
    throw error;
  }
  const beating = setInterval(() => beat(folder), HEARTBEAT_MS);
  try {
    return await work({ lends: (pid) => writeOwner(folder, { ...owner, child: identityOf(pid) }) });
  } finally {
    clearInterval(beating);
    removeWhole(folder);
  }
}

async function take(ours, folder, { patience, waiting }) {
  const deadline = Date.now() + patience;
  let told = false;
  while (!moveTo(ours, folder)) {
    const owner = readOwner(folder);
    if (owner && !lives(owner, folder)) {
      takeAway(folder, owner);
      continue;
    }
    if (Date.now() > deadline) {
      throw new BootstrapError(
        `waited ${Math.round(patience / 1000)} s for another process (${owner?.pid ?? 'unknown'}) that holds ${folder}`,
        'If that process hangs, end it and run this again.',
      );
    }
    if (!told && owner) waiting(owner.pid);
    told ||= owner !== undefined;
    await pause(100);
  }
}

/** False if the lock is held: a folder cannot be moved onto one that has something in it. */
function moveTo(ours, folder) {
  try {
    fs.renameSync(ours, folder);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(error.code) && fs.existsSync(folder)) return false;
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two may find the same dead owner: moving away gives it to one, and a lock taken meanwhile is put back. */
function takeAway(folder, dead) {
  const aside = `${folder}.${crypto.randomUUID()}`;
  try {
    fs.renameSync(folder, aside);
  } catch {
    return;
  }
  if (readOwner(aside)?.id !== dead.id && moveTo(aside, folder)) return;
  fs.rmSync(aside, { recursive: true, force: true });
}

/** Moved away first: a lock that is being removed must not look like a lock without an owner. */
function removeWhole(folder) {
  const aside = `${folder}.${crypto.randomUUID()}`;
  try {
    fs.renameSync(folder, aside);
  } catch {
    return; // somebody removed the whole folder it was in
  }
  fs.rmSync(aside, { recursive: true, force: true });
}

function beat(folder) {
  try {
    fs.utimesSync(folder, new Date(), new Date());
  } catch {
    // Removed by hand: there is nothing to keep fresh.
  }
}

function lastBeat(folder) {
  return fs.statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

const identityOf = (pid) => ({ pid, started: processStart(pid) });

/** A process of another machine or container that shares the folder cannot be asked: its heartbeat tells. */
function lives(owner, folder) {
  if (owner.host !== os.hostname()) return lastBeat(folder) > Date.now() - 6 * HEARTBEAT_MS;
  return [owner, owner.child].some((one) => one && processStart(one.pid) === one.started && one.started !== undefined);
}

function writeOwner(folder, owner) {
  const file = path.join(folder, 'owner.json');
  fs.writeFileSync(`${file}.new`, JSON.stringify(owner));
  fs.renameSync(`${file}.new`, file);
}

function readOwner(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

module.exports = { withFolderLock };
