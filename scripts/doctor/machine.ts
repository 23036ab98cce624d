/** This machine: Node, disk, and what `up` runs here. */
import { statfs } from 'node:fs/promises';
import { stateFolder } from '../finding';
import { inspectServices } from '../services/inspect';
import { isAlive } from '../services/processes';
import { environmentFileIsNewer } from '../supervisor/environmentFile';
import { readUpState } from '../supervisor/state';
import { type Check, fail, ok, warn } from './check';
import { checkEndpoint } from './endpoints';

const NODE = { major: 22, minor: 12 };
const GIB = 1024 ** 3;

export async function checkMachine(): Promise<Check[]> {
  return [checkNode(), await checkDisk(), await checkEndpoint(), ...(await checkLocal())];
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const enough = major > NODE.major || (major === NODE.major && minor >= NODE.minor);
  if (enough) return ok('node', `Node ${process.versions.node}`);
  return fail('node', `Node ${process.versions.node} is too old`, `use Node ${NODE.major}.${NODE.minor} or newer`);
}

async function checkDisk(): Promise<Check> {
  const free = await freeBytes(stateFolder());
  if (free === undefined) return ok('disk', 'nothing is kept here');
  const told = `${(free / GIB).toFixed(1)} GiB free where .plumbline lies`;
  if (free < 0.2 * GIB) return fail('disk', told, 'make room: the local services stop when the disk is full');
  return free < 2 * GIB ? warn('disk', told, 'make room before a large round') : ok('disk', told);
}

async function freeBytes(dir: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

async function checkLocal(): Promise<Check[]> {
  const up = readUpState();
  const checks: Check[] = [];
  if (up && isAlive(up.supervisor)) {
    const dead = Object.entries(up.children).filter(([, child]) => !isAlive(child));
    const names = dead.map(([name]) => name).join(', ');
    const hint = 'it is being started again; see .plumbline/logs';
    checks.push(
      dead.length > 0 ? warn('up', `not running: ${names}`, hint) : ok('up', `runs (process ${up.supervisor.pid})`),
    );
  }
  const newer = environmentFileIsNewer();
  if (newer) checks.push(warn('.env', newer.message, newer.hint));
  for (const [name, report] of Object.entries(await inspectServices(stateFolder()))) {
    const what = `the local ${name === 'postgres' ? 'Postgres' : 'Temporal'}`;
    if (report.alive && report.accepts) checks.push(ok(`local-${name}`, `${what} runs at ${report.address}`));
    else
      checks.push(
        warn(`local-${name}`, `${what} does not run`, '`plumbline up` starts it; its log is in .plumbline/logs'),
      );
  }
  return checks;
}
