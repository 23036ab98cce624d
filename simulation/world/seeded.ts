/** Everything random in a simulated world: functions of a seed, a purpose and what it is for. Nothing remembers a state. */
import { hashJson } from '../../domain/text';

export type Part = string | number | null;

/** Numbers that belong to one seed and one thing: the same purpose always gives the same number, in [0, 1). */
export type Draw = (purpose: string, ...parts: Part[]) => number;

const DIGITS = 13;
const OUTCOMES = 16 ** DIGITS;

/** Uniform in [0, 1): the first 52 bits of sha256 over seed, purpose and parts. */
export function drawn(seed: string, purpose: string, ...parts: Part[]): number {
  return Number.parseInt(hashJson([seed, purpose, ...parts]).slice(0, DIGITS), 16) / OUTCOMES;
}

/** The numbers of one thing, such as one model's answer to one prompt. */
export function drawsOf(seed: string, ...thing: Part[]): Draw {
  return (purpose, ...parts) => drawn(seed, purpose, ...thing, ...parts);
}

/** One of the things, each as likely. @throws RangeError where there is none. */
export function picked<T>(things: readonly T[], draw: Draw, purpose: string, ...parts: Part[]): T {
  const [only, ...others] = things;
  if (only === undefined) throw new RangeError(`nothing to pick from for ${purpose}`);
  const at = Math.floor(draw(purpose, ...parts) * things.length);
  return others[at - 1] ?? only;
}

/** Standard normal (Box and Muller 1958). */
export function normal(draw: Draw, purpose: string): number {
  const radius = Math.sqrt(-2 * Math.log(1 - draw(purpose, 'radius')));
  return radius * Math.cos(2 * Math.PI * draw(purpose, 'angle'));
}
