/** Saying that one cannot judge an item, and why. */
import { SKIP_CODES, type SkipCode } from '../../domain/states';
import type { Keys } from './keys';
import type { Screen } from './screen';
import { beside, wrap } from './wrap';

const WHY: Record<SkipCode, string> = {
  language: 'I do not read this language well enough',
  'beyond-my-knowledge': 'it takes knowledge that I do not have and cannot look up',
  upsetting: 'I do not want to read this',
  'personal-data': 'it has private data of a real person',
  broken: 'what is shown is cut off, garbled or not there',
  'possibly-illegal': 'it may be illegal to have: it is taken from everybody at once (asked again first)',
};

/** Taken from everybody by one labeller's word: not by a slip of the finger. */
const GRAVE: SkipCode = 'possibly-illegal';

/** @returns undefined if the labeller goes back. @throws Left */
export async function askWhyNot(keys: Keys, screen: Screen): Promise<SkipCode | undefined> {
  for (;;) {
    const code = await askCode(keys, screen);
    if (code !== GRAVE || (await isMeant(keys, screen))) return code;
  }
}

async function isMeant(keys: Keys, screen: Screen): Promise<boolean> {
  const asked = `${GRAVE}: nobody is shown this item any more, and you cannot take that back. y if you mean it, any other key goes back.`;
  screen.block(['', ...wrap(asked, screen.width).map((line) => screen.paint('bold', line))]);
  const key = await keys.next();
  screen.clear();
  return key === 'y';
}

async function askCode(keys: Keys, screen: Screen): Promise<SkipCode | undefined> {
  screen.block([
    '',
    screen.paint('bold', 'Why can you not judge it? (It never counts against you.)'),
    ...SKIP_CODES.flatMap((code, i) => beside(`  ${i + 1}  `, `${code}: ${WHY[code]}`, screen.width)),
    screen.paint('dim', 'b back'),
  ]);
  for (;;) {
    const key = await keys.next();
    const code = SKIP_CODES.find((_, i) => key === String(i + 1));
    if (code === undefined && key !== 'b') continue;
    screen.clear();
    return code;
  }
}
