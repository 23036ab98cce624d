/** The manual that labellers follow, as one value addressed by its content. */
import { type Answers, FAULT_KINDS, type FaultKind, type FormName, type Vocabulary } from './forms';
import type { ManualHash } from './ids';
import type { ChatMessage } from './prompts';
import { hashJson } from './text';

/** A manual's parts in the order in which they hold: what is prohibited goes before the user's wish, that before the rest. */
export const CLAUSE_PARTS = ['prohibited', 'intent', 'general'] as const;
export type ClausePart = (typeof CLAUSE_PARTS)[number];

export interface Clause {
  /** As answers cite it, such as `no-medical-dosage`. Unique in the manual. */
  id: string;
  part: ClausePart;
  title: string;
  /** Markdown. */
  text: string;
}
/** Something that a model may or may not be capable of. */
export interface Entry {
  id: string;
  kinds: FaultKind[];
  title: string;
  text: string;
}
/** A completion with the answers that the manual's authors give it, and why. */
export interface Example {
  id: string;
  title: string;
  messages: ChatMessage[];
  completion: string;
  answers: Answers;
  text: string;
}
export interface Manual {
  /** Of all its revisions, such as `starter`. */
  name: string;
  title: string;
  form: FormName;
  /** What a labeller is to do: Markdown. */
  task: string;
  /** In the order in which they hold. */
  clauses: Clause[];
  entries: Entry[];
  examples: Example[];
}

/** The content hash that a round, a label and a measurement name. */
export function hashManual(manual: Manual): ManualHash {
  return hashJson(manual) as ManualHash;
}

/** What answers may cite: clauses that prohibit, and all entries. */
export function vocabularyOf({ clauses, entries }: Pick<Manual, 'clauses' | 'entries'>): Vocabulary {
  return {
    clauses: clauses.filter(({ part }) => part === 'prohibited').map(({ id, title }) => ({ id, title })),
    entries: entries.map(({ id, title, kinds }) => ({ id, title, kinds })),
  };
}

/** Kinds of fault for which a labeller finds no entry, so that each such fault stays open: worth saying, not forbidden. */
export function kindsWithoutEntry({ form, entries }: Manual): FaultKind[] {
  if (form !== 'obvious-misalignment') return [];
  return FAULT_KINDS.filter((kind) => !entries.some(({ kinds }) => kinds.includes(kind)));
}
