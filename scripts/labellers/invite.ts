/** `labeller invite`: a labeller, a token, and the terms that they label under. */
import { recordAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import { inviteLabeller } from '../../db/people';
import { LABELLER_KINDS } from '../../domain/states';
import { actingPerson } from '../acting';
import type { Call } from '../leaf';
import { readUpState } from '../supervisor/state';
import { heldBy, noteSlips } from './requirements';
import { termsFile } from './terms';

export async function invite(db: Db, call: Call): Promise<undefined> {
  const { output } = call;
  const name = call.value('name') ?? '';
  const kind = LABELLER_KINDS.find((known) => known === call.value('kind')) ?? 'human';
  const invitation = { name, kind, groups: call.values('group'), holds: heldBy(call) };
  const terms = termsFile(call.value('consent'));
  const action = 'labeller.invite';
  const actor = await actingPerson(db, call, { action, subject: name, roles: ['operator'] });
  await noteSlips(db, call, invitation.holds);
  const under = terms === undefined ? '' : ', under terms to be agreed to';
  if (call.on('dryRun')) {
    const record = { event: 'would-invite', ...invitation, ...(terms !== undefined && { terms: true }) };
    output.record(record, `would invite ${name} as a ${kind} labeller${under}`);
    return;
  }
  const { labellerId, token, again } = await inviteLabeller(db, { ...invitation, terms });
  const { groups, holds } = invitation;
  const detail = { kind, groups, holds, ...(terms !== undefined && { terms: true }) };
  await recordAct(db, { actor: actor.id, action, subject: labellerId, detail });
  const url = call.value('siteUrl') ?? readUpState()?.addresses?.site ?? null;
  if (again) {
    output.note(
      `${name} was a labeller before: this is one more token, and the earlier ones go on working; a new one in their place: plumbline person token ${JSON.stringify(name)}`,
    );
  }
  if (!url) output.note('the site’s address is not known here: set PLUMBLINE_SITE_URL');
  const where = url ? `\nthe site: ${url}` : '';
  output.record(
    { labellerId, token, url, ...(again && { again }) },
    `${name} is ${labellerId}${under}\ntoken, shown this once: ${token}${where}`,
  );
}
