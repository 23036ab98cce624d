const fs = require('node:fs');
const { spawnSync } = require('node:child_process');

/**
 * When the live process `pid` started, as an opaque word, or undefined if there is no such process.
 * Process numbers are used again, also after a reboot: only number and start together name one process.
 * A zombie counts as ended: in a container whose first process reaps nothing it would seem alive for ever.
 */
function processStart(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') return linuxStart(pid);
  if (process.platform !== 'win32') return psStart(pid);
  return signalable(pid) ? 'alive' : undefined;
}

function linuxStart(pid) {
  let stat;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in brackets, may hold anything: the fields are counted from its end. `state` is the third, `starttime`
  // (ticks since boot) the twenty-second.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return `${bootId()}${fields[19]}`;
}

function bootId() {
  try {
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:`;
  } catch {
    return '';
  }
}

function psStart(pid) {
  const ps = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (ps.error) return signalable(pid) ? 'alive' : undefined;
  const [state, ...start] = ps.stdout.trim().split(/\s+/);
  return !state || state.startsWith('Z') ? undefined : start.join(' ');
}

function signalable(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

module.exports = { processStart };
