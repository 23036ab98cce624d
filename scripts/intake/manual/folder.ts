/** Which files of a folder make a manual. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ProblemsError } from '../../../domain/problems';
import { fileProblem, shownPath } from '../files';
import { nearest } from '../suggestions';

export const SECTIONS = ['clauses', 'entries', 'examples'] as const;
export type Section = (typeof SECTIONS)[number];

export interface ManualFiles extends Record<Section, string[]> {
  head: string;
  /** Files that look as if they were meant to be read, and are not. */
  notices: string[];
}

const HEAD = 'manual.md';
const MOST_FILES = 500;
const MARKDOWN = /\.md$/i;
const NEARLY_MARKDOWN = /\.(?:markdown|mdown|mkd|mdx|txt|ya?ml)$/i;
const README = /^readme\.md$/i;

/**
 * Nothing is opened but folders. Each section's files come sorted by name.
 * @throws ProblemsError for a folder that is not there, may not be read, lacks manual.md or has too many files.
 */
export function findManualFiles(dir: string): ManualFiles {
  const top = entriesOf(dir);
  const sections = SECTIONS.map((section) => {
    const inside = top.some(({ name }) => name === section) ? entriesOf(path.join(dir, section)) : [];
    return { section, inside };
  });
  const files = (section: Section) =>
    (sections.find((one) => one.section === section)?.inside ?? [])
      .filter(({ name, isFolder }) => !isFolder && MARKDOWN.test(name) && !README.test(name))
      .map(({ name }) => path.join(dir, section, name));
  const found = { clauses: files('clauses'), entries: files('entries'), examples: files('examples') };
  const total = 1 + found.clauses.length + found.entries.length + found.examples.length;
  if (total > MOST_FILES) {
    const message = `has ${total} files; a manual has at most ${MOST_FILES}`;
    throw ProblemsError.of({ kind: 'manual', message, at: shownPath(dir) });
  }
  refuseWithoutHead(dir, top);
  const strays = sections.flatMap(({ section, inside }) => straysIn(dir, section, inside));
  return { ...found, head: path.join(dir, HEAD), notices: [...straysAtTop(dir, top), ...strays] };
}

interface Entry {
  name: string;
  isFolder: boolean;
}

/** Without hidden ones; by name, the same on every machine. */
function entriesOf(dir: string): Entry[] {
  const listed = tried(dir, () => readdirSync(dir, { withFileTypes: true }));
  return listed
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ name: entry.name, isFolder: isFolder(dir, entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isFolder(dir: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  try {
    return statSync(path.join(dir, entry.name)).isDirectory();
  } catch {
    return false;
  }
}

function tried<T>(dir: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const problem = fileProblem(error, dir);
    if (!problem) throw error;
    const code = codeOf(error);
    if (code === 'ENOTDIR') throw ProblemsError.of({ ...problem, message: 'is a file, not a folder' });
    if (code !== 'ENOENT') throw ProblemsError.of(problem);
    const hint = '`plumbline manual init` puts a manual there to begin with';
    throw ProblemsError.of({ ...problem, message: 'there is no such folder', hint });
  }
}

/** As the file system says it, such as ENOENT. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function refuseWithoutHead(dir: string, top: readonly Entry[]): void {
  if (top.some(({ name }) => name === HEAD)) return;
  const near = top.find(({ name, isFolder }) => !isFolder && nearest(name, [HEAD]))?.name;
  const hint = near
    ? `did you mean ${near}? Call it ${HEAD}`
    : 'it has name, title and form between two lines ---, then what a labeller is to do';
  const at = shownPath(path.join(dir, HEAD));
  throw ProblemsError.of({ kind: 'manual', message: 'there is no such file: a manual begins with it', hint, at });
}

function straysAtTop(dir: string, top: readonly Entry[]): string[] {
  const known: readonly string[] = [HEAD, ...SECTIONS];
  return top
    .filter(({ name }) => !known.includes(name) && !README.test(name))
    .filter(({ name, isFolder }) => (isFolder ? hasPages(path.join(dir, name)) : MARKDOWN.test(name)))
    .map(({ name, isFolder }) => {
      const meant = isFolder ? nearest(name, SECTIONS) : undefined;
      const hint = meant
        ? `did you mean ${meant}/?`
        : `a manual's files are ${HEAD} and those in ${SECTIONS.join(', ')}`;
      return `${shownPath(path.join(dir, name))}${isFolder ? '/' : ''} is not read: ${hint}`;
    });
}

function straysIn(dir: string, section: Section, inside: readonly Entry[]): string[] {
  return inside
    .filter(({ name, isFolder }) => (isFolder ? hasPages(path.join(dir, section, name)) : NEARLY_MARKDOWN.test(name)))
    .map(({ name, isFolder }) => {
      const at = shownPath(path.join(dir, section, name));
      return isFolder
        ? `${at}/ is not read: put its files into ${section}/ itself`
        : `${at} is not read: only files that end in .md are`;
    });
}

/** A folder that cannot be looked into is none of the manual's. */
function hasPages(dir: string): boolean {
  try {
    return readdirSync(dir).some((name) => MARKDOWN.test(name) && !README.test(name));
  } catch {
    return false;
  }
}
