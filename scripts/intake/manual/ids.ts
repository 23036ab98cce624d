/** The names that a manual's parts have: each once, and what answers may cite of them even while other settings are wrong. */
import { TELLS_WHAT_IS_WANTED } from '../../../domain/derivation';
import { FAULT_KINDS, type Vocabulary } from '../../../domain/forms';
import { CLAUSE_PARTS } from '../../../domain/manual';
import type { Problem } from '../../../domain/problems';
import type { Source } from '../source';

/** @param sources of one section, in the order of their files. */
export function idProblems(sources: readonly Source[]): Problem[] {
  const first = new Map<string, Source>();
  return sources.flatMap((source) => {
    const id = idOf(source);
    if (id === undefined) return [];
    const before = first.get(id);
    if (!before) {
      first.set(id, source);
      return [];
    }
    const [place = ''] = before.at(['id']).split(' ');
    return [source.problem(['id'], `${id.slice(0, 100)} is the id of ${place} too; give one of them another`)];
  });
}

/** No answer cites it: whether a model can tell what is wanted is asked of nobody. */
export function reservedProblems(entries: readonly Source[]): Problem[] {
  return entries
    .filter((source) => idOf(source) === TELLS_WHAT_IS_WANTED)
    .map((source) =>
      source.problem(['id'], `${TELLS_WHAT_IS_WANTED} is kept for capability tables; choose another id`),
    );
}

/** A clause or an entry whose other settings are wrong can be cited all the same: that is no fault of the example. */
export function citable(clauses: readonly Source[], entries: readonly Source[]): Vocabulary {
  const titled = (source: Source) => {
    const id = idOf(source);
    return id === undefined ? [] : [{ id, title: id }];
  };
  return {
    clauses: clauses.filter((source) => !CITED_BY_NOBODY.some((part) => part === source.get(['part']))).flatMap(titled),
    entries: entries.flatMap((source) => titled(source).map((one) => ({ ...one, kinds: kindsOf(source) }))),
  };
}

const CITED_BY_NOBODY = CLAUSE_PARTS.filter((part) => part !== 'prohibited');

function kindsOf(source: Source): string[] {
  const given = source.get(['kinds']);
  const known = Array.isArray(given) ? FAULT_KINDS.filter((kind) => given.includes(kind)) : [];
  return Array.isArray(given) && known.length > 0 && known.length === given.length ? known : [...FAULT_KINDS];
}

function idOf(source: Source): string | undefined {
  const id = source.get(['id']);
  return typeof id === 'string' ? id : undefined;
}
