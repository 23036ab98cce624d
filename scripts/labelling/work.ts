/** `labeller work`: the command around a sitting. */
import { EXIT } from '../failures';
import type { Call } from '../leaf';
import { siteOf, tokenOf } from './access';
import { SiteApi } from './api';
import { type Keyboard, Keys } from './keys';
import { meantRound } from './meant';
import { type Display, Screen } from './screen';
import { Sitting } from './sitting';
import { Tally } from './tally';
import { admitted } from './terms';
import { Left } from './troubles';

/** What a labeller sits at. */
export interface Terminal {
  stdin: Keyboard;
  stdout: Display;
  stderr: Display;
}

/** @returns the exit code. @throws CommandError */
export async function work(call: Call, { stdin, stdout, stderr }: Terminal = process): Promise<number> {
  const url = siteOf(call);
  const screen = new Screen(call.output.json ? stderr : stdout);
  const keys = new Keys(stdin);
  try {
    const api = new SiteApi(url, await tokenOf(call, keys, screen), keys.interrupted);
    await admitted(api, keys, screen);
    const roundId = await meantRound(api, call.args[0], screen);
    const round = `/api/rounds/${encodeURIComponent(roundId)}`;
    await new Sitting({ api, keys, screen, round }, new Tally(call.output, screen)).run();
    return EXIT.done;
  } catch (error) {
    if (error instanceof Left) return error.how === 'interrupted' ? EXIT.interrupted : EXIT.done;
    throw error;
  } finally {
    keys.close();
  }
}
