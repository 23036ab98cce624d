/** The world that wrote the completions, asked what one is worth. */
import type { Logger } from 'pino';
import type { JudgedItem } from './answer';
import type { Patient } from './patience';
import { Truth } from './truth';

export class TruthTeller {
  constructor(
    private readonly world: Patient,
    private readonly log: Logger,
  ) {}

  /** @returns null for a text that no model of this world wrote, or that the world cannot read. */
  async of({ messages, completion }: JudgedItem): Promise<Truth | null> {
    const reply = await this.world.post('', Truth, { body: { messages, completion } });
    if (reply.ok) return reply.body;
    this.log.warn({ status: reply.status, kind: reply.kind }, 'the world does not know a completion');
    return null;
  }
}
