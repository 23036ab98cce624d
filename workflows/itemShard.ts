/**
 * A slice of a round's items, from paid calls to the last settled one: generate in chunks, open for labelling, resolve
 * whenever somebody acted, end when nothing is open. An act after the end wakes it as a new run. Chunks end while the round
 * stands still; whoever lets it go on, or asks for failed items again, nudges it, and it plans anew.
 */
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  patched,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { Chunk } from '../activities/types';
import { isOpening, isPending } from '../domain/progress';
import { describeShard, GENERATING } from './details';
import type { ShardInput } from './ids';
import { Nudges } from './nudges';
import { databaseActivities, modelActivities } from './proxies';

export async function itemShard(input: ShardInput): Promise<void> {
  const nudges = new Nudges();
  const { roundId, shard, timings } = input;
  const { planChunks, openItems, resolveItems, advanceItems } = databaseActivities(timings);
  const sparing = patched('looks-once');
  const generation = new Generation(input, nudges, sparing);

  const chunks = await planChunks(roundId, shard);
  generation.start(chunks);
  if (sparing && chunks.length > 0 && !nudges.any && !hasContinued()) {
    // Of a shard that has just begun there is nothing to see before its calls are made, or somebody says so.
    setCurrentDetails(GENERATING);
    await nudges.orAfter(timings.sweepMs);
  }
  let opening = true;
  for (;;) {
    nudges.heard();
    // Before `looks-once` these were two activities. No more awaits for runs from then: a timer more or less ends their replay.
    if (!sparing && opening) opening = (await openItems(roundId, shard)).pending > 0;
    const progress = await (sparing ? advanceItems(roundId, shard, { opening }) : resolveItems(roundId, shard));
    if (sparing) opening = isOpening(progress);
    setCurrentDetails(describeShard(progress));

    if (isPending(progress) && !progress.ended && generation.idle && (sparing || patched('plans-again'))) {
      generation.start(await planChunks(roundId, shard));
      opening = true;
    }
    if (progress.ended) await generation.stop();
    if (progress.ended && !nudges.any) return;
    if (workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= timings.historyEvents) {
      await generation.stop();
      await continueAsNew<typeof itemShard>(input);
    }
    if (nudges.any) continue;
    await nudges.orAfter(timings.sweepMs);
  }
}

/** Its run before may have been told something that it did not look at any more. */
function hasContinued(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}

/** The shard's chunks of paid calls, all under way at once: each worker's permits bound the calls, not the workflow. */
class Generation {
  private scope = new CancellationScope({ cancellable: true });
  private running: Promise<void> = Promise.resolve();
  /** No chunk is under way: what is still pending waits until somebody says that it may go on. */
  idle = true;

  constructor(
    private readonly input: ShardInput,
    private readonly nudges: Nudges,
    private readonly sparing: boolean,
  ) {}

  start(chunks: readonly Chunk[]): void {
    if (chunks.length === 0) return;
    this.idle = false;
    this.scope = new CancellationScope({ cancellable: true });
    this.running = this.scope
      .run(() => (this.sparing ? this.generateByAccount(chunks) : this.generate(chunks)))
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      })
      .finally(() => {
        this.idle = true;
        this.nudges.nudge();
      });
  }

  /** Nothing is opened before an account's last chunk has ended: others may keep the shard waiting for long. */
  private async generateByAccount(chunks: readonly Chunk[]): Promise<void> {
    const { generateChunk } = modelActivities(this.input.timings);
    const accounts = [...Map.groupBy(chunks, ({ accountId }) => accountId).values()];
    await Promise.all(
      accounts.map(async (own) => {
        await Promise.all(own.map((chunk) => generateChunk(chunk)));
        if (accounts.length > 1) this.nudges.nudge();
      }),
    );
  }

  /** As runs did that began before `looks-once`. */
  private async generate(chunks: readonly Chunk[]): Promise<void> {
    const eachIsNews = !patched('opens-when-all-have-ended');
    const { generateChunk } = modelActivities(this.input.timings);
    await Promise.all(
      chunks.map(async (chunk) => {
        await generateChunk(chunk);
        if (eachIsNews) this.nudges.nudge();
      }),
    );
  }

  /** Begins no further call; returns when those in flight are saved. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await this.running;
  }
}
