/** How the demo is to run. */
import { readFileSync } from 'node:fs';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { DEMO_LABELLERS, type Temper } from './people';
import { PROMPTS } from './spec';

export interface DemoOptions {
  /** Stop everything once the round is done. */
  exit: boolean;
  seed: string | undefined;
  /** Prompts to draw; null: all. */
  sample: number | null;
  /** How the labellers are; undefined where nobody asked: two spammers, or as they were where a round goes on. */
  temper: Temper | undefined;
  /** Of the labellers' time to think: 1 as usual, 0 none. */
  pace: number;
}

const LONGEST_SEED = 100;

/** @throws CommandError that names the flag. */
export function readOptions(call: Call): DemoOptions {
  const seed = call.value('seed');
  if (seed !== undefined && seed.length > LONGEST_SEED) throw wrong('seed', `takes at most ${LONGEST_SEED} characters`);
  const prompts = call.value('prompts') ?? 'all';
  return {
    exit: call.on('exit'),
    seed,
    sample: prompts === 'all' ? null : whole('prompts', prompts, 1, shippedPrompts(), ', or all'),
    temper: temper(call),
    pace: pace(call.value('pace') ?? '1'),
  };
}

export const USUAL_TEMPER: Temper = { spammers: 2, alike: false };

function temper(call: Call): Temper | undefined {
  const alike = call.on('alike');
  const given = call.value('spammers');
  if (!alike && given === undefined) return undefined;
  const spammers = whole('spammers', given ?? '1', 0, DEMO_LABELLERS);
  if (alike && spammers > 1) throw wrong('alike', 'goes with one spammer at most: two of three labels would decide');
  return { spammers, alike };
}

function shippedPrompts(): number {
  return readFileSync(PROMPTS, 'utf8').trimEnd().split('\n').length;
}

function whole(name: string, text: string, min: number, max: number, or = ''): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw wrong(name, `takes a whole number from ${min} to ${max}${or}`);
}

function pace(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1_000) return value;
  throw wrong('pace', 'takes a number from 0 to 1000');
}

function wrong(name: string, message: string): CommandError {
  return new CommandError({ kind: 'usage', message, at: `--${name}` }, EXIT.wrongUsage);
}
