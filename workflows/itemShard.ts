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
import { describeShard } from './details';
import type { ShardInput } from './ids';
import { Nudges } from './nudges';
import { databaseActivities, modelActivities } from './proxies';

export async function itemShard(input: ShardInput): Promise<void> {
  const nudges = new Nudges();
  const { roundId, shard, timings } = input;
  const { planChunks, openItems, resolveItems } = databaseActivities(timings);
  const generation = new Generation(input, nudges);

  generation.start(await planChunks(roundId, shard));
  let generating = true;
  for (;;) {
    nudges.heard();
    if (generating) generating = (await openItems(roundId, shard)).pending > 0;
    const progress = await resolveItems(roundId, shard);
    setCurrentDetails(describeShard(progress));

    if ((progress.items.pending ?? 0) > 0 && !progress.ended && generation.idle && patched('plans-again')) {
      generation.start(await planChunks(roundId, shard));
      generating = true;
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

/** The shard's chunks of paid calls, all under way at once: each worker's permits bound the calls, not the workflow. */
class Generation {
  private scope = new CancellationScope({ cancellable: true });
  private running: Promise<void> = Promise.resolve();
  /** No chunk is under way: what is still pending waits until somebody says that it may go on. */
  idle = true;

  constructor(
    private readonly input: ShardInput,
    private readonly nudges: Nudges,
  ) {}

  start(chunks: readonly Chunk[]): void {
    if (chunks.length === 0) return;
    this.idle = false;
    this.scope = new CancellationScope({ cancellable: true });
    // Nothing is opened before the last one has ended, unless an account keeps the shard waiting: then it is told.
    const eachIsNews = !patched('opens-when-all-have-ended');
    const { generateChunk } = modelActivities(this.input.timings);
    this.running = this.scope
      .run(async () => {
        await Promise.all(
          chunks.map(async (chunk) => {
            await generateChunk(chunk);
            if (eachIsNews) this.nudges.nudge();
          }),
        );
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      })
      .finally(() => {
        this.idle = true;
        this.nudges.nudge();
      });
  }

  /** Begins no further call; returns when those in flight are saved. */
  async stop(): Promise<void> {
    this.scope.cancel();
    await this.running;
  }
}
