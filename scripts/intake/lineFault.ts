/** What is wrong with a part of a prompt file, and the JSON that its parts are made of. */
import { type Json, wellFormedJson } from '../../domain/text';

/** Why a line is no prompt: the field, what is wrong with it, what to do. */
export class LineFault extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

export function tooLong(largestBytes: number, hint: string): LineFault {
  return new LineFault('', `is longer than ${largestBytes / 1024 / 1024} MB`, hint);
}

export type JsonObject = { [field: string]: Json };

const DEEPEST = 100;
const TOO_DEEP = 'is nested too deeply';

/**
 * A JSON text as the value that is hashed and stored.
 * @param field the text's own, for the fault. @param hint what to write where the text is no JSON.
 * @throws LineFault for what is no JSON, is nested without end, or has a number beyond all numbers.
 */
export function readJson(text: string, field: string, hint: string): Json {
  let value: Json;
  try {
    value = wellFormedJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof RangeError) throw new LineFault(field, TOO_DEEP);
    throw new LineFault(field, 'is not JSON', hint);
  }
  const fault = faultIn(value, DEEPEST);
  if (fault) throw new LineFault(field, fault);
  return value;
}

function faultIn(value: Json, levels: number): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'has a number that is too large';
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return TOO_DEEP;
  for (const inner of Object.values(value)) {
    const fault = faultIn(inner, levels - 1);
    if (fault) return fault;
  }
  return undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function nameOf(value: Json | undefined): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
