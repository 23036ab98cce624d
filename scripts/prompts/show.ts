/** `prompts list` and `prompts show`: the stored sets, and what is in one of them. */
import type { Db } from '../../db/connection';
import { listPromptSets, type StoredPrompts, type StoredSet, storedPrompts } from '../../db/promptSets';
import type { ChatMessage, NewPrompt } from '../../domain/prompts';
import { isOpenTurn } from '../../domain/turns';
import { CommandError, EXIT } from '../failures';
import { harmless, harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { count, table } from '../output';
import { meantSet, refOf } from './meant';

const MOST_LISTED = 100_000;
const MOST_SHOWN = 1_000;
const HEADINGS = ['set', 'prompts', 'purpose', 'kind', 'stored (UTC)'];

export async function listSets(db: Db, call: Call): Promise<undefined> {
  const sets = await listPromptSets(db, { limit: whole(call, 'limit', MOST_LISTED) ?? 20 });
  const rows = sets.map((set) => [
    harmlessLine(refOf(set)),
    String(set.size),
    set.purpose,
    set.kind,
    set.createdAt.toISOString().slice(0, 16).replace('T', ' '),
  ]);
  const none = 'no sets yet: `plumbline prompts import FILE` stores one';
  call.output.records(sets.map(setRecord), rows.length > 0 ? table(HEADINGS, rows) : none);
}

export async function showSet(db: Db, call: Call): Promise<undefined> {
  const wanted = whole(call, 'sample', MOST_SHOWN);
  const set = await meantSet(db, call.args[0] ?? '');
  const stored = await storedPrompts(db, set);
  const sample = wanted === undefined ? [] : await firstOf(stored, wanted);
  const { requirements, fields, given, judged, mostTurns } = stored;
  const record = { ...setRecord(set), requirements, fields, given, judged, mostTurns };
  const shown = sample.map(({ position: _, ...prompt }) => prompt);
  if (sample.length > 0 && set.purpose === 'measure') {
    call.output.note('plumbline: these prompts measure: who writes a manual by them would measure the manual');
  }
  call.output.record(wanted === undefined ? record : { ...record, sample: shown }, describe(set, stored, sample));
}

function describe(set: StoredSet, stored: StoredPrompts, sample: readonly NewPrompt[]): string {
  const { requirements, fields, given, judged, mostTurns } = stored;
  return [
    `${harmlessLine(refOf(set))}: ${count(set.size, 'prompt')} to ${set.purpose}, ${set.kind}`,
    `stored ${set.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, hash ${set.hash}`,
    ...requirements.map((one) => `${count(one.prompts, 'prompt')} for who holds ${one.requirements.join(' and ')}`),
    `fields: ${fields.length > 0 ? harmlessLine(fields.join(', ')) : 'none beside the prompts'}`,
    ...(given > 0 ? [`${count(given, 'prompt')} with a completion`] : []),
    ...(judged > 0 ? [`${count(judged, 'prompt')} of which a certain turn is judged`] : []),
    ...(mostTurns > 1 ? [`up to ${mostTurns} turns of the model`] : []),
    ...sample.map((prompt) => `\n${harmlessLine(prompt.externalId)}\n${prompt.messages.map(said).join('\n')}`),
  ].join('\n');
}

function said(message: ChatMessage): string {
  if (isOpenTurn(message)) return '  [the model’s turn]';
  const { role, content } = message;
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return `  ${role}: ${harmless(text).replaceAll('\n', '\n    ')}`;
}

async function firstOf(stored: StoredPrompts, wanted: number): Promise<NewPrompt[]> {
  const found: NewPrompt[] = [];
  for await (const prompt of stored.prompts()) {
    found.push(prompt);
    if (found.length >= wanted) break;
  }
  return found;
}

function setRecord({ hash, name, kind, size, purpose, createdAt }: StoredSet) {
  return { set: name, hash, size, purpose, kind, createdAt: createdAt.toISOString() };
}

function whole(call: Call, name: string, most: number): number | undefined {
  const given = call.value(name);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  const message = `takes a whole number from 1 to ${most}`;
  throw new CommandError({ kind: 'usage', message, at: `--${name}` }, EXIT.wrongUsage);
}
