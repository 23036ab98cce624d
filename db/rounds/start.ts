/** Starting a round: its row and the nudge that wakes its workflow, in one transaction. Temporal may be down. */
import { randomInt } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import type { NewAccount } from '../../domain/accounts';
import type { FormName } from '../../domain/forms';
import type { PersonId, RoundId } from '../../domain/ids';
import type { ModelFacts } from '../../domain/models';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import type { PromptSource } from '../../domain/prompts';
import type { Strata } from '../../domain/sampling';
import { type FrozenSpec, itemsOf, type RunSettings } from '../../domain/spec';
import type { Purpose } from '../../domain/states';
import { hashJson } from '../../domain/text';
import { saveAccounts } from '../accounts';
import type { Db, Tx } from '../connection';
import { forecastOfStart } from '../costs/start';
import { act } from '../labelling/act';
import { saveModels } from '../models';
import { newRoundId } from '../newIds';
import { nudgeRound } from '../outbox';
import { lockPrompts, savePromptSet } from '../prompts';
import { audit, roundCounters, roundSpending, rounds } from '../schema';
import { amendmentsOf } from './amendments';
import type { RoundRow } from './read';
import { specHashOf } from './specHash';
import { startNotices, startProblems } from './startChecks';
import { surveyOf } from './survey';
import { type JudgedBy, type Terms, termsOf } from './terms';

/** A checked spec with its prompts. */
export interface RoundPlan {
  frozen: Omit<FrozenSpec, 'prompts' | 'form'>;
  judged: JudgedBy;
  settings: RunSettings;
  prompts: PromptSource;
  /** How many prompts are drawn; null: all. */
  sample: number | null;
  /** 0..1: each prompt is drawn by its own hash. */
  share?: number | null;
  strata?: Strata | null;
  purpose: Purpose;
  accounts: readonly NewAccount[];
  models: readonly ModelFacts[];
  /** From the start, by the database's clock. */
  deadlineMs: number;
  /** null: drawn at random. */
  seed: string | null;
}
export interface StartOptions {
  by: PersonId;
  /** The caller's name for this start: a second start with the same key gives the first one's round. */
  key?: string | undefined;
  /** The schedule whose run it is. */
  schedule?: string;
  /** false: whoever asks for it starts its workflow. */
  nudge?: boolean;
}
export interface StartedRound {
  roundId: RoundId;
  seed: string;
  specHash: string;
  items: number;
  /** False where the key had started it before. */
  created: boolean;
  /** What may go wrong later though nothing forbids the start. */
  notices: string[];
}

/**
 * @throws ProblemsError if the round cannot be started as it is asked for; then nothing is written.
 */
export function startRound(db: Db, plan: RoundPlan, options: StartOptions): Promise<StartedRound> {
  const { by, key, schedule, nudge = true } = options;
  return act(db, async (tx) => {
    const terms = await termsOf(tx, plan.judged, plan.frozen.models);
    const before = await startedBefore(tx, plan, terms, key);
    if (before) return before;
    const seed = plan.seed ?? String(randomInt(2 ** 32));
    await lockPrompts(tx);
    const survey = await surveyOf(tx, plan, { seed, manual: terms.manualRevision });
    refuseIfAny([...(await startProblems(tx, plan, survey)), ...terms.problems]);
    const notices = [...terms.notices, ...(await startNotices(tx, plan, survey))];
    await savePromptSet(tx, plan.prompts, plan.purpose);
    await saveModels(tx, plan.models);
    await saveAccounts(tx, plan.accounts, by);
    const row = { ...roundRow(plan, terms, { seed, drawn: survey.drawn, by, key }), schedule: schedule ?? null };
    const inserted = await tx.insert(rounds).values(row).onConflictDoNothing({ target: rounds.startKey }).returning();
    if (inserted.length === 0) {
      const meanwhile = await startedBefore(tx, plan, terms, key);
      if (!meanwhile) throw new Error('a round was there and is gone');
      return meanwhile;
    }
    const { id: roundId, name, specHash, promptSetHash } = row;
    await tx.insert(roundCounters).values({ roundId });
    await tx.insert(roundSpending).values({ roundId });
    await tx.insert(audit).values({
      actor: by,
      action: 'round.start',
      subject: roundId,
      roundId,
      detail: { name, seed, specHash, promptSetHash, ...(key && { key }), ...(schedule && { schedule }) },
    });
    if (nudge) await nudgeRound(tx, roundId);
    return { roundId, seed, specHash, items: itemsOf(row.spec), created: true, notices };
  });
}

