/** What was done in this sitting; each act is told as it is done. */
import { count, type Output } from '../output';
import type { Screen } from './screen';

export class Tally {
  private labelled = 0;
  private cantJudge = 0;
  private readonly from = Date.now();

  constructor(
    private readonly output: Output,
    private readonly screen: Screen,
  ) {}

  didLabel(assignmentId: string, labelId: string, summary: string): void {
    this.labelled += 1;
    this.tell({ event: 'labelled', assignmentId, labelId }, `✓ ${summary}`);
  }

  didSkip(assignmentId: string, code: string): void {
    this.cantJudge += 1;
    this.tell({ event: 'skipped', assignmentId, code }, `– could not judge it: ${code}`);
  }

  didUndo(assignmentId: string): void {
    this.labelled -= 1;
    this.tell({ event: 'undone', assignmentId }, '↶ the last label is taken back: here is its item again');
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

  /** @param until when what is still in hand goes to others. */
  ends(reason: string, until?: string): void {
    const { labelled, cantJudge } = this;
    const seconds = Math.round((Date.now() - this.from) / 1_000);
    const unjudged = cantJudge > 0 ? `, ${cantJudge} that you could not judge` : '';
    const time = `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    const left = until === undefined ? '' : ` What you have in hand goes to others at ${until}.`;
    const human = `${count(labelled, 'label')}${unjudged}, in ${time}.${left}`;
    this.tell({ event: 'finished', reason, labelled, cantJudge, seconds }, human);
  }

  private tell(record: object, human: string): void {
    if (this.output.json) this.output.record(record, '');
    this.screen.say(human, 'plain');
  }
}
