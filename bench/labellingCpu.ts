/** CPU that processes have taken so far, as Linux counts it; elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Seconds of one process. */
export function cpuOf(pid: number): number {
  const fields = statOf(pid);
  return fields === undefined ? 0 : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Seconds of a process, its living children, and those of its children that have ended. */
export function cpuOfFamily(pid: number): number {
  const own = statOf(pid);
  if (own === undefined) return 0;
  const ended = (Number(own[13]) + Number(own[14])) / TICKS_PER_SECOND;
  return cpuOf(pid) + ended + childrenOf(pid).reduce((sum, child) => sum + cpuOf(child), 0);
}

function childrenOf(pid: number): number[] {
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return others.map(Number).filter((other) => statOf(other)?.[1] === String(pid));
}

/** The fields of /proc/PID/stat behind the name: state, parent, … utime and stime at 11 and 12, the ended children's after them. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
