/**
 * A simulated labeller at work, over the same HTTP API as people: item after item, one request at a time, for as long as the
 * process lives. Nothing is remembered between two processes: what is in hand is asked of the site, and what is said of an
 * item follows from the item.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Act, answer } from './answer';
import type { Patient } from './patience';
import { PROFILES, type ProfileName } from './profiles';
import { Done, type Leased, Leases, Next, Rounds, Terms } from './shapes';
import type { TruthTeller } from './truthTeller';

/** How often somebody with nothing to do looks for work. */
export const LOOK_MS = 2_000;

export interface LabellerOptions {
  name: string;
  profile: ProfileName;
  seed: string;
  pace: number;
  site: Patient;
  truth: TruthTeller;
  log: Logger;
}

export class Labeller {
  /** When it is worth asking a round again, ms. */
  private readonly again = new Map<string, number>();

  constructor(private readonly options: LabellerOptions) {}

  /** Never comes back. */
  async work(): Promise<never> {
    for (;;) {
      const looked = this.look().catch((error: Error) => {
        this.options.log.error({ error: error.message }, 'left off');
        return LOOK_MS;
      });
      await delay(await looked);
    }
  }

  /**
   * Works through every simulated round that is open to this labeller; others are not theirs to touch.
   * @returns when to look again, ms.
   */
  private async look(): Promise<number> {
    const reply = await this.options.site.get('/api/rounds', Rounds);
    if (!reply.ok) throw new Error(`the site refuses: ${reply.kind}`);
    const open = reply.body.rounds.filter(({ simulated }) => simulated).map(({ roundId }) => roundId);
    for (const roundId of this.again.keys()) if (!open.includes(roundId)) this.again.delete(roundId);
    for (const roundId of open) {
      if (Date.now() < (this.again.get(roundId) ?? 0)) continue;
      const seconds = await this.workThrough(roundId);
      this.again.set(roundId, Date.now() + seconds * 1_000);
    }
    return Math.max(0, Math.min(LOOK_MS, ...[...this.again.values()].map((at) => at - Date.now())));
  }

  /** Until nothing is left for now, what an earlier process left in hand first. @returns when to ask again, seconds. */
  private async workThrough(roundId: string): Promise<number> {
    const { site } = this.options;
    const round = `/api/rounds/${encodeURIComponent(roundId)}`;
    const own = await site.get(`${round}/assignments`, Leases);
    if (own.ok) for (const leased of own.body.assignments) await this.judge(leased);
    for (;;) {
      const next = await site.post(`${round}/next`, Next);
      if (!next.ok) return LOOK_MS / 1_000;
      if (!('reason' in next.body)) await this.judge(next.body);
      else if (next.body.reason !== 'consent-needed' || !(await this.agree()))
        return next.body.retryAfter ?? LOOK_MS / 1_000;
    }
  }

  /** Whatever the terms say: nobody is paid, and nobody is hurt. @returns whether they are agreed to now. */
  private async agree(): Promise<boolean> {
    const { site } = this.options;
    const me = await site.get('/api/me', Terms);
    if (!me.ok || me.body.terms === null) return false;
    const { hash } = me.body.terms;
    return (await site.post('/api/me/consent', Done, { body: { hash } })).ok;
  }

  /** Too late, or somebody else's by now: on to the next. @throws Error for a refusal that is a fault of the simulation. */
  private async judge(leased: Leased): Promise<void> {
    const { name: labeller, seed, log } = this.options;
    const { id, leaseExpiresAt } = leased.assignment;
    await this.options.site.post(`/api/assignments/${id}/view`, Done);
    const profile = PROFILES[this.options.profile];
    const truth = profile.looks ? await this.options.truth.of(leased.item) : null;
    const act = answer({ seed, labeller, profile, item: leased.item, form: leased.form }, truth);
    await this.think(act.seconds, Date.parse(leaseExpiresAt));
    const reply = await this.send(id, act);
    if (reply.ok) return log.debug({ assignment: id, act: act.kind }, 'done');
    if (![404, 409, 410].includes(reply.status)) throw new Error(`${act.kind} refused: ${reply.status} ${reply.kind}`);
    log.info({ assignment: id, kind: reply.kind }, 'not taken');
  }

  /** However slow the pace, half of what is left of the lease is kept for sending. */
  private async think(seconds: number, leaseEnds: number): Promise<void> {
    const ms = Math.min(seconds * this.options.pace * 1_000, (leaseEnds - Date.now()) / 2);
    if (ms > 0) await delay(ms);
  }

  /** The assignment's id is the key: a label sent by two processes counts once. */
  private send(id: string, act: Act) {
    const { site } = this.options;
    if (act.kind === 'skip') return site.post(`/api/assignments/${id}/skip`, Done, { body: { code: act.code } });
    const { answers, unsure } = act;
    const body = { answers, ...(unsure && { unsure }) };
    return site.post(`/api/assignments/${id}/label`, Done, { body, key: id });
  }
}
