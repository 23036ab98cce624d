/** A labeller of the tests: somebody with a token who uses the HTTP API as an outsider would. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answers } from '../../domain/forms';

export interface ServedItem {
  messages: { role: string; content: unknown }[];
  completion: string;
}
export interface Leased {
  assignment: { id: string; leaseExpiresAt: string };
  item: ServedItem;
}
export interface Nothing {
  reason: string;
  retryAfter?: number;
}
export interface ApiReply<Body> {
  status: number;
  body: Body;
}

export class TestLabeller {
  constructor(
    readonly id: string,
    private readonly token: string,
    private readonly siteUrl: string,
    /** Ends all work: of a test that is over, nobody may go on labelling. */
    private readonly over: AbortSignal,
  ) {}

  async next(roundId: string): Promise<Leased | Nothing> {
    return (await this.post<Leased | Nothing>(`/api/rounds/${roundId}/next`)).body;
  }

  label(assignmentId: string, answers: Answers, extra: { key?: string; note?: string } = {}) {
    const { key = randomUUID(), ...rest } = extra;
    return this.post<{ labelId?: string; error?: { kind: string } }>(
      `/api/assignments/${assignmentId}/label`,
      { answers, ...rest },
      { 'idempotency-key': key },
    );
  }

  async post<Body>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiReply<Body>> {
    const response = await fetch(this.siteUrl + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /**
   * Labels whatever is served until nothing is left or `enough` says so. Tries again while the site is away or asks to
   * come back, with the same key, so that each label is given once. @returns the ids of the labels acknowledged.
   */
  async work(
    roundId: string,
    judge: (item: ServedItem) => Answers,
    enough: () => boolean = () => false,
  ): Promise<string[]> {
    const acknowledged: string[] = [];
    while (!enough() && !this.over.aborted) {
      const served = await this.untilAnswered(() => this.next(roundId));
      if ('reason' in served) {
        if (served.reason === 'none-left' && served.retryAfter === undefined) return acknowledged;
        await delay(50);
        continue;
      }
      const key = randomUUID();
      const reply = await this.untilAnswered(() => this.label(served.assignment.id, judge(served.item), { key }));
      if (reply.body.labelId) acknowledged.push(reply.body.labelId);
      else await delay(50);
    }
    return acknowledged;
  }

  private async untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (this.over.aborted) throw error;
        await delay(50);
      }
    }
  }
}
