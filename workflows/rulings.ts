/** Rulings sent to a round by hand: an activity records them, checks each, and writes a refusal down. */
import { allHandlersFinished, CancellationScope, condition, log, setHandler, uuid4 } from '@temporalio/workflow';
import type { RoundActivities } from '../activities/types';
import type { RoundInput } from './ids';
import { rule } from './messages';
import type { Nudges } from './nudges';
import { databaseActivities } from './proxies';

type SentRuling = Parameters<RoundActivities['recordRulings']>[1][number];

/** However many come at once, a history grows by little more than their signals. */
const AT_ONCE = 20;
/** Of its JSON, in characters. What is longer is no ruling, and is refused without being passed on. */
const LONGEST = 20_000;

export class Rulings {
  private readonly waiting: SentRuling[] = [];
  private recording: Promise<void> | undefined;

  /** Construct before the first await, so that no signal comes too early to be heard. */
  constructor(
    private readonly input: RoundInput,
    private readonly nudges: Nudges,
  ) {
    setHandler(rule, (message) => this.take(message));
  }

  /** Returns when all that came so far are recorded. Call before the workflow ends or continues as new. */
  allRecorded(): Promise<void> {
    return condition(allHandlersFinished);
  }

  private async take(message: unknown): Promise<void> {
    const fits = JSON.stringify(message ?? null).length <= LONGEST;
    this.waiting.push({ message: fits ? message : null, sending: uuid4() });
    this.recording ??= this.recordWaiting();
    await this.recording;
  }

  /** In the order in which they came: an informed ruling may follow a blind one at once. */
  private async recordWaiting(): Promise<void> {
    while (this.waiting.length > 0) await this.record(this.waiting.splice(0, AT_ONCE));
    this.recording = undefined;
    // The loop looks again, so that the details show what was refused.
    this.nudges.nudge();
  }

  /** Also where the workflow is being cancelled: what was sent is recorded, if only as refused. Never fails. */
  private async record(sent: SentRuling[]): Promise<void> {
    const { roundId, timings } = this.input;
    const { recordRulings } = databaseActivities(timings);
    try {
      await CancellationScope.nonCancellable(() => recordRulings(roundId, sent));
    } catch (error) {
      log.error('rulings could not be recorded', { roundId, error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}
