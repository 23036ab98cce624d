/** Branded ids: a string that says what it names, so that an item's id is never passed where an assignment's belongs. */
type Branded<Name extends string> = string & { readonly __id: Name };

export type RoundId = Branded<'round'>;
export type ItemId = Branded<'item'>;
export type PromptId = Branded<'prompt'>;
export type PersonId = Branded<'person'>;
export type AccountId = Branded<'account'>;
export type AssignmentId = Branded<'assignment'>;
export type LabelId = Branded<'label'>;
export type RulingId = Branded<'ruling'>;
/** A manual revision's or a capability table's content hash. */
export type ManualHash = Branded<'manual'>;
export type TableHash = Branded<'table'>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text may be the id of an item, an assignment, a label or a ruling; in small letters or in capitals. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The arm and the variant of an ordinary round. */
export const MAIN = 'main';
