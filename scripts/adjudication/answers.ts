/** The answers of a ruling: from a file, from stdin, or a verdict said outright. */
import type { FormName } from '../../domain/forms';
import { ProblemsError } from '../../domain/problems';
import { CommandError, EXIT } from '../failures';
import { readSmallFile, shownPath } from '../intake/files';
import { parsePath } from '../intake/source';
import { parseYaml } from '../intake/yaml';
import type { Call } from '../leaf';

export interface GivenAnswers {
  answers: unknown;
  /** Where in what was given a field stands that is wrong. @param field as in `answers.faults[0].kind`. */
  place(field: string): string;
}

const LARGEST = 1024 * 1024;

/** @throws CommandError, ProblemsError for what cannot be answers. */
export async function givenAnswers(call: Call, form: FormName | undefined): Promise<GivenAnswers> {
  const file = call.value('answers');
  const verdict = call.value('verdict');
  if ((file === undefined) === (verdict === undefined)) {
    throw wrong('a ruling needs its answers', 'give --answers FILE, or --verdict where the form is `verdict`');
  }
  if (file !== undefined) {
    if (call.value('reason') !== undefined) throw wrong('goes with --verdict only', undefined, '--reason');
    return file === '-'
      ? answersFrom(await readStdin(), 'stdin')
      : answersFrom(readSmallFile(file, LARGEST), shownPath(file));
  }
  if (form !== undefined && form !== 'verdict') {
    const hint = 'give --answers FILE; `plumbline adjudicate show ITEM` says what is asked';
    throw wrong(`this round asks the form ${form}, from which the verdict is derived`, hint, '--verdict');
  }
  const reason = call.value('reason');
  return {
    answers: { verdict, ...(reason !== undefined && { reason }) },
    place: (field) => (field === 'answers.reason' ? '--reason' : '--verdict'),
  };
}

/** JSON or YAML: the answers, or a group that has them under `answers`. */
export function answersFrom(text: string, name: string): GivenAnswers {
  const place = ({ line, column }: { line: number; column: number }) => `${name}:${line}:${column}`;
  const source = parseYaml(text, place);
  if ('problems' in source) throw new ProblemsError(source.problems);
  const { value, positionOf } = source.parsed;
  const wrapped = isGroup(value) && 'answers' in value;
  if (wrapped) {
    const other = Object.keys(value).find((key) => key !== 'answers');
    if (other !== undefined) {
      const message = 'a ruling has answers only';
      const at = `${place(positionOf([other], 'key'))} ${other.slice(0, 100)}`;
      throw ProblemsError.of({ kind: 'answers', message, hint: 'the reason goes after --why', at });
    }
  }
  const answers = wrapped ? value.answers : value;
  if (!isGroup(answers)) {
    const hint = '`plumbline adjudicate show ITEM` has an example';
    throw ProblemsError.of({ kind: 'answers', message: 'there are no answers in it', hint, at: name });
  }
  return {
    answers,
    place: (field) => `${place(positionOf(parsePath(field).slice(wrapped ? 0 : 1), 'value'))} ${field}`,
  };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    parts.push(part);
    size += part.length;
    if (size > LARGEST) throw wrong(`is larger than ${LARGEST / 1024 / 1024} MB`, undefined, 'stdin');
  }
  return Buffer.concat(parts).toString('utf8');
}

function wrong(message: string, hint?: string, at?: string): CommandError {
  return new CommandError({ kind: 'usage', message, ...(hint && { hint }), ...(at && { at }) }, EXIT.wrongUsage);
}
