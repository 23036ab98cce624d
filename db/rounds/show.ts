/** A round as people see it: where it stands, and its newest result. */
import { eq, sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { type ModelResult, modelResult, noOutcomes } from '../../domain/results';
import type { ItemState, RoundStatus } from '../../domain/states';
import type { Tx } from '../connection';
import { measurements, rounds } from '../schema';
import { countStarved } from './starved';

export interface RoundView {
  roundId: RoundId;
  name: string;
  status: RoundStatus | 'paused';
  statusReason: string | null;
  needsAttention: string | null;
  /** True if a model or a labeller of the round is simulated. */
  simulated: boolean;
  /**
   * Not yet generated (`total` less all others), open, contested, settled, failed and unresolved partition `total`;
   * `generated` (has a completion) and `starved` overlap them.
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
  };
  labels: { total: number; withdrawn: number };
  calls: { total: number; completed: number; surplus: number; inFlight: number };
  byModel: ModelResult[];
  /** Whether `byModel` is a finished measurement of the present state. */
  measured: boolean;
  confidence: number;
  manualRevision: string | null;
  capabilityTable: string | null;
  form: string;
  seed: string;
  specHash: string;
  amendments: never[];
  createdAt: string;
  deadlineAt: string;
  endedAt: string | null;
}

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
    status: round.pausedAt && round.status === 'running' ? 'paused' : round.status,
    statusReason: round.statusReason,
    needsAttention: round.needsAttention,
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
    },
    labels: await labelCounts(tx, roundId),
    calls: await callCounts(tx, roundId),
    byModel: await resultByModel(tx, round),
    measured,
    confidence: round.spec.confidence,
    manualRevision: round.manualRevision,
    capabilityTable: round.capabilityTable,
    form: round.form,
    seed: round.seed,
    specHash: round.specHash,
    amendments: [],
    createdAt: round.createdAt.toISOString(),
    deadlineAt: round.deadlineAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
  };
}

async function itemStates(tx: Tx, roundId: RoundId) {
  const rows = await tx.execute<{ state: ItemState; n: number; generated: number }>(sql`
    select state, count(*)::int as n, count(completion_hash)::int as generated
    from items where round_id = ${roundId} group by state`);
  return {
    byState: new Map(rows.map((row) => [row.state, row.n])),
    total: rows.reduce((sum, row) => sum + row.n, 0),
    generated: rows.reduce((sum, row) => sum + row.generated, 0),
  };
}

async function labelCounts(tx: Tx, roundId: RoundId): Promise<{ total: number; withdrawn: number }> {
  const [row] = await tx.execute<{ total: number; withdrawn: number }>(sql`
    select count(*)::int as total, count(withdrawn_at)::int as withdrawn from labels where round_id = ${roundId}`);
  return row ?? { total: 0, withdrawn: 0 };
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
    if (row) return row.result.byModel;
  }
  return round.spec.models.map(({ id }) => modelResult(id, noOutcomes(), round.spec.confidence, round.spec.guarantee));
}

async function isSimulated(tx: Tx, roundId: RoundId): Promise<boolean> {
  const [row] = await tx.execute<{ simulated: boolean }>(sql`
    select exists (select 1 from rounds r, jsonb_array_elements(r.spec->'models') m
        join accounts a on a.id = m->>'accountId' where r.id = ${roundId} and a.simulated)
      or exists (select 1 from members m join labellers l on l.id = m.labeller_id
        where m.round_id = ${roundId} and l.kind = 'simulated') as simulated`);
  return row?.simulated ?? false;
}
