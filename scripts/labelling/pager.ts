/** Lines for a person at a terminal, a screenful at a time. */
import type { Key } from './keys';
import type { Screen } from './screen';
import { wrap } from './wrap';

const GOES_ON = new Set([' ', 'enter']);
/** Lines kept free under a screenful, for what is asked there. */
const ROOM = 2;

/**
 * Space goes on, q ends, and ? where it leads somewhere; other keys do nothing until the last line is shown.
 * @param or what ? leads to, if anything. @param atEnd what is asked after the last line. @returns the key that ended it.
 */
export async function page(
  screen: Screen,
  lines: readonly string[],
  { next, or, atEnd }: { next: () => Promise<Key>; or?: string; atEnd: string },
): Promise<Key> {
  const ends = or === undefined ? ['q'] : ['q', '?'];
  const most = Math.max(1, screen.rows - ROOM);
  screen.clear();
  for (let at = 0; ; ) {
    for (const line of lines.slice(at, at + most)) screen.line(line);
    at += most;
    const left = lines.length - at;
    const asked =
      left > 0
        ? [`${left} more lines: space goes on, q ends`, ...(or === undefined ? [] : [`? ${or}`])].join(', ')
        : atEnd;
    screen.block(wrap(asked, screen.width).map((line) => screen.paint('inverse', line)));
    let key = await next();
    while (left > 0 && !ends.includes(key) && !GOES_ON.has(key)) key = await next();
    screen.clear();
    if (left <= 0 || ends.includes(key)) return key;
  }
}
