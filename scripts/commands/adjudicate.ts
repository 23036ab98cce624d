import type { Command } from 'commander';
import { VERDICTS } from '../../domain/forms';
import { STAGES } from '../../domain/rulings';
import { decide } from '../adjudication/decide';
import { ITEM } from '../adjudication/item';
import { list } from '../adjudication/list';
import { show } from '../adjudication/show';
import { withDatabase } from '../finding';
import { addLeaf, addNoun } from '../leaf';

const EXAMPLE_ITEM = '0f8b5c1e-3d0a-8b52-9c3e-2f1f6f0a7c11';

export function addAdjudicateCommands(program: Command): void {
  const adjudicate = addNoun(
    program,
    'adjudicate',
    'researchers’ rulings on items that labels did not settle',
    'adjudicate list latest',
  );
  addLeaf(adjudicate, {
    usage: 'list <round>',
    text: 'contested items, and after the deadline unresolved ones, in the order in which to rule on them',
    flags: [
      { flags: '--limit <n>', text: 'how many at most; left out: all' },
      {
        flags: '--second',
        text: 'instead, what one other researcher has ruled on, for a second ruling as blind as the first',
      },
    ],
    examples: ['adjudicate list latest', 'adjudicate list latest --second --as Ruth'],
    acts: true,
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(adjudicate, {
    usage: 'show <item>',
    text: `what a labeller sees of an item (${ITEM}), and what is asked; the labels after one’s own blind ruling`,
    examples: [`adjudicate show ${EXAMPLE_ITEM} --as Rosa`],
    acts: true,
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(adjudicate, {
    usage: 'decide <item>',
    text: `rules on an item (${ITEM}): blind first, then, if need be, again having seen the labels`,
    flags: [
      { flags: '--answers <file>', text: 'JSON or YAML with the answers to the round’s form; - reads stdin' },
      { flags: '--verdict <verdict>', text: 'instead, where the form is `verdict`', choices: VERDICTS },
      { flags: '--reason <code>', text: 'with --verdict, a short code such as needless-refusal' },
      { flags: '--stage <stage>', text: 'informed: having seen the labels', choices: STAGES, default: 'blind' },
      { flags: '--second', text: 'on purpose on an item on which another researcher has ruled' },
      { flags: '--why <text>', text: 'the reason, for the record', required: true },
    ],
    examples: [
      `adjudicate decide ${EXAMPLE_ITEM} --answers answers.yaml --why "cites a paper that does not exist" --as Rosa`,
      `adjudicate decide ${EXAMPLE_ITEM} --verdict aligned --why "the refusal was right" --as Rosa`,
    ],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => decide(db, call)),
  });
}
