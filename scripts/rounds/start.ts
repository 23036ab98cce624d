/** `round start`: spec and prompts read and checked, then the round's row. */
import type { Db } from '../../db/connection';
import { planStart, type RoundPlan, startRound } from '../../db/rounds/start';
import { type Problem, refuseIfAny } from '../../domain/problems';
import { roundWorkflowId } from '../../workflows/ids';
import { actingPerson } from '../acting';
import { startForecast } from '../costs/start';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { readSpec } from '../intake/spec';
import type { Call } from '../leaf';
import { count } from '../output';
import { environmentFileIsNewer } from '../supervisor/environmentFile';
import { type PlannedRound, planOf } from './plan';
import { watchRound } from './watch';

export { planOf };

/**
 * Files are checked first, so that they can be mended without any service.
 * @returns the exit code of watching, where that was asked for.
 */
export async function start(call: Call): Promise<number | undefined> {
  const [file = ''] = call.args;
  const spec = readSpec(file, { set: call.values('set') });
  const seed = shortText(call, 'seed');
  const plan = spec.prompts.set === null ? await planOf(spec, seed) : undefined;
  return withDatabase(async (db) => startPlanned(db, call, plan ?? (await planOf(spec, seed, db))));
}

async function startPlanned(db: Db, call: Call, plan: PlannedRound): Promise<number | undefined> {
  const { output } = call;
  const { name } = plan.frozen;
  const actor = await actingPerson(db, call, { action: 'round.start', subject: name, roles: ['operator'] });
  const key = shortText(call, 'key');
  const checked = await checkPlan(db, call, plan, key);
  const { notices, before, prompts, items, exact, manual, capabilityTable, forecast } = checked;
  if (call.on('dryRun') && before) {
    const { roundId } = before;
    output.record({ event: 'already-started', roundId }, `this key has started ${roundId} before`);
    return undefined;
  }
  if (call.on('dryRun')) {
    const record = { event: 'would-start', name, items, prompts, exact, manual, capabilityTable, forecast, notices };
    const by = manual ? ` by the manual ${manual}, table ${capabilityTable ?? 'none'}` : '';
    output.record(record, `would start ${name} with ${exact ? '' : 'about '}${count(items, 'item')}${by}`);
    return undefined;
  }
  const { created, notices: _, ...started } = await startRound(db, plan, { by: actor.id, key });
  const { roundId, seed } = started;
  const record = { event: 'started', ...started, workflowId: roundWorkflowId(roundId), created };
  const said = created ? `started ${roundId}` : `started before with this key: ${roundId}`;
  output.record(record, `${said}, ${count(started.items, 'item')}, seed ${seed}`);
  if (call.on('watch')) return watchRound(db, roundId, output);
  if (!output.json) output.note(`see: plumbline round watch ${roundId}`);
  return undefined;
}

/** What a start would do. What speaks against it is thrown; what may go wrong later is told beside the result. */
export async function checkPlan(db: Db, call: Call, plan: RoundPlan & Partial<PlannedRound>, key?: string) {
  const { problems, notices, ...planned } = await planStart(db, plan, { key });
  const told = [...(plan.notices ?? []), ...notices];
  if (!planned.before) refuseIfAny([...(call.on('keysElsewhere') ? [] : missingKeys(plan)), ...problems]);
  const { output } = call;
  for (const notice of told) output.note(`plumbline: ${notice}`);
  const { mostTurns } = plan.prompts;
  if (mostTurns > 1) output.note(`plumbline: prompts have up to ${mostTurns} turns, each a model call of its own`);
  if (!planned.before && plan.prompts.given < plan.prompts.size)
    output.note(`plumbline: ${startForecast(planned.forecast)}`);
  const newer = environmentFileIsNewer();
  if (newer) output.note(`plumbline: .env ${newer.message}; ${newer.hint}`);
  return { ...planned, notices: told };
}

const LONGEST = 200;

export function shortText(call: Call, name: 'seed' | 'key'): string | undefined {
  const value = call.value(name);
  if (value === undefined || value.length <= LONGEST) return value;
  const message = `must be at most ${LONGEST} characters long`;
  throw new CommandError({ kind: 'usage', message, at: `--${name}` }, EXIT.wrongUsage);
}

function missingKeys({ accounts }: RoundPlan): Problem[] {
  const needed = accounts.flatMap(({ keyVariable, headers, baseUrl, simulated }) => [
    ...(simulated ? [] : [{ variable: keyVariable, what: `the key for ${baseUrl}` }]),
    ...Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [] : [{ variable: value.env, what: `the header ${name} for ${baseUrl}` }],
    ),
  ]);
  return needed
    .filter(({ variable }) => !process.env[variable])
    .map(({ variable, what }) => ({
      kind: 'missing-key',
      message: `${variable} is not set: ${what}`,
      hint: 'set it, in the environment or in .env; --keys-elsewhere if only the workers have it',
      at: variable,
    }));
}
