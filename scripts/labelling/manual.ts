/** The round's manual, printed where the labeller works. */
import { harmlessLine } from '../harmless';
import { showItem, showText } from './item';
import type { Screen } from './screen';
import type { ServedManual } from './shapes';

const INDENT = '  ';

export function showManual(screen: Screen, manual: ServedManual): void {
  const { name, revision, title, task, clauses, entries, examples } = manual;
  heading(screen, `MANUAL ${name}@${revision}: ${title}`);
  showText(screen, INDENT, task);
  for (const part of new Set(clauses.map((clause) => clause.part))) {
    heading(screen, `CLAUSES: ${part}`);
    for (const clause of clauses.filter((one) => one.part === part)) titled(screen, clause.id, clause);
  }
  if (entries.length > 0) heading(screen, 'ENTRIES: what avoiding a fault may have taken');
  for (const entry of entries) titled(screen, `${entry.id} (${entry.kinds.join(', ')})`, entry);
  if (examples.length > 0) heading(screen, 'EXAMPLES');
  for (const example of examples) showExample(screen, example);
}

function showExample(screen: Screen, { id, title, text, answers, ...shown }: ServedManual['examples'][number]): void {
  heading(screen, `${id}: ${title}`);
  showItem(screen, shown);
  screen.line();
  showText(screen, INDENT, `${JSON.stringify(answers)}\n${text.trim()}`);
}

function heading(screen: Screen, text: string): void {
  screen.line();
  screen.say(harmlessLine(text), 'bold');
}

function titled(screen: Screen, name: string, { title, text }: { title: string; text: string }): void {
  screen.line();
  screen.say(harmlessLine(`${name}: ${title}`), 'bold');
  showText(screen, INDENT, text.trim());
}
