/** Texts that people and models wrote, as a terminal may be given them. */

/** All controls but line feed and tab, and what reverses the direction of writing: on a terminal they are commands. */
const COMMANDS = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** Where Unicode has pictures of the controls below a space, and of delete. */
const PICTURES = 0x2400;
const DELETE = 0x7f;
const PICTURE_OF_DELETE = '\u2421';

/** The same text with every control made visible; lines and tabs stay. */
export function harmless(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(COMMANDS, shown);
}

/** The same on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/[\n\t]/g, shown);
}

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(PICTURES + code);
  if (code === DELETE) return PICTURE_OF_DELETE;
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
