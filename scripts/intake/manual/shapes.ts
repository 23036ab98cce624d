/** The settings of a manual's files. */
import { z } from 'zod';
import { FAULT_KINDS, FORMS } from '../../../domain/forms';
import { CLAUSE_PARTS } from '../../../domain/manual';
import { group, listOf, matching, name, oneOf, text } from '../kinds';

const words = (longest: number) => new RegExp(`^(?=.{1,${longest}}$)[a-z0-9]+(?:-[a-z0-9]+)*$`);

const manualName = matching(
  words(60),
  'must be lower-case words with hyphens between them, such as starter, of at most 60 characters',
);
const id = matching(
  words(64),
  'must be lower-case words with hyphens between them, such as right-language, of at most 64 characters',
);
const LONGEST_TEXT = 1024 * 1024;

export const headShape = group({ name: manualName, title: name(), form: oneOf(FORMS) });
export const clauseShape = group({ id, part: oneOf(CLAUSE_PARTS), title: name(120) });
export const entryShape = group({
  id,
  kinds: listOf(oneOf(FAULT_KINDS), FAULT_KINDS.length, 1).transform((kinds) => [...new Set(kinds)]),
  title: name(120),
});
/** Prompt and answers have readers of their own. */
export const exampleShape = group({
  id,
  title: name(),
  prompt: z.unknown().optional(),
  messages: z.unknown().optional(),
  completion: text(LONGEST_TEXT),
  answers: z.unknown().optional(),
});
