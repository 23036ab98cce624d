import type { Command } from 'commander';
import { PROMPT_SET_KINDS, PURPOSES } from '../../domain/states';
import { withDatabase } from '../finding';
import { addLeaf, addNoun } from '../leaf';
import { importPrompts } from '../prompts/import';
import { BAD_ROWS } from '../prompts/reading';
import { listSets, showSet } from '../prompts/show';

export function addPromptsCommands(program: Command): void {
  const prompts = addNoun(program, 'prompts', 'sets of prompts', 'prompts import prompts.jsonl --name first');
  addLeaf(prompts, {
    usage: 'import <files...>',
    text: 'stores the prompts of these files as one set: .jsonl, .ndjson, .json, .csv, .tsv, .parquet, any of them .gz; - is standard input',
    flags: [
      { flags: '--name <name>', text: 'the set’s; left out: the first file’s' },
      { flags: '--field <ours=theirs>', text: 'what the files call a field, such as prompt=question', repeats: true },
      {
        flags: '--delimiter <character>',
        text: 'between the cells of tables, or tab; left out: as their first line looks',
      },
      {
        flags: '--bad-rows <what>',
        text: 'whether rows that are no prompts refuse the set, or are left out and told',
        choices: BAD_ROWS,
        default: 'refuse',
      },
      {
        flags: '--purpose <purpose>',
        text: 'what the prompts are for, for good: to write manuals by, or only to measure',
        choices: PURPOSES,
        default: 'measure',
      },
      {
        flags: '--kind <kind>',
        text: 'where they come from',
        choices: PROMPT_SET_KINDS,
        default: 'fixed',
        env: 'PLUMBLINE_PROMPT_KIND',
      },
    ],
    examples: [
      'prompts import prompts.jsonl --name first',
      'prompts import a.csv b.csv.gz --field prompt=question --bad-rows keep-the-rest --dry-run',
      'prompts import - --name logs --kind logs --json < logs.jsonl',
    ],
    acts: true,
    mutates: true,
    run: importPrompts,
  });
  addLeaf(prompts, {
    usage: 'list',
    text: 'the newest sets',
    flags: [{ flags: '--limit <n>', text: 'how many at most', default: '20' }],
    examples: ['prompts list', 'prompts list --limit 100 --json'],
    run: (call) => withDatabase((db) => listSets(db, call)),
  });
  addLeaf(prompts, {
    usage: 'show <set>',
    text: 'what is in a set, by name (the newest of it), NAME@HASH or the beginning of its hash',
    flags: [
      {
        flags: '--sample <n>',
        text: 'shows the first n prompts too',
        env: 'PLUMBLINE_PROMPTS_SAMPLE',
      },
    ],
    examples: ['prompts show first', 'prompts show first@3f9c21d4 --sample 3', 'prompts show first --json'],
    run: (call) => withDatabase((db) => showSet(db, call)),
  });
}
