/** A Markdown file with settings at its top: YAML between two lines `---`, then the text. */
import { type Problem, ProblemsError } from '../../domain/problems';
import { wellFormed } from '../../domain/text';
import { readSmallFile, shownPath } from './files';
import { readSource, type Source } from './source';

export interface Page {
  /** The settings. */
  source: Source;
  /** Markdown, without empty lines around it. Never empty. */
  body: string;
  /** Characters in the file. */
  size: number;
}

const LARGEST = 1024 * 1024;
const FENCE = /^---[ \t]*$/;

/**
 * @param kind of its problems.
 * @param problems gains what is wrong with the file; what can be read of it is returned all the same.
 */
export function readPage(kind: string, file: string, problems: Problem[]): Partial<Page> {
  let text: string;
  try {
    text = readSmallFile(file, LARGEST);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    problems.push(...error.problems);
    return {};
  }
  return pageOf(kind, file, text, problems);
}

/** The same for a text; `file` names it in problems. */
export function pageOf(kind: string, file: string, text: string, problems: Problem[]): Partial<Page> {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const tell = (line: number, message: string, hint: string) =>
    problems.push({ kind, message, hint, at: `${shownPath(file)}:${line}:1` });
  if (!FENCE.test(lines[0] ?? '')) {
    tell(1, 'does not begin with front matter', 'its settings stand at the top, between two lines ---');
    return {};
  }
  const end = lines.findIndex((line, i) => i > 0 && FENCE.test(line));
  if (end < 0) {
    tell(1, 'the front matter that begins here is not closed', 'put a line --- between the settings and the text');
    return {};
  }
  const read = readSource(kind, file, lines.slice(1, end).join('\n'), 2);
  if ('problems' in read) problems.push(...read.problems);
  const body = wellFormed(withoutBlankEnds(lines.slice(end + 1)));
  if (body === '') tell(end + 1, 'there is no text after the front matter', 'write it below this line');
  return { ...('source' in read && { source: read.source }), ...(body !== '' && { body }), size: text.length };
}

/** Spaces before the first word stay: they may mean something in Markdown. */
function withoutBlankEnds(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.trim() !== '');
  return first < 0 ? '' : lines.slice(first).join('\n').trimEnd();
}
