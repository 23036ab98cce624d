/** A labeller at work: item after item, until nothing is left or they leave. */
import { randomUUID } from 'node:crypto';
import { harmlessLine } from '../harmless';
import type { Decision, Desk, Tools } from './desk';
import { Hand } from './hand';
import { whyNothing } from './nothing';
import { untilAnswered } from './patience';
import { Sent } from './sent';
import { Accepted, Held, type Nothing, type Refusal, Skipped } from './shapes';
import type { Tally } from './tally';
import { Left } from './troubles';

export class Sitting {
  private readonly hand: Hand;
  private readonly sent = new Sent();
  /** The label that was sent just now. */
  private justSent = '';
  private shown: Desk | undefined;
  private waitsFor = '';

  constructor(
    private readonly tools: Tools,
    private readonly tally: Tally,
  ) {
    this.hand = new Hand(tools);
  }

  /** Comes back when nothing is left. @throws Left when they have left; SiteAway, CommandError */
  async run(): Promise<void> {
    const { hand, tally } = this;
    await hand.pickUp();
    try {
      for (;;) {
        const now = await hand.first();
        if (!('reason' in now)) await this.judge(now);
        else if (!(await this.waits(now))) return tally.ends(now.reason);
      }
    } catch (error) {
      this.tools.screen.clear();
      if (error instanceof Left) {
        const givenBack = await hand.letGo();
        tally.ends(error.how, { until: hand.until, givenBack });
      } else if (tally.began) tally.ends('failed', { until: hand.until });
      throw error;
    }
  }

  private async judge(desk: Desk): Promise<void> {
    this.waitsFor = '';
    if (this.shown !== desk) await this.show(desk);
    const decision = await desk.decide();
    switch (decision.kind) {
      case 'label':
        return this.label(desk, decision);
      case 'skip':
        return this.skip(desk, decision.code);
      case 'undo':
        return this.undo();
    }
  }

  private async show(desk: Desk): Promise<void> {
    const { keys, screen } = this.tools;
    const header = ` labelled ${this.tally.labelled} in this sitting · yours until ${desk.lease.until} `;
    this.shown = desk;
    screen.clear();
    screen.line();
    screen.line(screen.paint('dim', header.padStart(screen.width, '─')));
    if (this.justSent !== '') screen.say(`sent: ${this.justSent} · z takes it back`);
    this.justSent = '';
    desk.show();
    desk.lease.shown();
    await keys.settle();
  }

  /** The key stays the same however often it is sent: the label counts once. */
  private async label(desk: Desk, { answers, remarks, summary }: Extract<Decision, { kind: 'label' }>) {
    const { api } = this.tools;
    const { id } = desk.lease;
    const { unsure, note } = remarks;
    const body = { answers, ...(unsure && { unsure }), ...(note !== '' && { note }) };
    const request = { body, key: randomUUID() };
    const send = () => api.post(`/api/assignments/${id}/label`, Accepted, request);
    await desk.lease.told();
    const reply = await untilAnswered(this.tools, 'your label is not known to be saved', send);
    if (!reply.ok) return this.refused(desk, reply.status, reply.error);
    this.sent.add({ kind: 'label', assignmentId: id, remarks, summary });
    this.justSent = summary;
    this.tally.didLabel(id, reply.body.labelId, summary);
    this.hand.putDown(desk);
  }

  private async skip(desk: Desk, code: string): Promise<void> {
    const { id } = desk.lease;
    const send = () => this.tools.api.post(`/api/assignments/${id}/skip`, Skipped, { body: { code } });
    await desk.lease.told();
    const reply = await untilAnswered(this.tools, 'the item is still yours', send);
    if (!reply.ok) return this.refused(desk, reply.status, reply.error);
    this.sent.add({ kind: 'skip', code });
    this.justSent = '';
    this.tally.didSkip(id, code);
    this.hand.putDown(desk);
  }

  /** A request that was wrong can be mended; any other refusal is the end of this item for this labeller. */
  private refused(desk: Desk, status: number, { kind, message, kept = false }: Refusal): void {
    const fate = kept ? ' What you answered is kept, but does not count.' : '';
    this.tally.wasRefused(desk.lease.id, kind, kept, `✗ not taken: ${harmlessLine(message)}.${fate}`);
    if (status !== 400) this.hand.putDown(desk);
  }

  private async undo(): Promise<void> {
    const { api, screen } = this.tools;
    const instead = this.sent.instead();
    const last = this.sent.label;
    if (instead !== undefined || !last) return screen.say(instead ?? '', 'yellow');
    const send = () => api.post(`/api/assignments/${last.assignmentId}/undo`, Held);
    const reply = await untilAnswered(this.tools, 'the label stands', send);
    this.sent.drop(last);
    this.justSent = '';
    if (!reply.ok) return screen.say(`It cannot be taken back: ${harmlessLine(reply.error.message)}.`, 'yellow');
    this.tally.didUndo(last.assignmentId, last.summary);
    const there = await this.hand.takeUp(last.assignmentId, last.remarks);
    if (!there) screen.say('The item is not shown any more.', 'yellow');
  }

  /** @returns false where there is nothing to wait for. @throws Left */
  private async waits({ reason, retryAfter }: Nothing): Promise<boolean> {
    const { keys } = this.tools;
    const why = whyNothing(reason);
    if (retryAfter === undefined) return this.mayTakeBack(why);
    if (keys.over) throw new Left('input-ended');
    if (reason !== this.waitsFor) {
      const offers = ['q leaves', this.sent.offer()].filter((one) => one !== undefined);
      this.tally.waits(reason, `${why} Asking again until there is; ${offers.join(', ')}.`);
    }
    this.waitsFor = reason;
    const key = await keys.idle(retryAfter * 1_000, ['q', 'z']);
    if (key === 'q') throw new Left('quit');
    if (key === 'z') await this.undo();
    return true;
  }

  /** The last label of all can be taken back like any other, by somebody who is there to do it. */
  private async mayTakeBack(why: string): Promise<boolean> {
    const { keys, screen } = this.tools;
    screen.say(why, 'plain');
    const offer = keys.terminal ? this.sent.offer() : undefined;
    if (offer === undefined) return false;
    screen.say(`${offer}, any other key ends.`);
    if ((await keys.next()) !== 'z') return false;
    await this.undo();
    return true;
  }
}
