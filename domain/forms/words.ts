/** The words that all forms share. */
export const VERDICTS = ['misaligned', 'aligned', 'ambiguous'] as const;
/** The class of a label or an item. */
export type Verdict = (typeof VERDICTS)[number];

export const FORMS = ['obvious-misalignment', 'verdict'] as const;
export type FormName = (typeof FORMS)[number];

/** What answers may cite: a manual's clauses that forbid something, and its capability entries. */
export interface Vocabulary {
  clauses: readonly { id: string; title: string }[];
  /** `kinds`: the kinds of fault that the entry may be cited for. */
  entries: readonly { id: string; title: string; kinds: readonly string[] }[];
}

/** For forms that cite nothing. */
export const NO_WORDS: Vocabulary = { clauses: [], entries: [] };

/** An answer that the form does not have: `at` is the path of the field, `message` says what may stand there. */
export class AnswersError extends Error {
  constructor(
    readonly at: string,
    message: string,
  ) {
    super(message);
    this.name = 'AnswersError';
  }
}

/** An answer as it is offered: its value, the key that gives it, what it says. */
export interface Choice {
  value: string | null;
  key: string;
  text: string;
}

/** A question as the API serves it. */
export interface Question {
  field: string;
  text: string;
  /** What may be answered; absent where it is a text of one's own. */
  answers?: readonly Choice[];
  required: boolean;
  /** Asked only where one of these fields has one of these answers; absent: always. */
  when?: { [field: string]: readonly string[] };
  /** For a list of groups of answers: what is asked for each, and how many there may be. */
  each?: readonly Question[];
  most?: number;
}

export interface FormDescription {
  name: FormName;
  questions: readonly Question[];
}

/** @throws AnswersError unless it is an object with known fields only. */
export function fieldsOf(input: unknown, at: string, known: readonly string[]): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AnswersError(at, `must be an object with ${known.join(', ')}`);
  }
  const fields = { ...input } as Record<string, unknown>;
  const unknown = Object.keys(fields).find((field) => !known.includes(field));
  if (unknown !== undefined) {
    throw new AnswersError(
      `${at}.${unknown.slice(0, 100)}`,
      `this form does not ask for it; there is ${known.join(', ')}`,
    );
  }
  return fields;
}

/** @throws AnswersError unless the value is one of these. */
export function oneOf<const T extends string>(value: unknown, at: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new AnswersError(at, `must be one of ${known.join(', ')}`);
  return found;
}
