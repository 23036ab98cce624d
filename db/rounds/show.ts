/** A round as people see it: where it stands, and its newest result. */
import { eq, sql } from 'drizzle-orm';
import { clusterNote } from '../../domain/clusters';
import type { FormName } from '../../domain/forms';
import type { RoundId } from '../../domain/ids';
import { type ShownStatus, shownStatus } from '../../domain/pausing';
import { completed, type ModelResult, modelResult, newTally } from '../../domain/results';
import type { ItemState } from '../../domain/states';
import { lastAct, type PastAct } from '../audit';
import type { Tx } from '../connection';
import { type RoundCosts, roundCosts } from '../costs/round';
import { manualName, tableName } from '../manuals/names';
import { listMeasurements, type MeasurementView } from '../measurement/list';
import { type RulingAgreement, rulingAgreement } from '../rulings/agreement';
import { measurements, rounds } from '../schema';
import { type AccountStanding, accountsOfRound } from './accounts';
import { amendmentsOf } from './amendments';
import { type CantJudge, cantJudgeOf } from './cantJudge';
import { type Parked, parkedOf } from './parked';
import type { RoundRow } from './read';
import { isSimulated } from './simulated';
import { type Standstill, standstillOf } from './standstill';
import { countStarved } from './starved';

export interface RoundView {
  roundId: RoundId;
  name: string;
  status: ShownStatus;
  statusReason: string | null;
  needsAttention: string | null;
  /** Why it stands still; null: it goes on, or has ended. */
  pause: Standstill | null;
  /** Who called it off; null: nobody has. */
  calledOff: PastAct | null;
  /** The schedule whose run it is. */
  schedule: string | null;
  /** True if a model or a labeller of the round is simulated. */
  simulated: boolean;
  /**
   * Not yet generated (`total` less all others), open, contested, settled, failed and unresolved partition `total`;
   * `generated` (has a completion), `starved`, `quarantined` and `namesModel` (the completion says which model it is)
   * overlap them.
   */
  items: {
    total: number;
    generated: number;
    open: number;
    contested: number;
    settled: number;
    starved: number;
    failed: number;
    unresolved: number;
    quarantined: number;
    namesModel: number;
  };
  labels: { total: number; withdrawn: number };
  /** Given by researchers; on how many items; on how many by two or more, blind, and how many of these agree in class. */
  rulings: { total: number; items: number } & RulingAgreement;
  cantJudge: CantJudge;
  calls: { total: number; completed: number; surplus: number; inFlight: number };
  /** What calls and people have cost, and what calls are likely to. */
  costs: RoundCosts;
  /** Failed items and parked models. */
  parked: Parked;
  /** Of its models, as they stand now. */
  accounts: AccountStanding[];
  /** What several completions of a prompt mean for the intervals; null: there is one of each. */
  clusters: string | null;
  byModel: ModelResult[];
  /** Whether `byModel` is a finished measurement of the present state. */
  measured: boolean;
  /** The newest ones, among them the current one, each with the table it was derived by. */
  measurements: MeasurementView[];
  confidence: number;
  /** Such as `starter@1`. */
  manualRevision: string | null;
  manualHash: string | null;
  /** The one that holds now, such as `starter@2`. */
  capabilityTable: string | null;
  capabilityHash: string | null;
  form: FormName;
  seed: string;
  specHash: string;
  /** What is measured was changed after the start. `by` is a person's id; `from` and `to` are hashes. */
  amendments: {
    at: string;
    by: string;
    name: string;
    why: string;
    what: string;
    from: string | null;
    to: string | null;
  }[];
  createdAt: string;
  /** When the last of its items was drawn; null: `items` are those so far. */
  drawnAt: string | null;
  deadlineAt: string;
  endedAt: string | null;
}

async function calledOff(tx: Tx, { id, status }: RoundRow): Promise<PastAct | null> {
  if (status !== 'cancelled') return null;
  return (await lastAct(tx, { action: 'round.cancel', subject: id, roundId: id })) ?? null;
}

/** Of a round that is measured again and again only the newest are shown. */
const MEASUREMENTS = 20;

