/** `labeller set`: groups and requirements, one by one. */
import type { Db } from '../../db/connection';
import { adjustLabeller } from '../../db/people';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import type { Call } from '../leaf';
import { knownLabeller } from './find';
import { heldBy, noteSlips, requirementsOf } from './requirements';

export async function set(db: Db, call: Call): Promise<undefined> {
  const groups = { add: call.values('group'), remove: call.values('noGroup') };
  const holds = { add: heldBy(call), remove: requirementsOf(call, 'noHolds', '--no-holds') };
  refuseBoth(groups, '--group');
  refuseBoth(holds, '--holds');
  if ([groups, holds].every(({ add, remove }) => add.length + remove.length === 0)) {
    throw wrong('nothing is to be changed', 'name a --group, --no-group, --holds, --no-holds or --lang');
  }
  const labeller = await knownLabeller(db, call.args[0] ?? '');
  const deed = { action: 'labeller.set', subject: labeller.id, roles: ['operator'] as const };
  const actor = await actingPerson(db, call, deed);
  await noteSlips(db, call, holds.add);
  noteStrangers(call, labeller, { groups: groups.remove, holds: holds.remove });
  const dryRun = call.on('dryRun');
  const { after, changed } = await adjustLabeller(db, { id: labeller.id, groups, holds, by: actor.id, dryRun });
  const would = dryRun && changed;
  const said = `${labeller.name} ${would ? 'would have' : 'has'} the groups ${named(after.groups)} and holds ${named(after.holds)}`;
  const record = { event: would ? 'would-set' : 'set', labellerId: labeller.id, ...after, changed };
  call.output.record(record, changed ? said : `${said}, as before`);
}

type Named = { groups: readonly string[]; holds: readonly string[] };

/** To take away what is not there is done already; or it was mistyped. */
function noteStrangers({ output }: Call, { name, ...has }: Named & { name: string }, away: Named): void {
  const strange = [
    ...away.groups.filter((one) => !has.groups.includes(one)).map((one) => `is not in the group ${one}`),
    ...away.holds.filter((one) => !has.holds.includes(one)).map((one) => `does not hold ${one}`),
  ];
  for (const one of strange) output.note(`${name} ${one}`);
}

function refuseBoth({ add, remove }: { add: readonly string[]; remove: readonly string[] }, flag: string): void {
  const both = add.find((one) => remove.includes(one));
  if (both !== undefined) throw wrong(`${both} is both added and taken away`, 'say one of the two', flag);
}

function named(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : '(none)';
}

function wrong(message: string, hint: string, at?: string): CommandError {
  return new CommandError({ kind: 'usage', message, hint, ...(at !== undefined && { at }) }, EXIT.wrongUsage);
}
