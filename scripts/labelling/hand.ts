/** The items that a labeller holds, the one to be judged now first; gets the next when there are none. */
import { Desk, type Tools } from './desk';
import { Lease } from './lease';
import { untilAnswered } from './patience';
import type { Remarks } from './question';
import { type Leased, Next, type Nothing, OwnLeases } from './shapes';
import { unknownRound } from './troubles';

export class Hand {
  private desks: Desk[] = [];
  /** Assignments that are done with, even where the site still counts their leases. */
  private readonly done = new Set<string>();

  constructor(private readonly tools: Tools) {}

  /**
   * What was in hand before this sitting.
   * @throws SiteAway at once: there is nothing yet to be patient for.
   */
  async pickUp(): Promise<void> {
    this.desks = await this.own();
  }

  /** The item to judge now, or why there is none. It is in hand until it is put down. */
  async first(): Promise<Desk | Nothing> {
    const [held] = this.desks;
    if (held) return held;
    const { api, round } = this.tools;
    const reply = await untilAnswered(this.tools, 'there is no next item yet', () => api.post(`${round}/next`, Next));
    if (!reply.ok) throw unknownRound(api.url);
    if ('reason' in reply.body) {
      // An answer of the site's may have been lost on its way: then there is a lease that was never shown.
      this.desks = await untilAnswered(this.tools, 'there is no next item yet', () => this.own());
      return this.desks[0] ?? reply.body;
    }
    const desk = this.deskOf(reply.body, reply.now);
    this.desks = [desk];
    return desk;
  }

  putDown(desk: Desk): void {
    this.done.add(desk.lease.id);
    this.desks = this.desks.filter((one) => one !== desk);
  }

  /** Takes up again, before all others, an item whose label was undone. @returns false if it is not shown any more. */
  async takeUp(assignmentId: string, remarks: Remarks): Promise<boolean> {
    this.done.delete(assignmentId);
    const own = await untilAnswered(this.tools, 'the item is not here yet', () => this.own(remarks));
    const undone = own.find(({ lease }) => lease.id === assignmentId);
    if (undone) this.desks = [undone, ...this.desks];
    return undone !== undefined;
  }

  /** Gives back all that is in hand. @returns how much of it others may have at once. */
  async letGo(): Promise<number> {
    const held = this.desks.length;
    const free = await Promise.all(this.desks.map(({ lease }) => lease.giveBack()));
    this.desks = this.desks.filter((_, i) => !free[i]);
    return held - this.desks.length;
  }

  /** When the first of what is still in hand goes to others. */
  get until(): string | undefined {
    return this.desks[0]?.lease.until;
  }

  private async own(remarks?: Remarks): Promise<Desk[]> {
    const { api, round } = this.tools;
    const reply = await api.get(`${round}/assignments`, OwnLeases);
    if (!reply.ok) throw unknownRound(api.url);
    const held = reply.body.assignments.filter(({ assignment }) => !this.done.has(assignment.id));
    return held.map((leased) => this.deskOf(leased, reply.now, remarks));
  }

  private deskOf(leased: Leased, now: number, remarks?: Remarks): Desk {
    return new Desk(this.tools, new Lease(this.tools.api, leased.assignment, now), leased, remarks);
  }
}
