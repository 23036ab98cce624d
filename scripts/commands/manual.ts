import type { Command } from 'commander';
import { hashManual } from '../../domain/manual';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';
import { init, readFolder, tell } from '../manuals/init';
import { meantManual } from '../manuals/meant';
import { describeManual, manualRecord } from '../manuals/view';

export function addManualCommands(program: Command): void {
  const manual = addNoun(program, 'manual', 'what labellers go by', 'manual init --as Rosa');
  addLeaf(manual, {
    usage: 'init [folder]',
    text: 'checks and imports a manual’s folder (left out: manual), begun with the starter manual where there is none yet',
    examples: ['manual init --as Rosa', 'manual init handbook --dry-run', 'manual init handbook --as Rosa --json'],
    acts: true,
    mutates: true,
    run: init,
  });
  addLeaf(manual, {
    usage: 'show [manual]',
    text: 'a manual, by name, name@1 or the beginning of its hash (left out: the only one there is)',
    flags: [{ flags: '--folder <dir>', text: 'checks and shows this folder’s instead, without any service' }],
    examples: ['manual show', 'manual show starter@1 --json', 'manual show --folder handbook'],
    run: show,
  });
}

async function show(call: Call): Promise<undefined> {
  const [ref] = call.args;
  const { output } = call;
  const folder = call.value('folder');
  if (folder === undefined) {
    const { manual, hash, ...stored } = await withDatabase((db) => meantManual(db, ref));
    const shown = { manual, hash, stored };
    output.record(manualRecord(shown), describeManual(shown));
    return;
  }
  if (ref !== undefined) {
    const message = 'shows a folder’s manual, and another is named too';
    throw new CommandError({ kind: 'usage', message, hint: 'leave one of them', at: '--folder' }, EXIT.wrongUsage);
  }
  const { manual, notices } = readFolder(folder);
  tell(output, notices);
  const shown = { manual, hash: hashManual(manual), stored: null };
  output.record(manualRecord(shown), describeManual(shown));
}
