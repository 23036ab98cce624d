/** What may happen around the commands and the blocks of a section. */
import type { Tour } from './tour';
import type { Printed } from './tourOutput';
import type { Line } from './tourPage';

type Done = Promise<void> | void;

export interface Scene {
  /** By how a command begins. */
  commands?: Readonly<Record<string, Cue>>;
  /** For the blocks that stand under prose, in their order. */
  shown?: readonly ((tour: Tour, documented: readonly Line[]) => Promise<void>)[];
  /** For the blocks that are files, in their order. */
  files?: readonly ((tour: Tour, text: string) => Done)[];
}

export interface Cue {
  /** @param words of the command, as the document has them. */
  before?(tour: Tour, words: readonly string[]): Done;
  /** What is done in its place. */
  instead?(tour: Tour): Done;
  after?(tour: Tour, printed: Printed): Done;
}
