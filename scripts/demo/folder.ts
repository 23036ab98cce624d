/** What the demo keeps from one start to the next: `.plumbline/demo/`. */
import path from 'node:path';
import { z } from 'zod';
import { stateFolder } from '../finding';
import { keep, keptProcess, readKept } from '../supervisor/keptFile';

/** Simulated labellers are of this group. */
export const LABELLER_GROUP = 'simulated';
/** Some of them label a small round together with a person. */
export const BESIDE_GROUP = 'beside';

const state = z.object({
  /** Of the simulated server: the rounds that it answers name it. */
  port: z.int().min(1).max(65_535),
  /** The processes of the simulation. */
  children: z.record(z.string(), keptProcess),
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

export function readDemoState(): DemoState | undefined {
  return readKept(stateFile(), state);
}

export function writeDemoState(written: DemoState): void {
  keep(stateFile(), JSON.stringify(written, null, 2));
}
