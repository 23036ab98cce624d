/** A line of text, typed where otherwise single keys count. */
import { harmlessLine } from '../harmless';
import { BACKSPACE, CLEAR_LINE, ENTER, ESCAPE, type Keys } from './keys';
import type { Screen } from './screen';

/**
 * Enter ends it, Ctrl-U clears it.
 * @param text what stands there to begin with.
 * @returns undefined if it was given up with Escape.
 * @throws Left if there are no more keys.
 */
export async function readLine(
  keys: Keys,
  screen: Screen,
  { label, text = '', shown = true }: { label: string; text?: string; shown?: boolean },
): Promise<string | undefined> {
  let typed = [...text];
  for (;;) {
    screen.typing(label, shown ? harmlessLine(typed.join('')) : '');
    const key = await keys.next();
    if (key === ENTER || key === ESCAPE) {
      screen.typed();
      return key === ENTER ? typed.join('') : undefined;
    }
    if (key === CLEAR_LINE) typed = [];
    else typed = key === BACKSPACE ? typed.slice(0, -1) : [...typed, key];
  }
}
