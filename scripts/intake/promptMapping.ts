/** Which of a file's own fields stand for ours: `prompt=question`. */
import type { Problem } from '../../domain/problems';
import type { JsonObject } from './lineFault';
import { didYouMean, nearest } from './suggestions';

/** What a file may say of a prompt by a name that is known. */
export const OUR_FIELDS = [
  'id',
  'prompt',
  'messages',
  'turns',
  'instruction',
  'input',
  'completion',
  'judge_turn',
  'lang',
  'requirements',
] as const;
export type OurField = (typeof OUR_FIELDS)[number];

/** All names under which a prompt may stand. */
export const PROMPT_FIELDS = ['prompt', 'input', 'question', 'text', 'instruction', 'turns', 'messages'] as const;
/** The first that is there. */
export const ID_FIELDS = ['id', 'uid', 'question_id'] as const;
const NAMES_REMEMBERED = 200;

/** What is wrong with a name that is mapped; undefined where nothing is. */
export function unknownField(ours: string): Pick<Problem, 'message' | 'hint'> | undefined {
  if (OUR_FIELDS.some((known) => known === ours)) return undefined;
  return { message: `there is no field ${ours.slice(0, 50)}`, hint: didYouMean(ours, OUR_FIELDS) };
}

export class FieldMap {
  private readonly pairs: (readonly [string, string])[];
  private readonly unseen: Set<string>;
  private readonly names = new Set<string>();
  /** Names that have another meaning in the file than with us. */
  private readonly taken: Set<string>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.pairs = Object.entries(fields);
    this.unseen = new Set(Object.values(fields));
    this.taken = new Set(Object.keys(fields).flatMap(replacedBy));
    // Beside an instruction it is what the instruction is about.
    if (fields.instruction !== undefined && fields.input === undefined) this.taken.delete('input');
  }

  /** The file's name for one of our fields. */
  theirs(ours: string): string {
    return this.pairs.find(([our]) => our === ours)?.[1] ?? ours;
  }

  /** Names of the file that are mapped to a field that holds prompts. */
  holdsPrompts(names: readonly string[]): boolean {
    const mapped = this.pairs.filter(([ours]) => PROMPT_FIELDS.some((known) => known === ours));
    if (mapped.length > 0) return mapped.some(([, theirs]) => names.includes(theirs));
    return PROMPT_FIELDS.some((field) => names.includes(field));
  }

  /** A row by our names, and apart from them what it has under names that mean something else here. */
  apply(row: JsonObject): { fields: JsonObject; others: JsonObject } {
    if (this.pairs.length === 0) return { fields: row, others: {} };
    this.note(row);
    const used = new Set(this.pairs.map(([, theirs]) => theirs));
    const rest = Object.entries(row).filter(([name]) => !used.has(name));
    const mapped = this.pairs.flatMap(([ours, theirs]) => (Object.hasOwn(row, theirs) ? [[ours, row[theirs]]] : []));
    return {
      fields: Object.fromEntries([...rest.filter(([name]) => !this.taken.has(name)), ...mapped]),
      others: Object.fromEntries(rest.filter(([name]) => this.taken.has(name))),
    };
  }

  /** Fields that were to be found and that no row has had. */
  missing(): { ours: string; message: string; hint: string }[] {
    return this.pairs
      .filter(([, theirs]) => this.unseen.has(theirs))
      .map(([ours, theirs]) => {
        const known = [...this.names];
        const meant = nearest(theirs, known);
        const hint = meant ? `did you mean ${meant}?` : `rows have: ${known.slice(0, 20).join(', ').slice(0, 300)}`;
        return { ours, message: `no row has a field ${theirs.slice(0, 100)}`, hint };
      });
  }

  private note(row: JsonObject): void {
    if (this.unseen.size === 0) return;
    for (const name of Object.keys(row)) {
      this.unseen.delete(name);
      if (this.names.size < NAMES_REMEMBERED) this.names.add(name);
    }
  }
}

/** Where one of our fields is mapped, the names that would mean the same do not any more. */
function replacedBy(ours: string): readonly string[] {
  if (ours === 'id') return ID_FIELDS;
  return PROMPT_FIELDS.some((field) => field === ours) && ours !== 'input' ? PROMPT_FIELDS : [ours];
}
