/** The time that an item stays in one's hand. */
import type { Reply, SiteApi } from './api';
import { Held, type Leased, Released, Viewed } from './shapes';

/** Below this share of the time there was at first, a labeller who is at work gets more. */
const SHARE = 1 / 3;
/** An extension that gives less is the last. */
const WORTH_MS = 1_000;
/** Who leaves does not wait longer than this for the site to know it. */
const PARTING_MS = 3_000;

export class Lease {
  readonly id: string;
  /** By the clock here, ms. */
  private end: number;
  private readonly whole: number;
  private extending = false;
  private exhausted = false;
  private telling: Promise<unknown> = Promise.resolve();

  /** @param now the site's clock when it told the end: the two clocks need not agree. */
  constructor(
    private readonly api: SiteApi,
    { id, leaseExpiresAt }: Leased['assignment'],
    now: number,
  ) {
    this.id = id;
    this.whole = Date.parse(leaseExpiresAt) - now;
    this.end = Date.now() + this.whole;
  }

  /** Hours and minutes by the clock on the wall. */
  get until(): string {
    return new Date(this.end).toTimeString().slice(0, 5);
  }

  /** @throws SiteAway, CommandError */
  async extend(): Promise<Reply<{ assignment: { leaseExpiresAt: string } }>> {
    const reply = await this.api.post(`/api/assignments/${this.id}/extend`, Held);
    if (!reply.ok) {
      this.exhausted = true;
      return reply;
    }
    const end = Date.now() + Date.parse(reply.body.assignment.leaseExpiresAt) - reply.now;
    this.exhausted = end - this.end < WORTH_MS;
    this.end = end;
    return reply;
  }

  /** The item is on the screen: time that is paid begins. Where the site does not hear it, it began with the lease. */
  shown(): void {
    this.telling = this.api.post(`/api/assignments/${this.id}/view`, Viewed).catch(() => undefined);
  }

  /** What was said of the item so far has arrived, or will not. */
  told(): Promise<unknown> {
    return this.telling;
  }

  /** For others to have. @returns whether the site took it; if not, others have it when its time is over. */
  async giveBack(): Promise<boolean> {
    try {
      const reply = await this.api.post(`/api/assignments/${this.id}/release`, Released, { partingMs: PARTING_MS });
      return reply.ok;
    } catch {
      return false;
    }
  }

  /** Somebody is at work: their lease shall not run out under their hands. Fails in silence; the next key tries again. */
  keep(): void {
    if (this.extending || this.exhausted || this.end - Date.now() > this.whole * SHARE) return;
    this.extending = true;
    const done = () => {
      this.extending = false;
    };
    this.extend().then(done, done);
  }
}
