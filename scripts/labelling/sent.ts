/** What was sent in this sitting, and what of it `z` takes back: a label may be, a can't-judge never. */
import type { Remarks } from './question';

export interface SentLabel {
  kind: 'label';
  assignmentId: string;
  remarks: Remarks;
  summary: string;
}
type Act = SentLabel | { kind: 'skip'; code: string };

export class Sent {
  private readonly acts: Act[] = [];
  /** They know that `z` passes over what cannot be taken back. */
  private told = false;

  add(act: Act): void {
    this.acts.push(act);
    this.told = false;
  }

  /** The label that `z` is about. */
  get label(): SentLabel | undefined {
    return this.acts.findLast((act) => act.kind === 'label');
  }

  /** What `z` would do now, for somebody who is offered it; undefined if nothing can be taken back. */
  offer(): string | undefined {
    const { label, stays } = this;
    if (!label) return undefined;
    this.told = true;
    return stays ? `z takes back the label before the can’t-judge (${label.summary})` : 'z takes back the last label';
  }

  /** What must be said instead of taking a label back: that the last act cannot be, or that there is none. */
  instead(): string | undefined {
    const { label, stays } = this;
    if (!stays) return label ? undefined : 'There is no label of this sitting to take back.';
    if (label && this.told) return undefined;
    this.told = true;
    const last = `That you could not judge the last item (${stays.code}) cannot be taken back; you will not see it again.`;
    return label ? `${last} z again takes back the label before it: ${label.summary}.` : last;
  }

  /** The label, and what was sent after it, is no more to be taken back. */
  drop(label: SentLabel): void {
    this.acts.length = Math.max(0, this.acts.indexOf(label));
    this.told = false;
  }

  /** The last act, where it is one that stays. */
  private get stays(): Extract<Act, { kind: 'skip' }> | undefined {
    const last = this.acts.at(-1);
    return last?.kind === 'skip' ? last : undefined;
  }
}
