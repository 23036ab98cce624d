/** A question as it stands at the bottom of the screen: what was answered, what may be, and which keys do what. */
import type { Answered, Asked, Asking } from '../../domain/forms/asking';
import { harmlessLine } from '../harmless';
import type { Screen } from './screen';
import { beside, wrap } from './wrap';

/**
 * The one rule of keys: digits and capital letters answer, small letters command. A form has digits for nine answers to a
 * question; the letters that it has for further ones are asked for as capitals.
 */
const COMMANDS = [
  ['b back', 'u unsure', 'n note (before the last answer)', 'c can’t judge'],
  ['z undo the last label', 'i item again', '? manual', 'e more time', 'q quit'],
];
const UNBROKEN = '\u00a0';

/** The key that opens a line for a text of one's own, where a question takes one. */
export const WRITE_KEY = '1';

export interface Remarks {
  unsure: boolean;
  note: string;
}

/** The key by which a choice is taken here. */
export function keyFor(formKey: string): string {
  return formKey.toUpperCase();
}

export function questionLines(screen: Screen, { answered }: Asking, question: Asked, remarks: Remarks): string[] {
  const { width } = screen;
  const dim = (line: string) => screen.paint('dim', line);
  const about = question.about === null ? '' : `${question.about}: `;
  return [
    '',
    ...answered.flatMap((one) => beside('  ', `${one.question.field}: ${harmlessLine(one.text)}`, width)).map(dim),
    ...wrap(about + harmlessLine(question.text), width).map((line) => screen.paint('bold', line)),
    ...question.choices.flatMap((choice) => choiceLines(screen, question, choice)),
    ...(question.free ? beside(`  ${WRITE_KEY}  `, 'write one', width) : []),
    ...remarkLines(screen, remarks),
    ...COMMANDS.flatMap((commands) => commandLines(commands, width)).map(dim),
  ];
}

/** Breaks between commands only. */
function commandLines(commands: readonly string[], width: number): string[] {
  const line = commands.map((command) => command.replaceAll(' ', UNBROKEN)).join('   ');
  return wrap(line, width).map((one) => one.replaceAll(UNBROKEN, ' '));
}

function choiceLines(screen: Screen, { field }: Asked, { key, text, value }: Asked['choices'][number]): string[] {
  // By its id the manual is looked up.
  const id = value !== null && (field === 'clause' || field === 'entry') ? `  (${value})` : '';
  return beside(`  ${keyFor(key)}  `, harmlessLine(text + id), screen.width);
}

function remarkLines(screen: Screen, { unsure, note }: Remarks): string[] {
  const lines = [...(unsure ? ['unsure'] : []), ...(note === '' ? [] : [`note: ${harmlessLine(note)}`])];
  return lines.flatMap((line) => beside('  + ', line, screen.width)).map((line) => screen.paint('yellow', line));
}

/** All answers on one line: "forbidden: no · intent: met". */
export function summaryOf(answered: readonly Answered[], { unsure, note }: Remarks): string {
  const answers = answered
    .filter(({ question, value }) => question.field !== 'another' && !(question.free && value === null))
    .map(({ question, value }) => `${question.field}: ${harmlessLine(value ?? 'none fits')}`);
  return [...answers, ...(unsure ? ['unsure'] : []), ...(note === '' ? [] : ['with a note'])].join(' · ');
}
