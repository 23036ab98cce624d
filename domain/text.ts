/** Text as it is hashed and stored: well-formed, without NUL, addressed by its content. */
import { createHash } from 'node:crypto';

/** Lone surrogates become U+FFFD and NUL becomes the visible ␀ (U+2400): what Postgres and UTF-8 can hold. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\u2400');
}

/** JSON values, as messages, answers and specs are made of. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The same for every string of a JSON value, keys included. */
export function wellFormedJson(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map(wellFormedJson);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), wellFormedJson(inner)]));
}

/**
 * One JSON text per value: keys sorted by code unit, no white space, numbers as ECMAScript prints them (RFC 8785).
 * Keys whose value is undefined are left out.
 * @throws TypeError for a number that JSON cannot hold.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`);
  return `{${fields.join(',')}}`;
}

/** sha256 of the text's UTF-8 bytes, in lower-case hex. */
export function hashText(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

export function hashJson(value: unknown): string {
  return hashText(canonicalJson(value));
}

/** A UUID that says the same for the same name (RFC 9562, version 8: custom, here from sha256). */
export function uuidOf(name: string): string {
  const hex = hashText(name);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
