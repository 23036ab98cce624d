/** Rulings that researchers send to a round's workflow by hand. */

import type { Db } from '../db/connection';
import { recordRuling } from '../db/rulings/record';
import type { RefusalCode } from '../db/rulings/refusals';
import type { RoundId } from '../domain/ids';

export interface SentRuling {
  /** Whatever somebody sent. */
  message: unknown;
  /** Names the signal, so that a refused one that is delivered twice leaves one record. */
  sending: string;
}

export interface RulingsTaken {
  recorded: number;
  /** Given before, with the same answers. */
  repeated: number;
  /** In the order in which they came. */
  refused: RefusalCode[];
}

export function rulingActivities(db: Db) {
  return {
    /** One after another. What is no ruling is refused, and the refusal recorded. */
    async recordRulings(roundId: RoundId, sent: readonly SentRuling[]): Promise<RulingsTaken> {
      const taken: RulingsTaken = { recorded: 0, repeated: 0, refused: [] };
      for (const each of sent) {
        const result = await recordSent(db, roundId, each);
        if (result.kind === 'refused') taken.refused.push(result.code);
        else if (result.kind === 'repeated') taken.repeated += 1;
        else taken.recorded += 1;
      }
      return taken;
    },
  };
}

function recordSent(db: Db, roundId: RoundId, { message, sending }: SentRuling) {
  const { itemId, researcherId, stage, second, answers, ...rest } = fieldsOf(message);
  const others = Object.keys(rest);
  const said = { itemId, researcher: researcherId, stage, second, answers, others };
  return recordRuling(db, { roundId, ...said, why: null, via: 'signal', sending });
}

/** Of anything but an object nothing can be read. */
function fieldsOf(message: unknown): { [field: string]: unknown } {
  return typeof message === 'object' && message !== null && !Array.isArray(message) ? { ...message } : {};
}
