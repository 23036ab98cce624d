/** Which prompts a round's file asks for: that it says so once, and that fields it maps are there to be mapped. */
import type { Fault } from './accounts';
import { isGroup } from './kinds';
import { delimiterFault } from './promptDialect';
import { unknownField } from './promptMapping';

/** Settings of reading files, which a stored set has behind it. */
const OF_FILES = ['fields', 'delimiter', 'bad_rows'];

/** @param raw what was written, checked or not. */
export function promptsFaults(raw: unknown): Fault[] {
  const written = isGroup(raw) ? raw.prompts : undefined;
  if (!isGroup(written)) return [];
  const { file, set, fields, delimiter } = written;
  const faults: Fault[] = [];
  const at = ['prompts', 'file'];
  if (file === undefined && set === undefined) {
    const hint = 'name a file of prompts, or under set one that `plumbline prompts import` has stored';
    faults.push({ path: at, message: 'is missing', hint });
  }
  if (file !== undefined && set !== undefined) {
    faults.push({ path: at, message: 'stands beside set', hint: 'leave one of them: which are the prompts?' });
  }
  if (set !== undefined && file === undefined) {
    const idle = OF_FILES.filter((name) => written[name] !== undefined);
    const hint = 'a stored set was read when it was imported';
    faults.push(
      ...idle.map((name) => ({ path: ['prompts', name], message: 'is about files, and here is a set', hint })),
    );
  }
  for (const ours of isGroup(fields) ? Object.keys(fields) : []) {
    const fault = unknownField(ours);
    if (fault) faults.push({ path: ['prompts', 'fields', ours], message: fault.message, hint: fault.hint ?? '' });
  }
  const wrong = typeof delimiter === 'string' ? delimiterFault(delimiter) : undefined;
  if (wrong && [...String(delimiter)].length === 1) faults.push({ path: ['prompts', 'delimiter'], message: wrong });
  return faults;
}
