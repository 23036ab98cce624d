/** What was done in this sitting; each act is told as it is done. */
import { count, type Output } from '../output';
import type { Screen } from './screen';
import { wrap } from './wrap';

export class Tally {
  /** Labels that stand. */
  labelled = 0;
  private cantJudge = 0;
  private readonly from = Date.now();

  constructor(
    private readonly output: Output,
    private readonly screen: Screen,
  ) {}

  didLabel(assignmentId: string, labelId: string, summary: string): void {
    this.labelled += 1;
    if (this.output.json) this.output.record({ event: 'labelled', assignmentId, labelId }, '');
    // Until the next item is shown, which says it above.
    this.screen.block(wrap(`✓ ${summary}`, this.screen.width));
  }

  didSkip(assignmentId: string, code: string): void {
    this.cantJudge += 1;
    this.tell({ event: 'skipped', assignmentId, code }, `– could not judge it: ${code}`);
  }

  didUndo(assignmentId: string, summary: string): void {
    this.labelled -= 1;
    this.tell({ event: 'undone', assignmentId }, `↶ taken back: ${summary}. Here is its item again`);
  }

  wasRefused(assignmentId: string, kind: string, kept: boolean, human: string): void {
    this.tell({ event: 'refused', assignmentId, kind, kept }, human);
  }

  waits(reason: string, human: string): void {
    this.tell({ event: 'waiting', reason }, human);
  }

  /** Whether anything was done. */
  get began(): boolean {
    return this.labelled + this.cantJudge > 0;
  }

  /** @param until when what is still in hand goes to others. @param givenBack how many items were in hand till now. */
  ends(reason: string, { until, givenBack = 0 }: { until?: string | undefined; givenBack?: number } = {}): void {
    const { labelled, cantJudge } = this;
    const seconds = Math.round((Date.now() - this.from) / 1_000);
    const unjudged = cantJudge > 0 ? `, ${cantJudge} that you could not judge` : '';
    const time = `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    const free = givenBack > 0 ? ' What you had in hand is free for others.' : '';
    const left = until === undefined ? free : ` What you have in hand goes to others at ${until}.`;
    const human = `${count(labelled, 'label')}${unjudged}, in ${time}.${left}`;
    this.tell({ event: 'finished', reason, labelled, cantJudge, givenBack, seconds }, human);
  }

  private tell(record: object, human: string): void {
    if (this.output.json) this.output.record(record, '');
    this.screen.say(human, 'plain');
  }
}
