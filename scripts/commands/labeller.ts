import type { Command } from 'commander';
import { recordAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import { labellerWork } from '../../db/labelling/work';
import { findPerson, inviteLabeller, type Labeller, listLabellers, PeopleError } from '../../db/people';
import { isRequirement, REQUIREMENT_SHAPE } from '../../domain/requirements';
import { LABELLER_KINDS } from '../../domain/states';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { work } from '../labelling/work';
import { addLeaf, addNoun, type Call } from '../leaf';
import { count, table } from '../output';
import { readUpState } from '../supervisor/state';

export function addLabellerCommands(program: Command): void {
  const labeller = addNoun(program, 'labeller', 'who labels', 'labeller invite --name Ada');
  addLeaf(labeller, {
    usage: 'invite',
    text: 'makes somebody a labeller and gives them a token, shown once; again: brings groups up to date, one more token',
    flags: [
      { flags: '--name <name>', text: 'by which you know them', required: true },
      { flags: '--kind <kind>', text: 'who or what labels', choices: LABELLER_KINDS, default: 'human' },
      { flags: '--group <group>', text: 'a group that rounds may ask for', repeats: true },
      { flags: '--holds <requirement>', text: 'a requirement met, such as lang:de', repeats: true },
      { flags: '--site-url <url>', text: 'the site, where it is not the local one' },
    ],
    examples: ['labeller invite --name Ada --group doctors --holds lang:de', 'labeller invite --name Bo --json'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => invite(db, call)),
  });
  addLeaf(labeller, {
    usage: 'list',
    text: 'every labeller, with groups and requirements met',
    examples: ['labeller list --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(labeller, {
    usage: 'show <labeller>',
    text: 'one labeller, by name or id, with what they have done',
    examples: ['labeller show Ada'],
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(labeller, {
    usage: 'work [round]',
    text: 'labels in this terminal, by single keys, over the site’s API; or by the characters of a pipe. A round is an id; latest, or none, is the newest that is open to the labeller',
    flags: [
      { flags: '--site-url <url>', text: 'the site, where it is not the local one' },
      {
        flags: '--token <token>',
        text: 'the labeller’s; better in the environment or in .env than here, where others on this machine can see it',
        env: 'PLUMBLINE_LABELLER_TOKEN',
      },
    ],
    examples: ['labeller work', 'labeller work r-k3m9x2p7qa --site-url https://labels.example.org'],
    run: (call) => work(call),
  });
}

async function invite(db: Db, call: Call): Promise<undefined> {
  const { output } = call;
  const name = call.value('name') ?? '';
  const kind = LABELLER_KINDS.find((known) => known === call.value('kind')) ?? 'human';
  const invitation = { name, kind, groups: call.values('group'), holds: call.values('holds').map(requirement) };
  const action = 'labeller.invite';
  const actor = await actingPerson(db, call, { action, subject: name, roles: ['operator'] });
  if (call.on('dryRun')) {
    output.record({ event: 'would-invite', ...invitation }, `would invite ${name} as a ${kind} labeller`);
    return;
  }
  const { labellerId, token } = await inviteLabeller(db, invitation);
  const { groups, holds } = invitation;
  await recordAct(db, { actor: actor.id, action, subject: labellerId, detail: { kind, groups, holds } });
  const url = call.value('siteUrl') ?? readUpState()?.addresses?.site ?? null;
  if (!url) output.note('the site’s address is not known here: set PLUMBLINE_SITE_URL');
  const where = url ? `\nthe site: ${url}` : '';
  output.record({ labellerId, token, url }, `${name} is ${labellerId}\ntoken, shown this once: ${token}${where}`);
}

/** @throws CommandError for a text that no prompt could ask for: it would never be met. */
function requirement(text: string): string {
  if (isRequirement(text)) return text;
  const message = `${text.slice(0, 60)} is no requirement`;
  throw new CommandError(
    { kind: 'usage', message, hint: `write ${REQUIREMENT_SHAPE}`, at: '--holds' },
    EXIT.wrongUsage,
  );
}

const HEADINGS = ['id', 'name', 'kind', 'groups', 'holds', ''];

async function list(db: Db, { output }: Call): Promise<undefined> {
  const all = await listLabellers(db);
  output.records(all.map(recordOf), all.length > 0 ? table(HEADINGS, all.map(rowOf)) : 'no labellers yet');
}

async function show(db: Db, { args: [sought = ''], output }: Call): Promise<undefined> {
  const person = await findPerson(db, sought);
  const labeller = (await listLabellers(db)).find((one) => one.id === person?.id);
  if (!labeller) {
    const message = `no labeller is called ${sought.slice(0, 100)}`;
    throw new PeopleError('unknown-person', message, 'see `plumbline labeller list`');
  }
  const work = await labellerWork(db, labeller.id);
  const { assignments, labels, rounds, seconds } = work;
  const lines = [
    table(HEADINGS, [rowOf(labeller)]),
    `${count(rounds, 'round')}, ${count(labels.total, 'label')}, ${labels.withdrawn} of them withdrawn`,
    `assignments: ${Object.entries(assignments)
      .map(([state, n]) => `${n} ${state}`)
      .join(', ')}`,
    `time: ${(seconds / 3600).toFixed(2)} h between lease and end`,
  ];
  output.record({ ...recordOf(labeller), ...work }, lines.join('\n'));
}

function recordOf({ id, name, kind, groups, holds, removedAt }: Labeller) {
  return { labellerId: id, name, kind, groups, holds, removedAt: removedAt?.toISOString() ?? null };
}

function rowOf({ id, name, kind, groups, holds, removedAt }: Labeller): string[] {
  return [id, name, kind, groups.join(', '), holds.join(', '), removedAt ? 'removed' : ''];
}
