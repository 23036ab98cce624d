/** The demo's round: the one that an interrupted start has left, or a new one. */
import type { Db } from '../../db/connection';
import { type KeyedRound, roundsByKey } from '../../db/rounds/byKey';
import { cancelRound } from '../../db/rounds/cancel';
import { startRound } from '../../db/rounds/start';
import type { PersonId, RoundId } from '../../domain/ids';
import { readSpec } from '../intake/spec';
import { planOf } from '../rounds/start';
import { DEMO_ROUND, writeDemoSpec } from './spec';
import type { SimulatedWorld } from './world';

const KEY = 'plumbline-demo/';

export interface DemoRound {
  roundId: RoundId;
  /** Of the round and of its simulated world. */
  seed: string;
  resumed: boolean;
}

export interface Wanted {
  /** undefined: that of the round left unfinished, else the number of the demo's round, from 1. */
  seed: string | undefined;
  /** Prompts to draw; null: all. */
  sample: number | null;
  /** By its name. */
  manual: string;
  by: PersonId;
}

/** An unfinished round goes on if it is of the wanted seed and its models still answer where it asks; else it is called off. */
export async function demoRound(
  db: Db,
  world: Pick<SimulatedWorld, 'url'>,
  { seed, sample, manual, by }: Wanted,
  tell: (line: string) => void,
): Promise<DemoRound> {
  const keyed = await roundsByKey(db, KEY);
  const before = keyed.filter(isDemo);
  for (const round of before.filter(isUnfinished)) {
    if (round.endpoints.includes(`${world.url(round.seed)}/v1`) && (seed ?? round.seed) === round.seed) {
      return { roundId: round.roundId, seed: round.seed, resumed: true };
    }
    tell(`calling off ${round.roundId}, which an earlier demo has left unfinished: its simulated models are not these`);
    await cancelRound(db, { roundId: round.roundId, by, why: 'left unfinished by an earlier demo' });
  }
  const ownSeed = seed ?? String(before.length + 1);
  const plan = await planOf(readSpec(writeDemoSpec({ world: world.url(ownSeed), manual }, sample)), ownSeed);
  const { roundId } = await startRound(db, plan, { by, key: `${KEY}${keyed.length + 1}` });
  return { roundId, seed: ownSeed, resumed: false };
}

/** Keys are free text: somebody's own round is never taken for the demo's. */
function isDemo({ name, simulated }: KeyedRound): boolean {
  return simulated && name === DEMO_ROUND;
}

function isUnfinished({ status }: KeyedRound): boolean {
  return status === 'opening' || status === 'running' || status === 'measuring';
}
