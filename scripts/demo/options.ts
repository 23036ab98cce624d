/** How the demo is to run. */
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { DEMO_LABELLERS, type Temper } from './people';

export interface DemoOptions extends Temper {
  /** Stop everything once the round is done. */
  exit: boolean;
  seed: string | undefined;
  /** Prompts to draw; null: all. */
  sample: number | null;
  /** Of the labellers' time to think: 1 as usual, 0 none. */
  pace: number;
}

const LONGEST_SEED = 100;

/** @throws CommandError that names the flag. */
export function readOptions(call: Call): DemoOptions {
  const seed = call.value('seed');
  if (seed !== undefined && seed.length > LONGEST_SEED) throw wrong('seed', `takes at most ${LONGEST_SEED} characters`);
  const prompts = call.value('prompts') ?? 'all';
  const alike = call.on('alike');
  const spammers = call.value('spammers') ?? (alike ? '1' : '2');
  if (alike && Number(spammers) > 1)
    throw wrong('alike', 'goes with one spammer at most: two of three labels would decide');
  return {
    exit: call.on('exit'),
    seed,
    sample: prompts === 'all' ? null : whole('prompts', prompts, 1, 100_000, ', or all'),
    alike,
    spammers: whole('spammers', spammers, 0, DEMO_LABELLERS),
    pace: pace(call.value('pace') ?? '1'),
  };
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
