/** Which round a labeller means to work on. */
import { harmlessLine } from '../harmless';
import type { SiteApi } from './api';
import type { Screen } from './screen';
import { OwnRounds } from './shapes';
import { noRound, notPlumbline } from './troubles';

/**
 * @param given an id; `latest` and nothing stand for the newest that this labeller may work on.
 * @throws CommandError where there is none, SiteAway
 */
export async function meantRound(api: SiteApi, given: string | undefined, screen: Screen): Promise<string> {
  if (given !== undefined && given !== 'latest') return given;
  const reply = await api.get('/api/rounds', OwnRounds);
  if (!reply.ok) throw notPlumbline(api.url, reply.status);
  const [newest] = reply.body.rounds;
  if (!newest) throw noRound(api.url);
  const until = newest.deadlineAt.slice(0, 16).replace('T', ' ');
  screen.say(`Round ${harmlessLine(newest.roundId)}, until ${until} UTC.`);
  return newest.roundId;
}
