/** What an item asks of whoever labels it, and what labellers hold: `lang:de`, `domain:medicine`. */
const REQUIREMENT = /^[a-z][a-z0-9-]{0,30}:[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/;

export const REQUIREMENT_SHAPE = 'a kind, a colon and a value, such as lang:de or domain:medicine';

export function isRequirement(text: string): boolean {
  return REQUIREMENT.test(text);
}
