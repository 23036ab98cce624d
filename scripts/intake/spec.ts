/** A round's file, read and checked: what is measured, how it is run, and who is asked. */
import path from 'node:path';
import type { z } from 'zod';
import type { NewAccount } from '../../domain/accounts';
import type { FormName } from '../../domain/forms';
import type { AccountId } from '../../domain/ids';
import type { ModelFacts } from '../../domain/models';
import { type Problem, ProblemsError, refuseIfAny } from '../../domain/problems';
import type { FrozenModel, FrozenSpec, RunSettings } from '../../domain/spec';
import type { Purpose } from '../../domain/states';
import { accountFaults, accountsInUse, type Environment } from './accounts';
import { readSmallFile, shownPath } from './files';
import { applyOverrides, type Override, overrideOf, readOverrides } from './overrides';
import { type ModelEntry, type RoundFile, roundFile } from './shape';
import { writePath } from './source';
import { type FieldPath, parseYaml } from './yaml';

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
  const place = ({ line, column }: { line: number; column: number }) => `${shownPath(file)}:${line}:${column}`;
  const source = parseYaml(text, place);
  if ('problems' in source) throw new ProblemsError(source.problems);
  const { parsed } = source;
  if (parsed.value === null) {
    const hint = 'a round needs prompts and models';
    throw ProblemsError.of({ kind: 'spec', message: 'the file is empty', hint, at: shownPath(file) });
  }

  const given = readOverrides(set);
  const applied = applyOverrides(parsed.value, given.overrides);
  const at = (where: FieldPath, part: 'key' | 'value') => {
    const override = overrideOf(given.overrides, where);
    if (override?.path.length === where.length) return override.flag;
    return `${override?.flag ?? place(parsed.positionOf(where, part))} ${writePath(where)}`.trim();
  };
  const read = roundFile.safeParse(applied.value);
  const faults = accountFaults(applied.value, env);
  const problems: Problem[] = [
    ...given.problems,
    ...applied.problems,
    ...(read.error?.issues ?? []).flatMap((issue) => problemsOf(issue, applied.value, at)),
    ...faults.map(({ path: where, ...fault }) => ({ kind: 'spec', ...fault, at: at(where, 'value') })),
  ];
  refuseIfAny(inFileOrder(problems));
  if (!read.success) throw read.error;
  return assemble(read.data, file, given.overrides, env);
}

function problemsOf(
  issue: z.core.$ZodIssue,
  value: unknown,
  at: (where: FieldPath, part: 'key' | 'value') => string,
): Problem[] {
  const where = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
  const tell = (sentence: string, place: string): Problem => {
    const [message = sentence, ...hint] = sentence.split('; ');
    return { kind: 'spec', message, ...(hint.length > 0 && { hint: hint.join('; ') }), at: place };
  };
  if (issue.code === 'unrecognized_keys') {
    const sentences = issue.message.split('\n');
    return issue.keys.map((key, i) => tell(sentences[i] ?? 'unknown setting', at([...where, key], 'key')));
  }
  return [tell(isMissing(value, where) ? 'is missing' : issue.message, at(where, 'value'))];
}

function isMissing(value: unknown, [segment, ...rest]: FieldPath): boolean {
  if (segment === undefined || typeof value !== 'object' || value === null) return false;
  const inner = Object.entries(value).find(([key]) => key === String(segment));
  return inner ? isMissing(inner[1], rest) : rest.length === 0;
}

function inFileOrder(problems: readonly Problem[]): Problem[] {
  const position = ({ at = '' }: Problem) => {
    const [, line, column] = /:(\d+):(\d+)/.exec(at) ?? [];
    return line === undefined ? Number.POSITIVE_INFINITY : Number(line) * 1e6 + Number(column);
  };
  return [...problems].sort((a, b) => position(a) - position(b) || 0);
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
