/** A round's file, read and checked: what is measured, how it is run, and who is asked. */
import path from 'node:path';
import type { NewAccount } from '../../domain/accounts';
import type { FormName } from '../../domain/forms';
import type { AccountId } from '../../domain/ids';
import type { ModelFacts } from '../../domain/models';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import type { Strata } from '../../domain/sampling';
import type { FrozenModel, FrozenSpec, RunSettings } from '../../domain/spec';
import type { Purpose } from '../../domain/states';
import { gridOf, type VariantAxes } from '../../domain/variants';
import { accountFaults, accountsInUse, type Environment } from './accounts';
import { readSmallFile, shownPath } from './files';
import { applyOverrides, type Override, overrideOf, readOverrides } from './overrides';
import { priceFaults } from './prices';
import { promptsFaults } from './promptsFaults';
import { settingsOf } from './settings';
import { type ModelEntry, type RoundFile, roundFile, shareOf } from './shape';
import { inFileOrder, readShape, readSource, writePath } from './source';
import { variantFaults } from './variants';
import type { FieldPath } from './yaml';

export interface RoundSpec {
  prompts: PromptsEntry;
  /** All that is frozen but the prompts, which are known once their file is read, and the form, which the manual names. */
  frozen: Omit<FrozenSpec, 'prompts' | 'form'>;
  /** Names, as the file has them: what they stand for is known once the database is asked. */
  judged: { form: FormName | null; manual: string | null; capability: string | null };
  settings: RunSettings;
  /** Those that a model uses. */
  accounts: NewAccount[];
  models: ModelFacts[];
  deadlineMs: number;
  seed: string | null;
}

/** Which prompts, and how many of them. */
export interface PromptsEntry {
  /** Absolute; none where a stored set is named. */
  files: string[];
  set: string | null;
  reading: PromptReading;
  /** null: all there are, or a share of them. */
  sample: number | null;
  /** 0..1, each prompt by its own hash. */
  share: number | null;
  strata: Strata | null;
  purpose: Purpose;
}

/** How prompt files are to be read. */
export interface PromptReading {
  /** Our field by theirs, such as {prompt: 'question'}. */
  fields: Readonly<Record<string, string>>;
  /** Of tables; undefined: by the file's ending. */
  delimiter?: string;
  /** What is no prompt: refuses the whole set, or is left out and told. */
  badRows: 'refuse' | 'keep-the-rest';
}

export interface SpecOptions {
  /** `key=value`, as after `--set`. */
  set?: readonly string[];
  env?: Environment;
}

const LARGEST_SPEC = 1024 * 1024;

/**
 * Reads a round's file. The prompts' file is looked for beside it; one given with `--set`, where the command runs.
 * @throws ProblemsError with everything that is wrong with the file and the overrides.
 */
export function readSpec(file: string, options: SpecOptions = {}): RoundSpec {
  return specFromText(readSmallFile(file, LARGEST_SPEC), file, options);
}

/** The same for a text; `file` names it in errors and is where its paths start. */
export function specFromText(text: string, file: string, { set = [], env = process.env }: SpecOptions = {}): RoundSpec {
  const written = readSource('spec', file, text);
  if ('problems' in written) throw new ProblemsError(written.problems);
  if (written.source.value === null) {
    const hint = 'a round needs prompts and models';
    throw ProblemsError.of({ kind: 'spec', message: 'the file is empty', hint, at: shownPath(file) });
  }
  const given = readOverrides(set);
  const applied = applyOverrides(written.source.value, given.overrides);
  const source = written.source.overlaid(applied.value, (where) => placeOf(given.overrides, where));
  const problems = [...given.problems, ...applied.problems];
  const read = readShape(roundFile, source, problems);
  const faults = [
    ...promptsFaults(applied.value),
    ...accountFaults(applied.value, env),
    ...variantFaults(applied.value),
    ...priceFaults(applied.value),
  ];
  problems.push(...faults.map(({ path: where, ...fault }) => ({ kind: 'spec', ...fault, at: source.at(where) })));
  refuseIfAny(inFileOrder(problems, [source.file]));
  if (!read) throw new Error('a spec without problems was not read');
  return assemble(read, file, given.overrides, env);
}

