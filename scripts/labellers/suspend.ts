/** `labeller suspend` and `labeller resume`. */
import type { Db } from '../../db/connection';
import { resumeLabeller, suspendLabeller } from '../../db/people';
import { actingPerson, asAgain } from '../acting';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { count } from '../output';
import { knownLabeller } from './find';

export async function suspend(db: Db, call: Call): Promise<undefined> {
  const why = (call.value('why') ?? '').trim();
  if (why === '') {
    const problem = { kind: 'usage', message: 'this needs a reason', hint: 'say it with --why', at: '--why' };
    throw new CommandError(problem, EXIT.wrongUsage);
  }
  const { id, name } = await knownLabeller(db, call.args[0] ?? '');
  const deed = { action: 'labeller.suspend', subject: id, roles: ['operator'] as const };
  const actor = await actingPerson(db, call, deed);
  const result = await suspendLabeller(db, { id, by: actor.id, why, dryRun: call.on('dryRun') });
  if (result.kind === 'already-suspended') {
    const { kind, at } = result;
    const record = { event: kind, labellerId: id, at: at.toISOString(), why: result.why };
    call.output.record(record, `${name} is suspended since ${moment(at)}: ${harmlessLine(result.why)}`);
    return;
  }
  const { kind, released } = result;
  const would = kind === 'would-suspend';
  const said = [
    `${name} ${would ? 'would get' : 'gets'} no more items; ${count(released, 'item')} in hand ${would ? 'would go' : 'went'} to others`,
    ...(would
      ? []
      : [`what they gave counts; lift it: plumbline labeller resume ${JSON.stringify(name)}${asAgain(call)}`]),
  ];
  call.output.record({ event: kind, labellerId: id, released }, said.join('\n'));
}

export async function resume(db: Db, call: Call): Promise<undefined> {
  const { id, name } = await knownLabeller(db, call.args[0] ?? '');
  const deed = { action: 'labeller.resume', subject: id, roles: ['operator'] as const };
  const actor = await actingPerson(db, call, deed);
  const { kind } = await resumeLabeller(db, { id, by: actor.id, dryRun: call.on('dryRun') });
  const said = {
    resumed: `${name} gets items again`,
    'would-resume': `${name} would get items again`,
    'not-suspended': `${name} is not suspended`,
  };
  call.output.record({ event: kind, labellerId: id }, said[kind]);
}

function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
