/** The kinds of value that a spec has. Each says in one sentence what may stand there. */
import { z } from 'zod';
import { wellFormed } from '../../domain/text';
import { parseDuration, writeDuration } from './durations';
import { didYouMean, nearest } from './suggestions';

/** Text, made well-formed. */
export function text(max = 10_000) {
  const message = `must be a text of 1 to ${max} characters (a number or a date needs quotes)`;
  return z
    .custom<string>((v) => typeof v === 'string' && v.trim() !== '' && v.length <= max, { error: message })
    .transform(wellFormed);
}

/** A name on one line, as it stands in tables and commands. */
export function name(max = 200) {
  const message = `must be a name of 1 to ${max} characters on one line, without spaces around it`;
  return z.custom<string>((v) => typeof v === 'string' && isName(v, max), { error: message }).transform(wellFormed);
}

function isName(value: string, max: number): boolean {
  return value !== '' && value.length <= max && value.trim() === value && !/\p{Cc}/u.test(value);
}

export function matching(pattern: RegExp, error: string) {
  return z.custom<string>((v) => typeof v === 'string' && pattern.test(v), { error });
}

export function whole(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.custom<number>((v) => typeof v === 'number' && Number.isInteger(v) && v >= min && v <= max, { error });
}

export function number(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return z.custom<number>((v) => typeof v === 'number' && v >= min && v <= max, { error });
}

/** Strictly between 0 and 1. */
export function fraction() {
  const error = 'must be a number between 0 and 1, such as 0.95';
  return z.custom<number>((v) => typeof v === 'number' && v > 0 && v < 1, { error });
}

export function positive() {
  const error = 'must be a number above 0, such as 7e9';
  return z.custom<number>((v) => typeof v === 'number' && v > 0 && Number.isFinite(v), { error });
}

export function flag() {
  return z.custom<boolean>((v) => typeof v === 'boolean', { error: 'must be true or false' });
}

export function oneOf<const T extends string>(values: readonly T[]) {
  const error = ({ input }: { input?: unknown }) => {
    const meant = typeof input === 'string' ? nearest(input, values) : undefined;
    return `must be ${values.join(' or ')}${meant ? `; did you mean ${meant}?` : ''}`;
  };
  return z.custom<T>((v) => values.some((value) => value === v), { error });
}

/** A duration within bounds given in milliseconds; read as milliseconds. */
export function duration(minMs: number, maxMs: number) {
  const error = `must be a duration from ${writeDuration(minMs)} to ${writeDuration(maxMs)}, such as 500ms, 90s, 30m or 14d`;
  return z
    .custom<string>(
      (v) => {
        const ms = typeof v === 'string' ? parseDuration(v) : undefined;
        return ms !== undefined && ms >= minMs && ms <= maxMs;
      },
      { error },
    )
    .transform((v) => parseDuration(v) ?? minMs);
}

/** A group, whatever its settings are. */
export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A group with these settings and no others. For unknown keys the message has a line for each, in their order. */
export function group<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown setting; ${didYouMean(key, Object.keys(shape))}`).join('\n')
        : 'must be a group of settings, each a name, a colon and a value',
  });
}

/** A group that may be written as the single text of one of its settings. */
export function shorthand<Inner extends z.ZodType>(setting: string, inner: Inner) {
  return z.preprocess((v) => (typeof v === 'string' ? { [setting]: v } : v), inner);
}

export function listOf<Entry extends z.ZodType>(entry: Entry, max: number, min = 0) {
  const error = `must be a list of ${min} to ${max} entries`;
  return z.array(entry, { error }).min(min, { error }).max(max, { error });
}
