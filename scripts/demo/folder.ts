/** What the demo keeps from one start to the next: `.plumbline/demo/`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { stateFolder } from '../finding';

/** Simulated labellers are of this group. */
export const LABELLER_GROUP = 'simulated';
/** Some of them label a small round together with a person. */
export const BESIDE_GROUP = 'beside';

const identity = z.object({ pid: z.int().positive(), started: z.string().min(1) });
const state = z.object({
  /** Of the simulated server: the rounds that it answers name it. */
  port: z.int().min(1).max(65_535),
  /** The processes of the simulation. A record is a claim: the process may be gone and its number another's. */
  children: z.record(z.string(), identity),
});
export type DemoState = z.infer<typeof state>;

export function demoFolder(): string {
  return path.join(stateFolder(), 'demo');
}

export function peopleFile(): string {
  return path.join(demoFolder(), 'people.json');
}

function stateFile(): string {
  return path.join(demoFolder(), 'state.json');
}

/** What the file says; undefined where it is missing, cut short or not ours. */
export function readDemoState(): DemoState | undefined {
  try {
    return state.safeParse(JSON.parse(readFileSync(stateFile(), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

export function writeDemoState(written: DemoState): void {
  writePrivately(stateFile(), JSON.stringify(written, null, 2));
}

/** Whole or not at all, and readable by this user only. @returns the file. */
export function writePrivately(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}
