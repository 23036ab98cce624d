/** A round's file, read and checked: what is measured, how it is run, and who is asked. */
import path from 'node:path';
import type { NewAccount } from '../../domain/accounts';
import type { FormName } from '../../domain/forms';
import type { AccountId } from '../../domain/ids';
import type { ModelFacts } from '../../domain/models';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import type { FrozenModel, FrozenSpec, RunSettings } from '../../domain/spec';
import type { Purpose } from '../../domain/states';
import { accountFaults, accountsInUse, type Environment } from './accounts';
import { readSmallFile, shownPath } from './files';
import { applyOverrides, type Override, overrideOf, readOverrides } from './overrides';
import { type ModelEntry, type RoundFile, roundFile } from './shape';
import { inFileOrder, readShape, readSource, writePath } from './source';
import type { FieldPath } from './yaml';

export interface RoundSpec {
  /** `file` is absolute; `sample` null: all that the file has. */
  prompts: { file: string; sample: number | null; purpose: Purpose };
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
  const faults = accountFaults(applied.value, env);
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
  const { sample, purpose } = read.prompts;
  const accountId = (name: string): AccountId => {
    const account = accounts.get(name);
    if (!account) throw new Error(`no account ${name}`);
    return account.id;
  };
  const distinct = [...new Map([...accounts.values()].map((account) => [account.id, account])).values()];
  return {
    prompts: {
      file: fromFlag ? path.resolve(read.prompts.file) : path.resolve(path.dirname(file), read.prompts.file),
      sample: sample === 'all' ? null : sample,
      purpose,
    },
    frozen: {
      name: read.name ?? path.basename(file, path.extname(file)),
      models: read.models.map((model) => frozenModel(model, accountId(model.account))),
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
    settings: settingsOf(read, distinct),
    accounts: distinct,
    models: read.models.map(factsOf),
    deadlineMs: read.deadline.after,
    seed: read.seed ?? null,
  };
}

function frozenModel(model: ModelEntry, accountId: AccountId): FrozenModel {
  return {
    id: model.name,
    apiModel: model.model ?? model.name,
    accountId,
    system: model.system ?? null,
    temperature: model.temperature ?? null,
    topP: model.top_p ?? null,
    maxTokens: model.max_tokens ?? null,
    seed: model.seed ?? null,
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

function settingsOf({ labellers, lease, generation, tuning }: RoundFile, accounts: readonly NewAccount[]): RunSettings {
  const permits = accounts.map((account) => account.concurrency);
  const total = permits.reduce((sum, n) => sum + n, 0);
  // Three times as many items at hand as calls in flight keep every permit in use, and one shard more so that one can end.
  const window = tuning.window ?? Math.ceil((3 * total) / tuning.shard_size) + 1;
  // A chunk may wait behind all items of the window on the narrowest account. Only a guard: silence is noticed sooner.
  const callsInTurn = Math.max(tuning.chunk_size, Math.ceil((window * tuning.shard_size) / Math.min(...permits)));
  return {
    groups: [...new Set(labellers.groups)].sort(),
    leaseMs: lease,
    maxTries: generation.max_tries,
    callTimeoutMs: generation.timeout,
    retryDelayMs: generation.retry_delay,
    shardSize: tuning.shard_size,
    chunkSize: tuning.chunk_size,
    timings: {
      window,
      sweepMs: tuning.sweep,
      heartbeatMs: tuning.heartbeat,
      chunkTimeoutMs: generation.timeout * callsInTurn + 60_000,
      historyEvents: tuning.history_events,
      retryCapMs: tuning.retry_cap,
    },
  };
}
