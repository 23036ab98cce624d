/** What people's work on a round has cost: the timesheet's hours, and their pay where the round says wages. */
import type { RoundId } from '../../domain/ids';
import { USUAL_CURRENCY } from '../../domain/money';
import type { RunSettings } from '../../domain/spec';
import type { Tx } from '../connection';
import { timesheetOf, totalOf } from '../people/timesheet';

export interface PeopleCosts {
  /** To a ten-thousandth; what is still in hand is not in it. */
  hours: number;
  /** null: the round says no wages. */
  money: number | null;
  /** Who did any work. */
  labellers: number;
}

export async function peopleCosts(tx: Tx, round: { id: RoundId; settings: RunSettings }): Promise<PeopleCosts> {
  const days = await timesheetOf(tx, { roundId: round.id });
  const { seconds, pay } = totalOf(days);
  const { wages, currency = USUAL_CURRENCY } = round.settings;
  return {
    hours: Math.round((seconds / 3_600) * 1e4) / 1e4,
    money: wages ? (pay[currency] ?? 0) : null,
    labellers: new Set(days.map(({ labellerId }) => labellerId)).size,
  };
}
