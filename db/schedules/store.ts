/** Schedules as they are stored: all that a run needs, whatever becomes of the files it was read from. */
import { asc, eq } from 'drizzle-orm';
import type { PersonId } from '../../domain/ids';
import { refuseIfAny } from '../../domain/problems';
import type { PromptSource } from '../../domain/prompts';
import { editionOf, type SavedPlan, type Timing } from '../../domain/schedules';
import { saveAccounts } from '../accounts';
import { recordAct } from '../audit';
import type { Db, Tx } from '../connection';
import { act } from '../labelling/act';
import { saveModels } from '../models';
import { lockPrompts, purposeOfSet, savePromptSet } from '../prompts';
import type { RoundPlan } from '../rounds/start';
import { people, promptSets, schedules } from '../schema';
import { crossingsOf } from '../wall';

export type ScheduleRow = typeof schedules.$inferSelect;

export interface NewSchedule {
  name: string;
  plan: SavedPlan;
  prompts: PromptSource;
  seed: string;
  specFile: string;
  by: PersonId;
  why?: string | undefined;
}
export interface StoredSchedule extends ScheduleRow {
  createdByName: string;
  promptSet: { name: string; size: number };
}
export type SaveResult =
  | { kind: 'created' | 'same'; schedule: ScheduleRow }
  /** The name stands for something else. */
  | { kind: 'taken'; schedule: ScheduleRow };

/** @param textHash of the spec's text. */
export function savedPlanOf(plan: RoundPlan, timing: Timing, textHash: string): SavedPlan {
  const { frozen, judged, settings, accounts, models, sample, share, strata, purpose, deadlineMs } = plan;
  return {
    frozen,
    judged,
    settings,
    accounts: [...accounts],
    models: [...models],
    draw: { sample, ...(share != null && { share }), ...(strata && { strata }) },
    purpose,
    deadlineMs,
    timing,
    textHash,
  };
}

/** Stores a schedule with its prompts. A repeat with the same content finds the first; its seed counts where it is asked for. */
export function saveSchedule(db: Db, wanted: NewSchedule, seedAsked: boolean): Promise<SaveResult> {
  return act(db, async (tx) => {
    const { name, plan, prompts, seed, specFile, by, why } = wanted;
    const [before] = await tx.select().from(schedules).where(eq(schedules.name, name)).for('update');
    if (before) return { kind: isSame(before, wanted, seedAsked) ? 'same' : 'taken', schedule: before };
    await lockPrompts(tx);
    if ((await purposeOfSet(tx, prompts.hash)) === undefined) refuseIfAny(await crossingsOf(tx, prompts, plan.purpose));
    await savePromptSet(tx, prompts, plan.purpose);
    await saveModels(tx, plan.models);
    await saveAccounts(tx, plan.accounts, by);
    const row = { name, plan, promptSetHash: prompts.hash, seed, specFile, createdBy: by };
    const [schedule] = await tx.insert(schedules).values(row).returning();
    if (!schedule) throw new Error('a schedule was stored and is gone');
    const detail = { promptSetHash: prompts.hash, timing: plan.timing, seed, ...(why && { why }) };
    await recordAct(tx, { actor: by, action: 'schedule.create', subject: name, detail });
    return { kind: 'created', schedule };
  });
}

function isSame(before: ScheduleRow, { plan, prompts, seed }: NewSchedule, seedAsked: boolean): boolean {
  const asked = editionOf(plan, prompts.hash, seedAsked ? seed : before.seed);
  return asked === editionOf(before.plan, before.promptSetHash, before.seed);
}

export async function findSchedule(tx: Tx, name: string): Promise<StoredSchedule | undefined> {
  const [found] = await select(tx).where(eq(schedules.name, name));
  return found && flat(found);
}

export async function listSchedules(tx: Tx): Promise<StoredSchedule[]> {
  return (await select(tx).orderBy(asc(schedules.name))).map(flat);
}

function select(tx: Tx) {
  return tx
    .select({
      schedule: schedules,
      createdByName: people.name,
      promptSet: { name: promptSets.name, size: promptSets.size },
    })
    .from(schedules)
    .innerJoin(people, eq(people.id, schedules.createdBy))
    .innerJoin(promptSets, eq(promptSets.hash, schedules.promptSetHash));
}

function flat({ schedule, ...rest }: Awaited<ReturnType<typeof select>>[number]): StoredSchedule {
  return { ...schedule, ...rest };
}

/** Its rounds stay. @returns false if it was gone before. */
export async function removeSchedule(tx: Tx, name: string): Promise<boolean> {
  return (await tx.delete(schedules).where(eq(schedules.name, name)).returning()).length > 0;
}

/** Somebody looked at why runs failed: those before count no more. */
export async function forgiveFailures(tx: Tx, name: string): Promise<void> {
  await tx.update(schedules).set({ failures: 0 }).where(eq(schedules.name, name));
}
