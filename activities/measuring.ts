/** The measurement: verdicts of record, counts, bounds and guarantee, idempotent by the hash of all that went in. */
import { createHash } from 'node:crypto';
import type { Db, Tx } from '../db/connection';
import { measuredItems } from '../db/measurement/inputs';
import {
  addMeasuredItems,
  beginMeasuring,
  endMeasuring,
  finishMeasurement,
  measurementOf,
  newMeasurement,
} from '../db/measurement/save';
import { type RoundRow, readRound } from '../db/rounds/read';
import type { RoundId } from '../domain/ids';
import { modelResult, noOutcomes, type OutcomeCounts, type RoundResult } from '../domain/results';
import { canonicalJson } from '../domain/text';
import { verdictOfRecord } from '../domain/verdictOfRecord';

/** Thrown to roll a measurement back that says what an earlier one says. */
class SameInputs extends Error {
  constructor(readonly measurementId: number) {
    super('measured before');
  }
}

export function measuringActivities(db: Db) {
  return {
    /** Measures a round whose shards are all done. @returns whether this measurement is now the round's current one. */
    async measure(roundId: RoundId): Promise<{ current: boolean }> {
      if (!(await beginMeasuring(db, roundId))) return { current: false };
      const round = await readRound(db, roundId);
      const measurementId = await computeOnce(db, round);
      return { current: await endMeasuring(db, roundId, measurementId) };
    },
  };
}

async function computeOnce(db: Db, round: RoundRow): Promise<number> {
  try {
    return await db.transaction((tx) => compute(tx, round), { isolationLevel: 'repeatable read' });
  } catch (error) {
    if (error instanceof SameInputs) return error.measurementId;
    throw error;
  }
}

async function compute(tx: Tx, round: RoundRow): Promise<number> {
  const { spec } = round;
  const hash = createHash('sha256');
  hash.update(canonicalJson([round.specHash, round.form, round.manualRevision, round.capabilityTable]));
  const counts = new Map<string, OutcomeCounts>(spec.models.map((model) => [model.id, noOutcomes()]));
  const id = await newMeasurement(tx, round.id, `computing ${round.id}`);
  for await (const page of measuredItems(tx, round.id)) {
    const outcomes = page.map((item) => {
      const answers = item.labels.map((label) => label.answers);
      const { outcome, reason } = verdictOfRecord(item, answers, spec.resolving);
      const ofModel = counts.get(item.modelId) ?? noOutcomes();
      ofModel[outcome] += 1;
      counts.set(item.modelId, ofModel);
      hash.update(canonicalJson([item.id, item.modelId, item.state === 'failed', item.failCode, item.labels]));
      return { itemId: item.id, outcome, reason };
    });
    await addMeasuredItems(tx, id, outcomes);
  }
  const inputHash = hash.digest('hex');
  const earlier = await measurementOf(tx, round.id, inputHash);
  if (earlier !== undefined) throw new SameInputs(earlier);
  await finishMeasurement(tx, id, inputHash, resultOf(round, counts));
  return id;
}

function resultOf({ spec }: RoundRow, counts: ReadonlyMap<string, OutcomeCounts>): RoundResult {
  return {
    confidence: spec.confidence,
    byModel: spec.models.map(({ id }) =>
      modelResult(id, counts.get(id) ?? noOutcomes(), spec.confidence, spec.guarantee),
    ),
  };
}
