/** The simulated models' server as a process of its own, and what it has to say by the world's own account. */
import OpenAI from 'openai';
import { Content } from '../../simulation/world/content';
import { MODELS } from '../../simulation/world/models';
import { World } from '../../simulation/world/world';
import { type RunningProcess, startProcess } from '../setup/processes';
import { nth } from '../setup/round';

export const MAIN = 'simulation/server/main.ts';
/** It answers at once and never fails. */
export const CALM = { PLUMBLINE_SIMULATION_LATENCY_MS: '0', PLUMBLINE_SIMULATION_TROUBLE: '0' };
export const SMALL = 'sim-small';
export const content = Content.shipped();

export type Messages = OpenAI.ChatCompletionMessageParam[];

export function startServer(env: Record<string, string> = {}): Promise<RunningProcess> {
  return startProcess(MAIN, [], { ...CALM, ...env }, 'listening');
}

export function urlOf({ ready }: RunningProcess): string {
  return String(ready.url);
}

/** @param url of the server. */
export function clientOf(url: string, seed: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/worlds/${seed}/v1`, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
}

/** A prompt of the shipped set. */
export const messagesOf = (i: number) => nth(content.prompts, i).messages as Messages;

/** What a model has to write to that prompt. */
export function expected(seed: string, i: number, id = SMALL, requestSeed: number | null = null) {
  const model = MODELS.find((one) => one.id === id);
  if (!model) throw new Error(`no model ${id}`);
  return new World(seed, content).write(model, nth(content.prompts, i).messages, requestSeed);
}
