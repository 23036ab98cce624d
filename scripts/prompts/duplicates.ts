/** Prompts of a set that are the same as an earlier one, or nearly so: noted, never refused. */
import type { NewPrompt } from '../../domain/prompts';
import { canonicalJson } from '../../domain/text';
import type { PromptFile } from '../intake/promptFile';
import { SeenTexts } from '../intake/promptIds';
import { Places } from '../intake/promptPlaces';
import { Likeness } from './likeness';
import { saidIn, wordsIn } from './words';

/** Beyond them only words that are the same are looked for. */
export const MOST_COMPARED = 500_000;
const PAIRS_TOLD = 10;

export interface Duplicates {
  /** Prompts that are word for word an earlier one, with the same completion. */
  exact: number;
  /** Those that are an earlier one but for case, punctuation or white space, or for some words. */
  near: number;
  /** The first of either, by their places. */
  pairs: { kind: Noted['kind']; at: string; of: string }[];
  /** How many prompts were compared for words in common. */
  compared: number;
  /** Whether there were more than are compared. */
  capped: boolean;
}

/** Two prompts by their numbers in the set. */
interface Noted {
  kind: 'exact' | 'near';
  number: number;
  of: number;
}

export class DuplicateSearch {
  private readonly places = new Places();
  private readonly texts = new SeenTexts(64);
  private readonly normalised = new SeenTexts(64);
  private readonly likeness = new Likeness();
  /** Of each text that was compared, its prompt. */
  private readonly compared: number[] = [];
  private readonly exact: Noted[] = [];
  private readonly reworded: Noted[] = [];
  private readonly found = { exact: 0, near: 0 };
  private capped = false;

  constructor(private readonly most = MOST_COMPARED) {}

  add(prompt: NewPrompt, file: PromptFile, line: number): void {
    const number = this.places.add(file, line);
    const { messages, completion, judgeTurn } = prompt;
    const same = this.texts.add(canonicalJson({ messages, completion, judgeTurn }), number);
    if (same !== undefined) {
      this.note(this.exact, { kind: 'exact', number, of: same });
      return;
    }
    const words = wordsIn(saidIn(prompt));
    const alike = this.normalised.add(words.join(' '), number);
    if (alike !== undefined) {
      this.note(this.reworded, { kind: 'near', number, of: alike });
      return;
    }
    this.capped = this.likeness.size >= this.most;
    if (this.capped) return;
    this.compared.push(number);
    this.likeness.add(words);
  }

  /** To be asked once, when all are added. */
  result(): Duplicates {
    const alike: Noted[] = [];
    for (const [text, earlier] of this.likeness.pairs()) {
      this.note(alike, { kind: 'near', number: this.compared[text] ?? 0, of: this.compared[earlier] ?? 0 });
    }
    const pairs = [...this.exact, ...this.reworded, ...alike]
      .sort((a, b) => a.number - b.number)
      .slice(0, PAIRS_TOLD)
      .map(({ kind, number, of }) => ({ kind, at: this.places.shown(number), of: this.places.shown(of) }));
    return { ...this.found, pairs, compared: this.likeness.size, capped: this.capped };
  }

  private note(list: Noted[], noted: Noted): void {
    this.found[noted.kind] += 1;
    if (list.length < PAIRS_TOLD) list.push(noted);
  }
}
