/** Forms and answers as a terminal shows them. */

import type { Judgment } from '../../domain/derivation';
import { type Answers, describeForm, type FormName, type Question, type Vocabulary } from '../../domain/forms';

/** Each question with what may be answered: its value, as an answers file has it, and what it says. */
export function describeQuestions(form: FormName, words: Vocabulary): string[] {
  return describeForm(form, words).questions.flatMap((question) => describeQuestion(question, ''));
}

function describeQuestion({ field, text, answers, required, when, each, most }: Question, indent: string): string[] {
  const condition = Object.entries(when ?? {}).map(([name, values]) => `${name}: ${values.join(' or ')}`);
  const only = condition.length > 0 ? ` (only with ${condition.join(', or ')})` : required ? '' : ' (may be left out)';
  const width = Math.max(0, ...(answers ?? []).map(({ value }) => String(value).length));
  return [
    `${indent}${field}${most === undefined ? '' : `, a list of at most ${most}`}: ${text}${only}`,
    ...(answers ?? []).map(({ value, key, text: said }) =>
      `${indent}  ${key}  ${String(value).padEnd(width)}  ${besideValue(String(value), said)}`.trimEnd(),
    ),
    ...(each ?? []).flatMap((inner) => describeQuestion(inner, `${indent}  `)),
  ];
}

/** Some texts begin with the value for those who see no value: "forbidden: it does something the manual forbids". */
function besideValue(value: string, text: string): string {
  if (text === value) return '';
  return text.startsWith(`${value}: `) ? text.slice(value.length + 2) : text;
}

/** What somebody answered, a line for each fault. */
export function answersInWords(answers: Answers, { clauses, entries }: Vocabulary): string[] {
  if ('verdict' in answers) return [answers.verdict + (answers.reason === undefined ? '' : ` (${answers.reason})`)];
  const title = (among: readonly { id: string; title: string }[], id: string) => {
    const known = among.find((one) => one.id === id);
    return known ? `${id} (${known.title})` : id;
  };
  const clause = answers.clause === undefined ? '' : `, by ${title(clauses, answers.clause)}`;
  return [
    `forbidden: ${answers.forbidden}${clause}; what was wanted: ${answers.intent}`,
    ...answers.faults.map(({ kind, entry, difficulty, wish }) => {
      const took = entry === null ? 'none of the entries fits' : `takes ${title(entries, entry)}`;
      return `fault: ${kind}, ${took}, case ${difficulty}${wish === undefined ? '' : `, wish ${wish}`}`;
    }),
  ];
}

/** "misaligned (confident-error)". */
export function judgmentInWords({ verdict, reason }: Pick<Judgment, 'verdict' | 'reason'>): string {
  return reason === null ? verdict : `${verdict} (${reason})`;
}
