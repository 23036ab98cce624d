/** `round start`: spec and prompts read and checked, then the round's row. */
import type { Db } from '../../db/connection';
import { planStart, type RoundPlan, startRound } from '../../db/rounds/start';
import { type Problem, refuseIfAny } from '../../domain/problems';
import type { RunSettings } from '../../domain/spec';
import { roundWorkflowId } from '../../workflows/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { readPrompts } from '../intake/prompts';
import { type RoundSpec, readSpec } from '../intake/spec';
import type { Call } from '../leaf';
import { count } from '../output';
import { environmentFileIsNewer } from '../supervisor/environmentFile';
import { watchRound } from './watch';

/**
 * The files are checked first, so that they can be mended without any service.
 * @returns the exit code of watching, where that was asked for.
 */
export async function start(call: Call): Promise<number | undefined> {
  const [file = ''] = call.args;
  const spec = readSpec(file, { set: call.values('set') });
  const plan = await planOf(spec, shortText(call, 'seed'));
  return withDatabase((db) => startPlanned(db, call, plan));
}

async function startPlanned(db: Db, call: Call, plan: RoundPlan): Promise<number | undefined> {
  const { output } = call;
  const { name } = plan.frozen;
  const actor = await actingPerson(db, call, { action: 'round.start', subject: name, roles: ['operator'] });
  const key = shortText(call, 'key');
  const { problems, notices, before, items, manual, capabilityTable } = await planStart(db, plan, { key });
  if (!before) refuseIfAny([...(call.on('keysElsewhere') ? [] : missingKeys(plan)), ...problems]);
  for (const notice of notices) output.note(`plumbline: ${notice}`);
  const { mostTurns } = plan.prompts;
  if (mostTurns > 1) output.note(`plumbline: prompts have up to ${mostTurns} turns, each a model call of its own`);
  const newer = environmentFileIsNewer();
  if (newer) output.note(`plumbline: .env ${newer.message}; ${newer.hint}`);
  if (call.on('dryRun') && before) {
    const { roundId } = before;
    output.record({ event: 'already-started', roundId }, `this key has started ${roundId} before`);
    return undefined;
  }
  if (call.on('dryRun')) {
    const prompts = plan.sample ?? plan.prompts.size;
    const record = { event: 'would-start', name, items, prompts, manual, capabilityTable, notices };
    const by = manual ? ` by the manual ${manual}, table ${capabilityTable ?? 'none'}` : '';
    output.record(record, `would start ${name} with ${count(items, 'item')}${by}`);
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

export async function planOf(spec: RoundSpec, seed: string | undefined): Promise<RoundPlan> {
  const { frozen, judged, settings, accounts, models, deadlineMs, prompts } = spec;
  const source = await readPrompts(prompts.files[0] ?? '');
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
  };
}

/** A chunk of conversations is given the time of all their calls. */
function forTurns(settings: RunSettings, turns: number): RunSettings {
  const { timings } = settings;
  return { ...settings, timings: { ...timings, chunkTimeoutMs: timings.chunkTimeoutMs * turns } };
}

const LONGEST = 200;

function shortText(call: Call, name: 'seed' | 'key'): string | undefined {
  const value = call.value(name);
  if (value === undefined || value.length <= LONGEST) return value;
  const message = `must be at most ${LONGEST} characters long`;
  throw new CommandError({ kind: 'usage', message, at: `--${name}` }, EXIT.wrongUsage);
}

function missingKeys({ accounts }: RoundPlan): Problem[] {
  return accounts
    .filter(({ keyVariable, simulated }) => !simulated && !process.env[keyVariable])
    .map(({ keyVariable, baseUrl }) => ({
      kind: 'missing-key',
      message: `${keyVariable} is not set: the key for ${baseUrl}`,
      hint: 'set it, in the environment or in .env; --keys-elsewhere if only the workers have it',
      at: keyVariable,
    }));
}
