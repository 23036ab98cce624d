/** A manual's folder, read and checked: `manual.md`, and a file for each clause, capability entry and example. */
import path from 'node:path';
import { FORMS, type FormName, type Vocabulary } from '../../../domain/forms';
import {
  CLAUSE_PARTS,
  type Clause,
  type Entry,
  type Example,
  kindsWithoutEntry,
  type Manual,
} from '../../../domain/manual';
import { type Problem, refuseIfAny } from '../../../domain/problems';
import { shownPath } from '../files';
import { type Page, readPage } from '../frontMatter';
import { inFileOrder, readShape, type Source } from '../source';
import { readExampleAnswers, readMessages } from './example';
import { findManualFiles, type ManualFiles } from './folder';
import { citable, idProblems, reservedProblems } from './ids';
import { keyProblems } from './keys';
import { clauseShape, entryShape, exampleShape, headShape } from './shapes';

export interface ReadManual {
  manual: Manual;
  /** What may go wrong later though nothing forbids the manual: a sentence each. */
  notices: string[];
  /** Its examples' files, as people write them, in the examples' order. */
  exampleFiles: string[];
}

type Pages = Partial<Page>[];

const LARGEST = 20 * 1024 * 1024;
const LISTED_PROBLEMS = 100;

/**
 * Files other than the manual's own are left alone; those that look like misplaced ones are told as notices.
 * @throws ProblemsError with everything that is wrong with the folder.
 */
export function readManual(dir: string): ReadManual {
  const files = findManualFiles(dir);
  const problems: Problem[] = [];
  const manual = manualOf(dir, files, problems);
  const order = [files.head, ...files.clauses, ...files.entries, ...files.examples].map(shownPath);
  refuseIfAny(inFileOrder(problems, order).slice(0, LISTED_PROBLEMS), problems.length);
  const exampleFiles = files.examples.map(shownPath);
  return { manual, notices: [...files.notices, ...noticesOf(manual)], exampleFiles };
}

/** Whole only where `problems` gained nothing. */
function manualOf(dir: string, files: ManualFiles, problems: Problem[]): Manual {
  const page = (file: string) => readPage('manual', file, problems);
  const head = page(files.head);
  const clausePages = files.clauses.map(page);
  const entryPages = files.entries.map(page);
  const examplePages = files.examples.map(page);
  const all = [head, ...clausePages, ...entryPages, ...examplePages];
  if (all.reduce((sum, { size = 0 }) => sum + size, 0) > LARGEST) {
    problems.push({ kind: 'manual', message: 'is larger than 20 MB in all', at: shownPath(dir) });
  }
  for (const pages of [clausePages, entryPages, examplePages]) problems.push(...idProblems(sourcesOf(pages)));
  problems.push(...reservedProblems(sourcesOf(entryPages)));

  const settings = head.source && readShape(headShape, head.source, problems);
  const clauses = clausePages.flatMap((one) => clauseOf(one, problems));
  const entries = entryPages.flatMap((one) => entryOf(one, problems));
  const form = formOf(head.source);
  const place = (section: string) => shownPath(path.join(dir, section));
  if (form) problems.push(...keyProblems({ form, clauses, entries }, place));
  const words = wordsOf(clausePages, entryPages);
  const examples = examplePages.flatMap((one) => exampleOf(one, form, words, problems));
  return {
    ...(settings ?? { name: '', title: '', form: 'verdict' }),
    task: head.body ?? '',
    clauses: CLAUSE_PARTS.flatMap((part) => clauses.filter((clause) => clause.part === part)),
    entries,
    examples,
  };
}

function clauseOf({ source, body: text }: Partial<Page>, problems: Problem[]): Clause[] {
  const settings = source && readShape(clauseShape, source, problems);
  return settings && text !== undefined ? [{ ...settings, text }] : [];
}

function entryOf({ source, body: text }: Partial<Page>, problems: Problem[]): Entry[] {
  const settings = source && readShape(entryShape, source, problems);
  return settings && text !== undefined ? [{ ...settings, text }] : [];
}

/** @param form what its answers must be of; undefined, as `words`: it is not known yet what they may be. */
function exampleOf(
  { source, body: text }: Partial<Page>,
  form: FormName | undefined,
  words: Vocabulary | undefined,
  problems: Problem[],
): Example[] {
  if (!source) return [];
  const settings = readShape(exampleShape, source, problems);
  const messages = readMessages(source, problems);
  const answers = form && words && readExampleAnswers(source, form, words, problems);
  if (!settings || !messages || !answers || text === undefined) return [];
  const { id, title, completion } = settings;
  return [{ id, title, messages, completion, answers, text }];
}

function formOf(head: Source | undefined): FormName | undefined {
  return FORMS.find((form) => form === head?.get(['form']));
}

/** A file whose settings cannot be read leaves open what may be cited, and so does not accuse the examples. */
function wordsOf(clauses: Pages, entries: Pages): Vocabulary | undefined {
  const unread = [...clauses, ...entries].some(({ source }) => source === undefined);
  return unread ? undefined : citable(sourcesOf(clauses), sourcesOf(entries));
}

function sourcesOf(pages: Pages): Source[] {
  return pages.flatMap(({ source }) => (source ? [source] : []));
}

function noticesOf(manual: Manual): string[] {
  const { form, name, clauses, entries } = manual;
  if (form !== 'obvious-misalignment') return [];
  const prohibits = clauses.some(({ part }) => part === 'prohibited');
  if (entries.length === 0) {
    const notice = `${name} has no capability entries: every fault stays open, and no completion can be settled as misaligned`;
    return prohibits ? [notice] : [NO_PROHIBITION(name), notice];
  }
  const without = kindsWithoutEntry(manual).filter((kind) => prohibits || kind !== 'forbidden');
  return [
    ...(prohibits ? [] : [NO_PROHIBITION(name)]),
    ...(without.length > 0
      ? [`${name} has no entry for ${without.join(', ')}: a fault of such a kind stays open`]
      : []),
  ];
}

const NO_PROHIBITION = (name: string) =>
  `${name} prohibits nothing: no labeller can answer that a completion is forbidden`;
