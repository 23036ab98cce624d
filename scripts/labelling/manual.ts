/** The round's manual, where the labeller works: what the question at hand is about, or the whole of it. */
import { AnswersError, readAnswers } from '../../domain/forms';
import type { Asked } from '../../domain/forms/asking';
import { answersInWords } from '../adjudication/words';
import { harmlessLine } from '../harmless';
import { showItem, showText } from './item';
import type { Key } from './keys';
import { page } from './pager';
import { keyFor } from './question';
import type { Screen } from './screen';
import type { ServedManual } from './shapes';

const INDENT = '  ';

export function showManual(screen: Screen, manual: ServedManual): void {
  const { name, revision, title, task, clauses, entries, examples } = manual;
  heading(screen, `MANUAL ${name}@${revision}: ${title}`);
  showMarkdown(screen, task);
  for (const part of new Set(clauses.map((clause) => clause.part))) {
    heading(screen, `CLAUSES: ${part}`);
    for (const clause of clauses.filter((one) => one.part === part)) titled(screen, clause.id, clause);
  }
  if (entries.length > 0) heading(screen, 'ENTRIES: what avoiding a fault may have taken');
  for (const entry of entries) titled(screen, `${entry.id} (${entry.kinds.join(', ')})`, entry);
  if (examples.length > 0) heading(screen, 'EXAMPLES');
  for (const example of examples) showExample(screen, example, manual);
}

/** A screenful at a time: first what may be chosen here, where the manual has texts on that; then, if they like, all of it. */
export async function pageManual(
  screen: Screen,
  manual: ServedManual,
  question: Asked,
  next: () => Promise<Key>,
): Promise<void> {
  const here = screen.drawn((aside) => showChoices(aside, manual, question));
  if (here.length > 0) {
    const or = 'the whole manual';
    const atEnd = `? ${or}, any other key back to the item`;
    if ((await page(screen, here, { next, or, atEnd })) !== '?') return;
  }
  const all = screen.drawn((aside) => showManual(aside, manual));
  await page(screen, all, { next, atEnd: 'any key: back to the item' });
}

/** The clauses or entries that may be chosen, by their keys; before that the clauses by which the question is answered. */
function showChoices(screen: Screen, manual: ServedManual, question: Asked): void {
  const { about, text, choices } = question;
  const texts = textsOn(question, manual);
  if (texts.length > 0) heading(screen, about === null ? text : `${about}: ${text}`);
  for (const one of texts) {
    const choice = choices.find(({ value }) => value === one.id);
    titled(screen, choice ? `${keyFor(choice.key)}  ${one.id}` : one.id, one);
  }
}

function textsOn({ field, choices }: Asked, { clauses, entries }: ServedManual): Titled[] {
  const offered = ({ id }: Titled) => choices.some(({ value }) => value === id);
  switch (field) {
    case 'clause':
      return clauses.filter(offered);
    case 'entry':
      return entries.filter(offered);
    case 'forbidden':
      return clauses.filter(({ part }) => part === 'prohibited');
    case 'intent':
      return clauses.filter(({ part }) => part !== 'prohibited');
    default:
      return [];
  }
}

type Example = ServedManual['examples'][number];
type Titled = Pick<Example, 'id' | 'title' | 'text'>;

function showExample(screen: Screen, { id, title, text, answers, ...shown }: Example, manual: ServedManual): void {
  heading(screen, `${id}: ${title}`);
  showItem(screen, shown);
  screen.line();
  for (const line of wordsOf(answers, manual)) showText(screen, INDENT, line);
  showMarkdown(screen, text);
}

function wordsOf(answers: unknown, manual: ServedManual): string[] {
  try {
    return answersInWords(readAnswers(manual.form, answers, manual), manual);
  } catch (error) {
    if (!(error instanceof AnswersError)) throw error;
    return [JSON.stringify(answers, null, 2)];
  }
}

function heading(screen: Screen, text: string): void {
  screen.line();
  screen.say(harmlessLine(text), 'bold');
}

function titled(screen: Screen, name: string, { title, text }: Titled): void {
  screen.line();
  screen.say(harmlessLine(`${name}: ${title}`), 'bold');
  showMarkdown(screen, text);
}

const HEADING = /^#{1,6} +(?=\S)/;

/** Markdown as plain text: headings stand out, marks of emphasis are left out. */
function showMarkdown(screen: Screen, text: string): void {
  for (const line of text.trim().replaceAll('**', '').split('\n')) {
    if (HEADING.test(line)) screen.say(harmlessLine(INDENT + line.replace(HEADING, '')), 'bold');
    else if (line.trim() === '') screen.line();
    else showText(screen, INDENT, line);
  }
}
