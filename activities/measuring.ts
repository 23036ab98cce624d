/** The measurement: verdicts of record, counts, bounds and guarantee, idempotent by the hash of all that went in. */
import { createHash } from 'node:crypto';
import type { Db, Tx } from '../db/connection';
import { judgingGround } from '../db/judging';
import { type MeasuredItem, measuredItems } from '../db/measurement/inputs';
import {
  addMeasuredItems,
  beginMeasuring,
  endMeasuring,
  finishMeasurement,
  measurementOf,
  newMeasurement,
} from '../db/measurement/save';
import { isAmended } from '../db/rounds/amendments';
import { readRound } from '../db/rounds/read';
import type { RoundId } from '../domain/ids';
import { Measuring } from '../domain/measuring';
import { canonicalJson, hashJson } from '../domain/text';

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
      const measurementId = await computeOnce(db, roundId);
      return { current: await endMeasuring(db, roundId, measurementId) };
    },
  };
}

async function computeOnce(db: Db, roundId: RoundId): Promise<number> {
  try {
    return await db.transaction((tx) => compute(tx, roundId), { isolationLevel: 'repeatable read' });
  } catch (error) {
    if (error instanceof SameInputs) return error.measurementId;
    throw error;
  }
}

/** Round, items, labels and rulings of one moment. */
async function compute(tx: Tx, roundId: RoundId): Promise<number> {
  const round = await readRound(tx, roundId);
  const ground = await judgingGround(tx, round);
  const answers = createHash('sha256');
  const id = await newMeasurement(tx, round, `computing ${round.id}`);
  const measuring = new Measuring(round, ground);
  for await (const page of measuredItems(tx, round.id)) {
    for (const item of page) answers.update(canonicalJson(givenOf(item)));
    await addMeasuredItems(
      tx,
      id,
      page.map((item) => measuring.add(item)),
    );
  }
  const answersHash = answers.digest('hex');
  const amended = await isAmended(tx, round.id);
  const inputHash = hashJson([round.specHash, round.manualRevision, round.capabilityTable, answersHash, amended]);
  const earlier = await measurementOf(tx, round.id, inputHash);
  if (earlier !== undefined) throw new SameInputs(earlier);
  await finishMeasurement(tx, id, { inputHash, answersHash, result: measuring.result(amended) });
  return id;
}

/** What people and providers gave: the same under every table, whatever state the item was resolved to. */
function givenOf({ state, ...item }: MeasuredItem) {
  return { ...item, failed: state === 'failed' };
}
