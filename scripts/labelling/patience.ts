/** Asking a site that is away again, until it answers or the labeller has had enough. */
import type { Keys } from './keys';
import type { Screen } from './screen';
import { Left, SiteAway } from './troubles';

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** Where nobody is there to press q: about a minute. */
const TRIES = 8;

/**
 * @param meanwhile what is not done yet, for the person who waits.
 * @throws SiteAway if nobody is there to wait on; Left if they have had enough.
 */
export async function untilAnswered<T>(
  { keys, screen }: { keys: Keys; screen: Screen },
  meanwhile: string,
  ask: () => Promise<T>,
): Promise<T> {
  for (let failed = 1; ; failed += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SiteAway) || (!keys.terminal && failed >= TRIES)) throw error;
      const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failed - 1));
      const seconds = ms < 1_000 ? ms / 1_000 : Math.round(ms / 1_000);
      screen.say(
        `The site does not answer (${error.reason}); ${meanwhile}. Again in ${seconds} s; q leaves.`,
        'yellow',
      );
      if ((await keys.within(ms, ['q'])) === 'q') throw new Left('quit');
    }
  }
}
