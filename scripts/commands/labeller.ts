import type { Command } from 'commander';
import { LABELLER_KINDS } from '../../domain/states';
import { withDatabase } from '../finding';
import { invite } from '../labellers/invite';
import { list, show } from '../labellers/list';
import { set } from '../labellers/set';
import { resume, suspend } from '../labellers/suspend';
import { timesheet } from '../labellers/timesheet';
import { work } from '../labelling/work';
import { addLeaf, addNoun, type Flag } from '../leaf';

const GROUP: Flag = { flags: '--group <group>', text: 'a group that rounds may ask for', repeats: true };
const HOLDS: Flag = {
  flags: '--holds <requirement>',
  text: 'a requirement met, such as domain:medicine',
  repeats: true,
};
const LANG: Flag = { flags: '--lang <language>', text: 'a language worked in: de is --holds lang:de', repeats: true };
const WHY: Flag = { flags: '--why <text>', text: 'the reason, for the record', required: true };
const SITE_URL: Flag = { flags: '--site-url <url>', text: 'the site, where it is not the local one' };

export function addLabellerCommands(program: Command): void {
  const labeller = addNoun(program, 'labeller', 'who labels', 'labeller invite --name Ada');
  addInviting(labeller);
  addStanding(labeller);
  addLeaf(labeller, {
    usage: 'timesheet [labeller]',
    text: 'what labellers did and how long they worked, by the day (UTC), with their pay where rounds say wages; of one, or of all',
    flags: [
      { flags: '--from <date>', text: 'the first day, such as 2026-03-01' },
      { flags: '--to <date>', text: 'the last day' },
      { flags: '--round <round>', text: 'of one round alone' },
      { flags: '--csv <file>', text: 'writes the table for other programs' },
    ],
    examples: ['labeller timesheet', 'labeller timesheet Ada --from 2026-03-01 --to 2026-03-31 --csv march.csv'],
    run: (call) => withDatabase((db) => timesheet(db, call)),
  });
  addLeaf(labeller, {
    usage: 'work [round]',
    text: 'labels in this terminal, by single keys, over the site’s API; or by the characters of a pipe. A round is an id; latest, or none, is the newest that is open to the labeller',
    flags: [
      SITE_URL,
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

function addInviting(labeller: Command): void {
  addLeaf(labeller, {
    usage: 'invite',
    text: 'makes somebody a labeller and gives them a token, shown once; again: brings groups up to date, one more token',
    flags: [
      { flags: '--name <name>', text: 'by which you know them', required: true },
      { flags: '--kind <kind>', text: 'who or what labels', choices: LABELLER_KINDS, default: 'human' },
      GROUP,
      HOLDS,
      LANG,
      { flags: '--consent <file>', text: 'terms, in Markdown or plain text, to be agreed to before the first item' },
      SITE_URL,
    ],
    examples: [
      'labeller invite --name Ada --group doctors --lang de --lang en --consent terms.md',
      'labeller invite --name Bo --json',
    ],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => invite(db, call)),
  });
  addLeaf(labeller, {
    usage: 'set <labeller>',
    text: 'gives a labeller groups and requirements met, or takes them away; what is not named stays',
    flags: [
      GROUP,
      { flags: '--no-group <group>', text: 'a group to leave', repeats: true },
      HOLDS,
      { flags: '--no-holds <requirement>', text: 'a requirement not met any more', repeats: true },
      LANG,
    ],
    examples: ['labeller set Ada --group doctors --lang fr --no-holds domain:law'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => set(db, call)),
  });
}

function addStanding(labeller: Command): void {
  addLeaf(labeller, {
    usage: 'list',
    text: 'every labeller, with groups and requirements met',
    flags: [{ flags: '--group <group>', text: 'only those of this group' }],
    examples: ['labeller list --json', 'labeller list --group doctors'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(labeller, {
    usage: 'show <labeller>',
    text: 'one labeller, by name or id, with what they have done',
    examples: ['labeller show Ada'],
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(labeller, {
    usage: 'suspend <labeller>',
    text: 'no more items for a labeller, in any round, from now on; what they gave stays and counts',
    flags: [WHY],
    examples: ['labeller suspend Ada --why "answers before reading"'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => suspend(db, call)),
  });
  addLeaf(labeller, {
    usage: 'resume <labeller>',
    text: 'lifts a suspension',
    examples: ['labeller resume Ada'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => resume(db, call)),
  });
}