/** The flag that gave a setting, whole or as a part of what it gave. */
function placeOf(overrides: readonly Override[], where: FieldPath): string | undefined {
  const override = overrideOf(overrides, where);
  if (override === undefined || override.path.length === where.length) return override?.flag;
  return `${override.flag} ${writePath(where)}`;
}

function assemble(read: RoundFile, file: string, overrides: readonly Override[], env: Environment): RoundSpec {
  const accounts = accountsInUse(read.models, read.accounts, env);
  const fromFlag = overrideOf(overrides, ['prompts', 'file']) ?? overrideOf(overrides, ['prompts']);
  const { sample, strata, purpose } = read.prompts;
  const accountId = (name: string): AccountId => {
    const account = accounts.get(name);
    if (!account) throw new Error(`no account ${name}`);
    return account.id;
  };
  const distinct = [...new Map([...accounts.values()].map((account) => [account.id, account])).values()];
  return {
    prompts: {
      files: (read.prompts.file ?? []).map((one) =>
        fromFlag ? path.resolve(one) : path.resolve(path.dirname(file), one),
      ),
      set: read.prompts.set ?? null,
      reading: {
        fields: read.prompts.fields,
        ...(read.prompts.delimiter !== undefined && { delimiter: read.prompts.delimiter }),
        badRows: read.prompts.bad_rows,
      },
      sample: typeof sample === 'number' ? sample : null,
      share: shareOf(sample),
      strata: strata ? { field: strata.by, allocation: strata.allocation } : null,
      purpose,
    },
    frozen: {
      name: read.name ?? path.basename(file, path.extname(file)),
      models: read.models.map((model) =>
        frozenModel(model, model.completions === 'given' ? null : accountId(model.account)),
      ),
      ...(read.variants && { variants: gridOf(axesOf(read.variants)) }),
      ...(read.completions_per_prompt > 1 && { completionsPerPrompt: read.completions_per_prompt }),
      resolving: {
        overlap: read.overlap,
        rule: read.rule,
        contestOnConflict: read.contest_on_conflict,
        unresolved: read.deadline.unresolved,
      },
      onePerPrompt: read.one_per_prompt,
      confidence: read.confidence,
      guarantee: read.guarantee ?? null,
    },
    judged: { form: read.form ?? null, manual: read.manual ?? null, capability: read.capability ?? null },
    settings: settingsOf(read, accounts),
    accounts: distinct,
    models: read.models.map(factsOf),
    deadlineMs: read.deadline.after,
    seed: read.seed ?? null,
  };
}

function frozenModel(model: ModelEntry, accountId: AccountId | null): FrozenModel {
  return {
    id: model.name,
    apiModel: model.model ?? model.name,
    accountId,
    system: model.system ?? null,
    temperature: model.temperature ?? null,
    topP: model.top_p ?? null,
    maxTokens: model.max_tokens ?? null,
    seed: model.seed ?? null,
    ...(model.api === 'completions' && { api: model.api }),
    ...(model.stop && { stop: model.stop }),
    ...(model.body && { body: model.body }),
    family: model.family ?? null,
    parameters: model.parameters ?? null,
    regime: model.regime ?? null,
  };
}

function factsOf(model: ModelEntry): ModelFacts {
  return {
    id: model.name,
    family: model.family ?? null,
    parameters: model.parameters ?? null,
    trainingCompute: model.training_compute ?? null,
    regime: model.regime ?? null,
    releasedOn: model.released ?? null,
  };
}

function axesOf({
  templates,
  system,
  temperature,
  top_p,
  max_tokens,
}: NonNullable<RoundFile['variants']>): VariantAxes {
  return { templates, system, temperature, topP: top_p, maxTokens: max_tokens };
}