/** What a start would do and what speaks against it; nothing is written. */
export function planStart(db: Db, plan: RoundPlan, { key }: { key?: string | undefined } = {}) {
  return db.transaction(async (tx) => {
    const terms = await termsOf(tx, plan.judged, plan.frozen.models);
    const before = await startedBefore(tx, plan, terms, key);
    const survey = await surveyOf(tx, plan, { seed: plan.seed, manual: terms.manualRevision });
    return {
      before,
      problems: [...(await startProblems(tx, plan, survey)), ...terms.problems],
      notices: [...terms.notices, ...(await startNotices(tx, plan, survey))],
      prompts: survey.drawn,
      forecast: await forecastOfStart(tx, plan, survey.drawn),
      items: itemsOf(frozenSpec(plan, terms.form, survey.drawn)),
      /** False where only the seed, which is not drawn yet, decides how many. */
      exact: survey.seeded || typeof plan.share !== 'number',
      manual: terms.manualName,
      capabilityTable: terms.tableName,
    };
  });
}

/** @param drawn how many prompts are. */
function frozenSpec({ frozen, prompts, share, strata, purpose }: RoundPlan, form: FormName, drawn: number): FrozenSpec {
  return {
    ...frozen,
    form,
    prompts: {
      setHash: prompts.hash,
      sample: drawn,
      of: prompts.size,
      purpose,
      ...(typeof share === 'number' && { share }),
      ...(strata && { strata }),
    },
  };
}

interface Beginning {
  seed: string;
  drawn: number;
  by: PersonId;
  key: string | undefined;
}

function roundRow(plan: RoundPlan, terms: Terms, { seed, drawn, by, key }: Beginning) {
  const { form, manualRevision, capabilityTable } = terms;
  const spec = frozenSpec(plan, form, drawn);
  return {
    id: newRoundId(),
    name: spec.name,
    spec,
    settings: plan.settings,
    specHash: specHashOf({ spec, seed, manualRevision, capabilityTable }),
    seed,
    form: spec.form,
    manualRevision,
    capabilityTable,
    promptSetHash: spec.prompts.setHash,
    startedBy: by,
    startKey: key ?? null,
    deadlineAt: sql`now() + ${plan.deadlineMs} * interval '1 millisecond'`,
  };
}

/** @throws ProblemsError if the key has started what this plan is not; what else is wrong with its terms is told too. */
async function startedBefore(
  tx: Tx,
  plan: RoundPlan,
  terms: Terms,
  key: string | undefined,
): Promise<StartedRound | undefined> {
  if (key === undefined) return undefined;
  const [round] = await tx.select().from(rounds).where(eq(rounds.startKey, key));
  if (!round) return undefined;
  const { id: roundId, seed, specHash, spec } = round;
  if (!(await measuresTheSame(tx, round, plan, terms))) {
    const hint = 'a key names one start: use another for another round';
    const message = `the key has started ${roundId}, which measures something else`;
    throw new ProblemsError([{ kind: 'key-used', message, hint, at: '--key' }, ...terms.problems]);
  }
  return { roundId, seed, specHash, items: itemsOf(spec), created: false, notices: [] };
}

/** Whether a round was started by this plan, whatever became of it since. A seed and a table count where the plan names them. */
async function measuresTheSame(tx: Tx, round: RoundRow, plan: RoundPlan, terms: Terms): Promise<boolean> {
  // How many prompts a share draws follows from the set and the seed.
  const drawn = typeof plan.share === 'number' ? round.spec.prompts.sample : (plan.sample ?? plan.prompts.size);
  if (hashJson(round.spec) !== hashJson(frozenSpec(plan, terms.form, drawn))) return false;
  if (plan.seed !== null && plan.seed !== round.seed) return false;
  if (terms.manualRevision !== round.manualRevision) return false;
  return plan.judged.capability === null || terms.capabilityTable === (await tableAtStart(tx, round));
}

/** An amendment may have exchanged it since. */
async function tableAtStart(tx: Tx, { id, capabilityTable }: RoundRow): Promise<string | null> {
  const [first] = await amendmentsOf(tx, id);
  return first ? first.from : capabilityTable;
}