/** @returns undefined for an id that no round has. */
export async function showRound(tx: Tx, roundId: RoundId): Promise<RoundView | undefined> {
  const [round] = await tx.select().from(rounds).where(eq(rounds.id, roundId));
  if (!round) return undefined;
  const states = await itemStates(tx, roundId);
  const count = (...of: ItemState[]) => of.reduce((sum, state) => sum + (states.byState.get(state) ?? 0), 0);
  const measured = round.status === 'done' && round.measurementId !== null;
  return {
    roundId,
    name: round.name,
    status: shownStatus(round),
    statusReason: round.statusReason,
    needsAttention: round.needsAttention,
    pause: await standstillOf(tx, round),
    calledOff: await calledOff(tx, round),
    schedule: round.schedule,
    simulated: await isSimulated(tx, roundId),
    items: {
      total: states.total,
      generated: states.generated,
      open: count('generated', 'open'),
      contested: count('contested'),
      settled: count('settled'),
      starved: await countStarved(tx, round),
      failed: count('failed'),
      unresolved: count('unresolved'),
      quarantined: states.quarantined,
      namesModel: states.namesModel,
    },
    labels: await labelCounts(tx, roundId),
    rulings: { ...(await rulingCounts(tx, roundId)), ...(await rulingAgreement(tx, round)) },
    cantJudge: await cantJudgeOf(tx, roundId),
    calls: await callCounts(tx, roundId),
    costs: await roundCosts(tx, round),
    parked: await parkedOf(tx, roundId),
    accounts: await accountsOfRound(tx, round),
    clusters: clusterNote(round.spec),
    byModel: await resultByModel(tx, round),
    measured,
    measurements: await listMeasurements(tx, roundId, round.measurementId, MEASUREMENTS),
    confidence: round.spec.confidence,
    manualRevision: await manualName(tx, round.manualRevision),
    manualHash: round.manualRevision,
    capabilityTable: await tableName(tx, round.capabilityTable),
    capabilityHash: round.capabilityTable,
    form: round.form,
    seed: round.seed,
    specHash: round.specHash,
    amendments: (await amendmentsOf(tx, roundId)).map(({ at, by, name, why, what, from, to }) => ({
      at: at.toISOString(),
      by,
      name,
      why,
      what,
      from,
      to,
    })),
    createdAt: round.createdAt.toISOString(),
    drawnAt: round.drawnAt?.toISOString() ?? null,
    deadlineAt: round.deadlineAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
  };
}

async function itemStates(tx: Tx, roundId: RoundId) {
  const rows = await tx.execute<
    Record<'n' | 'generated' | 'quarantined' | 'namesModel', number> & { state: ItemState }
  >(
    sql`
    select state, count(*)::int as n, count(completion_hash)::int as generated, count(quarantined_at)::int as quarantined,
      count(*) filter (where names_model)::int as "namesModel"
    from items where round_id = ${roundId} group by state`,
  );
  const sum = (key: 'n' | 'generated' | 'quarantined' | 'namesModel') => rows.reduce((all, row) => all + row[key], 0);
  return {
    byState: new Map(rows.map((row) => [row.state, row.n])),
    total: sum('n'),
    generated: sum('generated'),
    quarantined: sum('quarantined'),
    namesModel: sum('namesModel'),
  };
}

async function labelCounts(tx: Tx, roundId: RoundId): Promise<{ total: number; withdrawn: number }> {
  const [row] = await tx.execute<{ total: number; withdrawn: number }>(sql`
    select count(*)::int as total, count(withdrawn_at)::int as withdrawn from labels where round_id = ${roundId}`);
  return row ?? { total: 0, withdrawn: 0 };
}

async function rulingCounts(tx: Tx, roundId: RoundId): Promise<{ total: number; items: number }> {
  const [row] = await tx.execute<{ total: number; items: number }>(sql`
    select count(*)::int as total, count(distinct item_id)::int as items from rulings where round_id = ${roundId}`);
  return row ?? { total: 0, items: 0 };
}

async function callCounts(tx: Tx, roundId: RoundId): Promise<RoundView['calls']> {
  const [row] = await tx.execute<{ total: number; completed: number; surplus: number; in_flight: number }>(sql`
    select count(*)::int as total, count(*) filter (where outcome = 'completed')::int as completed,
      count(*) filter (where outcome = 'surplus')::int as surplus,
      count(*) filter (where outcome is null and claim_until > now())::int as in_flight
    from generation_calls where round_id = ${roundId}`);
  return {
    total: row?.total ?? 0,
    completed: row?.completed ?? 0,
    surplus: row?.surplus ?? 0,
    inFlight: row?.in_flight ?? 0,
  };
}

/** The current measurement; before there is one, every model with nothing known of it. */
async function resultByModel(tx: Tx, round: typeof rounds.$inferSelect): Promise<ModelResult[]> {
  if (round.measurementId !== null) {
    const [row] = await tx.select().from(measurements).where(eq(measurements.id, round.measurementId));
    if (row) return completed(row.result.byModel);
  }
  const { confidence, guarantee: claim } = round.spec;
  const terms = { confidence, claim, amended: false, derived: round.form !== 'verdict' };
  return round.spec.models.map(({ id }) => modelResult(id, newTally(), terms));
}
