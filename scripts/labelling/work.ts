/** `labeller work`: the command around a sitting. */
import { EXIT } from '../failures';
import type { Call } from '../leaf';
import { siteOf, tokenOf } from './access';
import { SiteApi } from './api';
import { Keys } from './keys';
import { Screen } from './screen';
import { Sitting } from './sitting';
import { Tally } from './tally';
import { Left } from './troubles';

/** @returns the exit code. @throws CommandError */
export async function work(call: Call): Promise<number> {
  const url = siteOf(call);
  const screen = new Screen(call.output.json ? process.stderr : process.stdout);
  const keys = new Keys();
  try {
    const api = new SiteApi(url, await tokenOf(call, keys, screen), keys.interrupted);
    const round = `/api/rounds/${encodeURIComponent(call.args[0] ?? '')}`;
    await new Sitting({ api, keys, screen, round }, new Tally(call.output, screen)).run();
    return EXIT.done;
  } catch (error) {
    if (error instanceof Left) return error.how === 'interrupted' ? EXIT.interrupted : EXIT.done;
    throw error;
  } finally {
    keys.close();
  }
}
