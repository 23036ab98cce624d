/** Which stored set somebody means. */
import type { Tx } from '../../db/connection';
import { listPromptSets, promptSetsMeant, type StoredSet } from '../../db/promptSets';
import { type Problem, ProblemsError } from '../../domain/problems';
import { didYouMean } from '../intake/suggestions';

const SUGGESTED = 200;

/** By name, the newest of them; by NAME@HASH, a hash's beginning. @param at where it was said. @throws ProblemsError */
export async function meantSet(tx: Tx, ref: string, at?: string): Promise<StoredSet> {
  const [set, another] = await promptSetsMeant(tx, ref);
  const refused = (problem: Problem) => ProblemsError.of({ ...problem, ...(at !== undefined && { at }) });
  if (another) {
    const message = `${ref.slice(0, 200)} is the beginning of more than one set’s hash`;
    throw refused({ kind: 'ambiguous-prompt-set', message, hint: 'write more of it' });
  }
  if (set) return set;
  const names = [...new Set((await listPromptSets(tx, { limit: SUGGESTED })).map(({ name }) => name))];
  const hint = names.length > 0 ? didYouMean(ref, names) : '`plumbline prompts import FILE` stores one';
  throw refused({ kind: 'unknown-prompt-set', message: `no set of prompts is called ${ref.slice(0, 200)}`, hint });
}

/** The name that stands for this set alone. */
export function refOf({ name, hash }: { name: string; hash: string }): string {
  return `${name}@${hash.slice(0, 8)}`;
}
