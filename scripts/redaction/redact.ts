/** `redact`: which text is meant, what it is, and its end. */
import type { Db } from '../../db/connection';
import { namesOf } from '../../db/people';
import { findTexts, redactText, repeatsOf, type TextUse, textsOfItem, useOfText } from '../../db/redaction';
import { type ItemId, isUuid } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { count, table } from '../output';
import { repeatedLines } from './words';

const ROLES = ['operator'] as const;

export async function redact(db: Db, call: Call): Promise<undefined> {
  const [given = ''] = call.args;
  // Somebody may paste the text itself: it must not be kept.
  const subject = /^[0-9a-f-]{1,64}$/i.test(given) ? given : 'no hash';
  const actor = await actingPerson(db, call, { action: 'text.redact', subject, roles: ROLES });
  if (isUuid(given)) return listTexts(db, call, given.toLowerCase() as ItemId);
  const hash = await meantText(db, call, given);
  if (hash === undefined) return;
  if (call.on('dryRun')) return foretell(db, call, hash);
  const why = (call.value('why') ?? '').trim();
  if (why === '') throw wrong('this needs a reason, which stands in place of the text', 'say it with --why', '--why');
  const result = await redactText(db, { hash, by: actor.id, why });
  if (result.kind !== 'redacted') throw new Error('a text was there and is gone');
  const { items, unfinished, prompts } = result;
  const said = [
    `redacted ${hash}: ${count(items, 'item')} served to nobody any more, ${unfinished} of them not finished`,
    `what holds it still: copies made before this (backups, archives, reports), and the disk until Postgres has cleaned up (VACUUM FULL texts, prompts)`,
  ];
  call.output.record({ event: 'redacted', hash, items, unfinished, prompts }, said.join('\n'));
}

/** @returns undefined for a text that was redacted before: that is said. @throws CommandError where none, or several, are meant. */
async function meantText(db: Db, call: Call, given: string): Promise<string | undefined> {
  const [text, another] = await findTexts(db, given);
  if (another) throw wrong(`several texts have a hash that begins with ${given}`, 'give more of it');
  if (!text) {
    const hint =
      'give its sha256, or 8 characters or more of its beginning; `plumbline redact ITEM` lists those of an item';
    throw wrong('no text has this hash', hint);
  }
  if (!text.redacted) return text.hash;
  const { at, by, why } = text.redacted;
  const record = { event: 'already-redacted', hash: text.hash, at: at.toISOString(), by, why };
  const name = (await namesOf(db, [by])).get(by) ?? by;
  const said = `${text.hash} was redacted at ${at.toISOString()} by ${harmlessLine(name)}: ${harmlessLine(why)}`;
  call.output.record(record, said);
  return undefined;
}

async function listTexts(db: Db, call: Call, itemId: ItemId): Promise<undefined> {
  const item = await textsOfItem(db, itemId);
  if (!item) throw wrong(`there is no item ${itemId}`, '`plumbline adjudicate list` names items');
  const rows = item.texts.map(({ what, hash, redacted }) => [what, hash, redacted ? 'redacted' : '']);
  const hint = 'nothing was redacted: give the hash of the text to redact';
  call.output.record({ event: 'texts', itemId, ...item }, `${table(['text', 'hash', ''], rows)}\n${hint}`);
}

async function foretell(db: Db, call: Call, hash: string): Promise<undefined> {
  const use = await useOfText(db, hash);
  const repeats = await repeatsOf(db, hash);
  const { items, rounds, unfinished } = use;
  const lines = [
    `would redact ${hash}: ${isWhat(use)}`,
    `${count(items, 'item')} of ${count(rounds, 'round')} would be served to nobody any more; ${unfinished} of them, not finished yet, would end unresolved or failed`,
    ...repeatedLines(repeats),
  ];
  call.output.record({ event: 'would-redact', hash, use, repeats: repeats ?? null }, lines.join('\n'));
}

function isWhat(use: TextUse): string {
  const parts: readonly (readonly [number, string])[] = [
    [use.prompts, 'the messages of %'],
    [use.givenCompletions, 'a completion given with %'],
    [use.completions, 'the completion of %'],
    [use.turns, 'an earlier turn of %'],
    [use.notes, 'the note of %'],
    [use.reasons, 'the reason of %'],
    [use.terms, 'the terms of %'],
  ];
  const nouns = ['prompt', 'prompt', 'item', 'item', 'label', 'ruling', 'labeller'];
  const said = parts.flatMap(([n, words], i) => (n > 0 ? [words.replace('%', count(n, nouns[i] ?? ''))] : []));
  return said.length > 0 ? said.join(', ') : 'nothing points to it';
}

function wrong(message: string, hint: string, at = '<hash>'): CommandError {
  return new CommandError({ kind: 'usage', message, hint, at }, EXIT.wrongUsage);
}
