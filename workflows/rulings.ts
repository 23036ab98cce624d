/** Rulings sent to a round by hand: an activity records them, checks each, and writes a refusal down. */
import { type RawValue, rawValueTypeInfo } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineSignal,
  log,
  setHandler,
  uuid4,
} from '@temporalio/workflow';
import type { RoundActivities } from '../activities/types';
import type { RoundInput } from './ids';
import { rule } from './messages';
import type { Nudges } from './nudges';
import { readPayload } from './payload';
import { databaseActivities } from './proxies';

type SentRuling = Parameters<RoundActivities['recordRulings']>[1][number];

/** However many come at once, a history grows by little more than their signals. */
const AT_ONCE = 20;
/** As it was sent: a payload that cannot be read must not fail the workflow's task for ever. */
const ruleAsSent = defineSignal<[RawValue?]>(rule.name, { typeInfo: { inputTypes: [rawValueTypeInfo] } });

export class Rulings {
  private readonly waiting: SentRuling[] = [];
  private recording: Promise<void> | undefined;

  /** Construct before the first await, so that no signal comes too early to be heard. */
  constructor(
    private readonly input: RoundInput,
    private readonly nudges: Nudges,
  ) {
    setHandler(ruleAsSent, (sent) => this.take(sent));
  }

  /** Returns when all that came so far are recorded. Call before the workflow ends or continues as new. */
  allRecorded(): Promise<void> {
    return condition(allHandlersFinished);
  }

  private async take(sent: RawValue | undefined): Promise<void> {
    this.waiting.push({ message: readPayload(sent), sending: uuid4() });
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
