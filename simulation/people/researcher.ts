/** The simulated researcher: rules on what labellers could not settle in simulated rounds, over the same HTTP API as people. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LOOK_MS } from './labeller';
import type { Patient } from './patience';
import { decide } from './ruling';
import { Contested, Done, Rounds, ShownItem } from './shapes';
import type { TruthTeller } from './truthTeller';

export interface ResearcherOptions {
  name: string;
  seed: string;
  pace: number;
  site: Patient;
  truth: TruthTeller;
  log: Logger;
}

const AT_ONCE = 50;
const SECONDS = 0.1;

export class Researcher {
  /** Of which nobody can say what is true: they wait for somebody else. */
  private readonly unknown = new Set<string>();

  constructor(private readonly options: ResearcherOptions) {}

  /** Never comes back. */
  async work(): Promise<never> {
    for (;;) {
      await this.look().catch((error: Error) => this.options.log.error({ error: error.message }, 'left off'));
      await delay(LOOK_MS);
    }
  }

  private async look(): Promise<void> {
    const reply = await this.options.site.get('/api/contested', Rounds);
    if (!reply.ok) throw new Error(`the site refuses: ${reply.kind}`);
    for (const { roundId, simulated } of reply.body.rounds) if (simulated) await this.ruleIn(roundId);
  }

  /** In the order of the list, so that what is ruled on is a random sample. What ended unresolved at the deadline stays so. */
  private async ruleIn(roundId: string): Promise<void> {
    const limit = Math.min(1_000, AT_ONCE + this.unknown.size);
    const path = `/api/rounds/${encodeURIComponent(roundId)}/contested?limit=${limit}`;
    const reply = await this.options.site.get(path, Contested);
    if (!reply.ok) return;
    for (const { itemId, state, rulings } of reply.body.items) {
      if (state === 'contested' && rulings.length === 0 && !this.unknown.has(itemId)) await this.rule(itemId);
    }
  }

  private async rule(itemId: string): Promise<void> {
    const { name: researcher, seed, pace, site, truth, log } = this.options;
    const shown = await site.get(`/api/items/${itemId}`, ShownItem);
    if (!shown.ok) return;
    const { form, ...item } = shown.body;
    const known = await truth.of(item);
    if (known === null) {
      this.unknown.add(itemId);
      return log.warn({ item: itemId }, 'nobody knows what is true of it');
    }
    const ruling = decide({ seed, researcher, item, form }, known);
    if (pace > 0) await delay(SECONDS * pace * 1_000);
    const reply = await site.post(`/api/items/${itemId}/rulings`, Done, { body: ruling });
    if (reply.ok) return log.debug({ item: itemId }, 'ruled');
    if (reply.status !== 404 && reply.status !== 409) throw new Error(`ruling refused: ${reply.status} ${reply.kind}`);
    log.info({ item: itemId, kind: reply.kind }, 'not taken');
  }
}
