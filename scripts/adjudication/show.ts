/** `adjudicate show`: an item as a labeller sees it; the labels only after one's own blind ruling. */
import type { Db } from '../../db/connection';
import { type SeenItem, type SeenLabel, type SeenRuling, seeItem } from '../../db/rulings/see';
import { shownItem } from '../../db/rulings/shown';
import type { FormName, Vocabulary } from '../../domain/forms';
import { exampleAnswers } from '../../domain/forms/example';
import type { Json } from '../../domain/text';
import { actingPerson, asAgain } from '../acting';
import { CommandError } from '../failures';
import { harmless, harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { meantItem, unknownItem } from './item';
import { answersInWords, describeQuestions, judgmentInWords } from './words';

const NOT_SHOWN = {
  quarantined: 'the item is in quarantine: nobody is shown it',
  redacted: 'the item’s text was redacted: nobody can be shown it',
  'no-completion': 'the item has no completion: there is nothing to judge',
};

export async function show(db: Db, call: Call): Promise<undefined> {
  const [given = ''] = call.args;
  const item = await meantItem(db, given);
  const subject = item?.itemId ?? given.slice(0, 100);
  const deed = { action: 'ruling.see', subject, roles: ['researcher'] as const };
  const actor = await actingPerson(db, call, item ? { ...deed, roundId: item.roundId } : deed);
  if (!item) throw unknownItem(given);
  const seen = await seeItem(db, item.itemId, actor.id);
  if (seen.kind !== 'seen') throw new CommandError({ kind: seen.kind, message: NOT_SHOWN[seen.kind] });
  call.output.record(shownItem(seen), describeItem(seen, asAgain(call)));
}

function describeItem({ itemId, roundId, state, served, rulings, labels }: SeenItem, as: string): string {
  const { messages, completion, completionMessage, judgeTurn, form, words, manual } = served;
  const under = manual ? `, manual ${manual.name}@${manual.revision}` : '';
  return [
    `item ${itemId} of round ${roundId}: ${state}${under}`,
    ...messages.flatMap((message, i) => describeMessage(message, i === judgeTurn)),
    ...section(judgeTurn === undefined ? 'completion' : 'the last answer, not to be judged', completion),
    ...(completionMessage ? section('the whole message of the completion', pretty(completionMessage)) : []),
    '',
    `Asked (form ${form}):`,
    ...describeQuestions(form, words).map((line) => harmless(`  ${line}`)),
    '',
    'Answers as a file may have them:',
    `  ${JSON.stringify(exampleAnswers(form, words))}`,
    '',
    ...rulings.flatMap((ruling) => describeRuling(ruling, words)),
    ...(labels === null ? describeWaiting(itemId, form, as) : labels.flatMap((label) => describeLabel(label, words))),
  ].join('\n');
}

function describeWaiting(itemId: string, form: FormName, as: string): string[] {
  const given = form === 'verdict' ? '--verdict VERDICT' : '--answers FILE';
  return [
    'What labellers said appears after your own ruling, given without it:',
    `  plumbline adjudicate decide ${itemId} ${given} --why TEXT${as}`,
  ];
}

function describeMessage(message: Json, judged: boolean): string[] {
  const mark = judged ? ', TO BE JUDGED' : '';
  if (message === null || typeof message !== 'object' || Array.isArray(message)) {
    return section(`message${mark}`, pretty(message));
  }
  const { role, content, ...rest } = message;
  const title = (typeof role === 'string' ? role : 'message') + mark;
  return [
    ...section(title, typeof content === 'string' ? content : pretty(content ?? null)),
    ...(Object.keys(rest).length > 0 ? section(`${title}, what else it has`, pretty(rest)) : []),
  ];
}

function pretty(value: Json): string {
  return JSON.stringify(value, null, 2);
}

/** Every line is marked, so that no text can pass for what the command says. */
function section(title: string, text: string): string[] {
  return ['', `${harmlessLine(title)}:`, ...marked(text)];
}

function marked(text: string): string[] {
  return harmless(text)
    .split('\n')
    .map((line) => `  | ${line}`);
}

function describeRuling({ researcher, own, stage, answers, judgment, why, at }: SeenRuling, words: Vocabulary) {
  const who = own ? 'you' : harmlessLine(researcher);
  return [
    `${who} ruled ${judgmentInWords(judgment)}, ${stage}, ${at.toISOString()}`,
    ...answersInWords(answers, words).map((line) => harmless(`  ${line}`)),
    ...(why === null ? [] : marked(why)),
  ];
}

function describeLabel({ labeller, answers, judgment, unsure, note, at }: SeenLabel, words: Vocabulary): string[] {
  return [
    `${harmlessLine(labeller)} labelled it ${judgmentInWords(judgment)}${unsure ? ', unsure' : ''}, ${at.toISOString()}`,
    ...answersInWords(answers, words).map((line) => harmless(`  ${line}`)),
    ...(note === null ? [] : marked(note)),
  ];
}
