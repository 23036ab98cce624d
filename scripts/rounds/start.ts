/** `round start`: spec and prompts read and checked, then the round's row. */
import type { Db } from '../../db/connection';
import { planStart, type RoundPlan, startRound } from '../../db/rounds/start';
import { type Problem, refuseIfAny } from '../../domain/problems';
import { roundWorkflowId } from '../../workflows/ids';
import { actingPerson } from '../acting';
import { readPrompts } from '../intake/prompts';
import { type RoundSpec, readSpec } from '../intake/spec';
import type { Call } from '../leaf';
import { count } from '../output';
import { watchRound } from './watch';

/** @returns the exit code of watching, where it was asked for. */
export async function start(db: Db, call: Call): Promise<number | undefined> {
  const { output } = call;
  const [file = ''] = call.args;
  const spec = readSpec(file, { set: call.values('set') });
  const plan = await planOf(spec, call.value('seed'));
  const actor = await actingPerson(db, call, { action: 'round.start', subject: spec.frozen.name, roles: ['operator'] });
  const key = call.value('key');
  const { problems, notices, before, items } = await planStart(db, plan, { key });
  if (!before) refuseIfAny([...(call.on('keysElsewhere') ? [] : missingKeys(spec)), ...problems]);
  for (const notice of notices) output.note(`plumbline: ${notice}`);
  if (call.on('dryRun')) {
    const { name } = spec.frozen;
    const record = { event: 'would-start', name, items, prompts: plan.sample ?? plan.prompts.size, notices };
    output.record(record, `would start ${name} with ${count(items, 'item')}`);
    return undefined;
  }
  const { roundId, seed, specHash, created } = await startRound(db, plan, { by: actor.id, key });
  const record = { event: 'started', roundId, workflowId: roundWorkflowId(roundId), seed, specHash, items, created };
  const said = created ? `started ${roundId}` : `started before with this key: ${roundId}`;
  output.record(record, `${said}, ${count(items, 'item')}, seed ${seed}`);
  if (call.on('watch')) return watchRound(db, roundId, output);
  if (!output.json) output.note(`see: plumbline round watch ${roundId}`);
  return undefined;
}

async function planOf(spec: RoundSpec, seed: string | undefined): Promise<RoundPlan> {
  const { frozen, settings, accounts, models, deadlineMs, prompts } = spec;
  return {
    frozen,
    settings,
    accounts,
    models,
    deadlineMs,
    prompts: await readPrompts(prompts.file),
    sample: prompts.sample,
    purpose: prompts.purpose,
    seed: seed ?? spec.seed,
  };
}

function missingKeys({ accounts }: RoundSpec): Problem[] {
  return accounts
    .filter(({ keyVariable }) => !process.env[keyVariable])
    .map(({ keyVariable, baseUrl }) => ({
      kind: 'missing-key',
      message: `${keyVariable} is not set: the key for ${baseUrl}`,
      hint: 'set it, in the environment or in .env; --keys-elsewhere if only the workers have it',
      at: keyVariable,
    }));
}
