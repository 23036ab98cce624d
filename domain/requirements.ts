/** What an item asks of whoever labels it, and what labellers hold: `lang:de`, `domain:medicine`. */
import { distance } from 'fastest-levenshtein';

const REQUIREMENT = /^[a-z][a-z0-9-]{0,30}:[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/;

export const REQUIREMENT_SHAPE = 'a kind, a colon and a value, such as lang:de or domain:medicine';

export function isRequirement(text: string): boolean {
  return REQUIREMENT.test(text);
}

const LANGUAGE = 'lang:';

export function languageRequirement(language: string): string {
  return LANGUAGE + language;
}

export function languagesOf(holds: readonly string[]): string[] {
  return holds.filter((one) => one.startsWith(LANGUAGE)).map((one) => one.slice(LANGUAGE.length));
}

/**
 * The known requirement that another was probably meant to be, if one is near enough: `lang:DE` and `language:de` are near
 * `lang:de`, `lang:en` is not.
 */
export function nearRequirement(requirement: string, known: readonly string[]): string | undefined {
  const [kind, value] = parts(requirement);
  return known
    .filter((one) => one !== requirement)
    .map((one) => ({ one, away: awayFrom(kind, value, parts(one)) }))
    .filter(({ away }) => away < FAR)
    .sort((a, b) => a.away - b.away)[0]?.one;
}

const FAR = Number.POSITIVE_INFINITY;

function awayFrom(kind: string, value: string, [otherKind, otherValue]: readonly [string, string]): number {
  const prefix = kind.startsWith(otherKind) || otherKind.startsWith(kind);
  const kinds =
    prefix && Math.min(kind.length, otherKind.length) >= 3 ? Number(kind !== otherKind) : slips(kind, otherKind);
  return kinds + slips(value, otherValue);
}

/** Letters that differ, as far as a slip of the hand explains them: none between two codes of two letters. */
function slips(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  const allowed = longer <= 2 ? 0 : longer < 8 ? 1 : 2;
  const away = distance(a, b);
  return away <= allowed ? away : FAR;
}

function parts(requirement: string): readonly [kind: string, value: string] {
  const [kind = '', ...value] = requirement
    .toLowerCase()
    .replaceAll(/[-_. ]/g, '')
    .split(':');
  return [kind, value.join(':')];
}
