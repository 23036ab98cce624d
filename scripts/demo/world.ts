/** The processes of the simulation: the models' server and the people. They are started like any outsider's programs. */
import path from 'node:path';
import { stateFolder } from '../finding';
import { choosePort } from '../services/ports';
import { SupervisedChild } from '../supervisor/child';
import { endLeftovers } from '../supervisor/leftovers';
import { programOf } from '../supervisor/programs';
import { type DemoState, readDemoState, writeDemoState } from './folder';

const SERVER = 'simulation/server/main.ts';
const PEOPLE = 'simulation/people/main.ts';
const PATIENCE_MS = 5_000;

export class SimulatedWorld {
  private readonly children: SupervisedChild[] = [];

  private constructor(
    private readonly state: DemoState,
    private readonly tell: (line: string) => void,
  ) {}

  /** Starts the models' server, at the port of the last time if that is free. What an earlier start has left is ended. */
  static async start(tell: (line: string) => void): Promise<SimulatedWorld> {
    const before = readDemoState();
    if (before) await endLeftovers(before.children, tell);
    const state = { port: await choosePort(before?.port), children: {} };
    writeDemoState(state);
    const world = new SimulatedWorld(state, tell);
    await world.child('simulated-models', SERVER, { PLUMBLINE_SIMULATION_PORT: String(state.port) }, 'listening');
    return world;
  }

  /** @param file what the people are told: see simulation/people. */
  async addPeople(file: string): Promise<void> {
    await this.child('simulated-people', PEOPLE, { PLUMBLINE_SIMULATION_PEOPLE: file }, 'ready');
  }

  /** Of one seed: everything that its models answer follows from it. */
  url(seed: string): string {
    return `http://127.0.0.1:${this.state.port}/worlds/${encodeURIComponent(seed)}`;
  }

  async stop(): Promise<void> {
    for (const child of this.children.splice(0)) await child.stop();
    writeDemoState({ ...this.state, children: {} });
  }

  kill(): void {
    for (const child of this.children) child.kill();
  }

  private async child(name: string, file: string, env: Record<string, string>, readyEvent: string): Promise<void> {
    const child = new SupervisedChild({
      name,
      program: programOf(file),
      env: { ...env, PLUMBLINE_SIMULATION_PARENT: String(process.pid) },
      logFile: path.join(stateFolder(), 'logs', `${name}.log`),
      readyEvent,
      patienceMs: PATIENCE_MS,
      tell: this.tell,
      started: (identity) => {
        this.state.children[name] = identity;
        writeDemoState(this.state);
      },
    });
    this.children.unshift(child);
    await child.start();
  }
}
