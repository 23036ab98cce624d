/** A round's spec with its prompts, as a plan: from files without any service, from a stored set with the database. */
import type { Db } from '../../db/connection';
import { type StoredPrompts, storedPrompts } from '../../db/promptSets';
import type { RoundPlan } from '../../db/rounds/start';
import { type Problem, refuseIfAny } from '../../domain/problems';
import type { FrozenModel, RunSettings } from '../../domain/spec';
import { misspeltFields } from '../intake/promptFields';
import { type ReadPrompts, readPrompts } from '../intake/prompts';
import type { PromptsEntry, RoundSpec } from '../intake/spec';
import { count } from '../output';
import { meantSet } from '../prompts/meant';
import { type PromptCheck, putCheck, refuseUnfit } from './putCheck';

/** A plan with what its operator is to know of its prompts. */
export interface PlannedRound extends RoundPlan {
  notices: readonly string[];
}

/**
 * @param db needed where the spec names a stored set.
 * @throws ProblemsError for prompts that are wrong, or that this round cannot be asked of.
 */
export async function planOf(spec: RoundSpec, seed: string | undefined, db?: Db): Promise<PlannedRound> {
  const { frozen, judged, settings, accounts, models, deadlineMs, prompts } = spec;
  const check = putCheck(frozen.variants ?? []);
  const source = prompts.set === null ? await fromFiles(prompts, check) : await fromSet(prompts.set, db, check);
  refuseIfAny(givenProblems(frozen.models, source));
  return {
    frozen,
    judged,
    settings: forTurns(settings, source.mostTurns),
    accounts,
    models,
    deadlineMs,
    prompts: source,
    sample: prompts.sample,
    share: prompts.share,
    strata: prompts.strata,
    purpose: prompts.purpose,
    seed: seed ?? spec.seed,
    notices: [
      ...('badRows' in source ? badRowNotices(source) : []),
      ...misspeltFields(source.fields),
      ...givenNotices(frozen.models, source),
    ],
  };
}

function fromFiles({ files, reading }: PromptsEntry, check: PromptCheck | undefined): Promise<ReadPrompts> {
  return readPrompts(files, reading, check ? { check } : {});
}

async function fromSet(name: string, db: Db | undefined, check: PromptCheck | undefined): Promise<StoredPrompts> {
  if (!db) throw new Error('a stored set was to be read without a database');
  const stored = await storedPrompts(db, await meantSet(db, name, 'prompts.set'));
  if (check) await refuseUnfit(stored, check);
  return stored;
}

/** A chunk of conversations is given the time of all their calls. */
function forTurns(settings: RunSettings, turns: number): RunSettings {
  const { timings } = settings;
  return { ...settings, timings: { ...timings, chunkTimeoutMs: timings.chunkTimeoutMs * turns } };
}

function badRowNotices({ badRows: { total, listed } }: ReadPrompts): string[] {
  if (total === 0) return [];
  const [first] = listed;
  const said = first ? `; the first: ${first.at ?? ''}: ${first.message}` : '';
  return [`${count(total, 'bad row')} left out${said}`];
}

/** Any prompt may be drawn, so all of them need one. */
function givenProblems(models: readonly FrozenModel[], source: ReadPrompts | StoredPrompts): Problem[] {
  const [model] = models.filter(({ accountId }) => accountId === null);
  const { size, given, firstWithout } = source;
  if (!model || given >= size) return [];
  const first = firstWithout === null ? '' : `; the first is ${firstWithout.slice(0, 100)}`;
  return [
    {
      kind: 'missing-completions',
      message: `the completions of ${model.id} are given, and ${size - given} of ${size} prompts bring none${first}`,
      hint: 'write each answer under completion, or map the field that holds it: fields: {completion: NAME}',
      at: 'prompts',
    },
  ];
}

function givenNotices(models: readonly FrozenModel[], { given }: { given: number }): string[] {
  if (given === 0 || models.some(({ accountId }) => accountId === null)) return [];
  const bring = given === 1 ? 'brings' : 'bring';
  return [`${count(given, 'prompt')} ${bring} a completion that no model uses: none has completions: given`];
}
