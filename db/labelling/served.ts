/** What a labeller sees of an item: what was sent, what came back, and the form. Nothing that tells where it is from. */
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import { type FormName, NO_WORDS, type Vocabulary } from '../../domain/forms';
import type { ItemId, ManualHash, RoundId } from '../../domain/ids';
import type { Json } from '../../domain/text';
import { fillTurns, isOpenTurn } from '../../domain/turns';
import { type FrozenVariant, putPrompt, VariantFault } from '../../domain/variants';
import type { Tx } from '../connection';
import { readManual } from '../manuals/read';
import { rowsOf, statement } from '../prepared';
import { items } from '../schema';
import { shownMessage } from '../texts';

export interface Served {
  /**
   * The system prompt of the model or of the item's variant, where there is one, and the prompt's messages, as they were
   * sent; among them what the model said in earlier turns of its own.
   */
  messages: Json[];
  /** The message to be judged; absent: the completion. */
  judgeTurn?: number;
  /** What the assistant wrote; empty where it wrote nothing. */
  completion: string;
  /** The whole message, where it is more than text: tool calls, a refusal. */
  completionMessage?: { [key: string]: Json };
  form: FormName;
  /** What answers may cite. */
  words: Vocabulary;
  /** null where the round has no manual. */
  manual: { name: string; revision: number; hash: ManualHash } | null;
}

/** @returns undefined for an item that is in quarantine or redacted. @throws Error for an id that no item has. */
export async function readServed(tx: Tx, itemId: ItemId): Promise<Served | undefined> {
  const { withheld, served } = await read(tx, itemId);
  return withheld ? undefined : served;
}

/** What an item in quarantine shows, for those who may see it. @returns undefined for one that is not in quarantine. */
export async function readQuarantined(tx: Tx, itemId: ItemId): Promise<(Served & { roundId: RoundId }) | undefined> {
  const [item] = await tx
    .select({ roundId: items.roundId })
    .from(items)
    .where(and(eq(items.id, itemId), isNotNull(items.quarantinedAt)));
  return item && { ...(await read(tx, itemId)).served, roundId: item.roundId };
}

async function read(tx: Tx, itemId: ItemId): Promise<{ withheld: boolean; served: Served }> {
  const [row] = await rowsOf(tx, servedRow({ itemId }));
  if (!row) throw new Error(`no item ${itemId}`);
  const sent: Json = JSON.parse(row.messages);
  const asked = putAsSent(Array.isArray(sent) ? sent : [sent], row.variant, row.fields);
  const system = row.variant?.system ?? row.system;
  const first = system === null ? [] : [{ role: 'system', content: system }];
  const judged = row.judge_turn === null ? undefined : openTurnAt(asked, row.judge_turn);
  const served = {
    messages: [...first, ...fillTurns(asked, row.played.map(turnOf))],
    ...(judged !== undefined && { judgeTurn: first.length + judged }),
    ...completionOf(row.completion),
    form: row.form,
    ...(await manualOf(tx, row.manual_revision)),
  };
  return { withheld: row.withheld, served };
}

interface ServedRow extends Record<string, unknown> {
  messages: string;
  played: string[];
  completion: string | null;
  system: string | null;
  variant: FrozenVariant | null;
  fields: { [field: string]: Json } | null;
  judge_turn: number | null;
  form: FormName;
  manual_revision: ManualHash | null;
  withheld: boolean;
}

const servedRow = statement<{ itemId: ItemId }, ServedRow>(
  ({ itemId }) => sql`
  select ${shownMessage('sent', 'user')} as messages, ${shownMessage('written', 'assistant')} as completion,
    r.form, r.manual_revision,
    (select coalesce(jsonb_agg(${shownMessage('said', 'assistant')} order by t.turn), '[]')
      from item_turns t join texts said on said.hash = t.completion_hash where t.item_id = i.id) as played,
    (i.quarantined_at is not null or i.redacted_at is not null) as withheld, p.judge_turn,
    (select way from jsonb_array_elements(r.spec->'variants') way where way->>'id' = i.variant) as variant,
    case when r.spec ? 'variants' then p.metadata end as fields,
    (select model->>'system' from jsonb_array_elements(r.spec->'models') model where model->>'id' = i.model_id) as system
  from items i
  join rounds r on r.id = i.round_id
  join prompts p on p.id = i.prompt_id
  join texts sent on sent.hash = p.messages_hash
  left join texts written on written.hash = i.completion_hash
  where i.id = ${itemId}`,
);

/** What cannot be put as its variant wants was never sent: then the prompt is shown as it is. */
function putAsSent(messages: readonly Json[], variant: FrozenVariant | null, fields: { [field: string]: Json } | null) {
  try {
    return putPrompt(messages, variant ?? undefined, fields);
  } catch (error) {
    if (error instanceof VariantFault) return [...messages];
    throw error;
  }
}

/** Where the model's how-manyth turn stands; undefined for its last, which is the completion. */
function openTurnAt(messages: readonly Json[], turn: number): number | undefined {
  return messages.flatMap((message, i) => (isOpenTurn(message) ? [i] : []))[turn];
}

async function manualOf(tx: Tx, hash: ManualHash | null): Promise<Pick<Served, 'words' | 'manual'>> {
  if (hash === null) return { words: NO_WORDS, manual: null };
  const { manual, revision, words } = await readManual(tx, hash);
  return { words, manual: { name: manual.name, revision, hash } };
}

/** What the model said in an earlier turn, by the same rule as its completion. */
function turnOf(body: string): Json {
  const { completion, completionMessage } = completionOf(body);
  return completionMessage ?? { role: 'assistant', content: completion };
}

function completionOf(body: string | null): Pick<Served, 'completion' | 'completionMessage'> {
  const message: Json = body === null ? null : JSON.parse(body);
  if (typeof message === 'string') return { completion: message };
  if (message === null || typeof message !== 'object' || Array.isArray(message)) return { completion: '' };
  const content = message.content ?? null;
  const beside = shownFields(message);
  const completion = typeof content === 'string' ? content : '';
  const onlyText = (content === null || typeof content === 'string') && Object.keys(beside).length === 0;
  return onlyText ? { completion } : { completion, completionMessage: { role: 'assistant', content, ...beside } };
}

/**
 * The fields beside the text that a labeller judges by. Others, and the ids of tool calls, are the provider's own: their
 * style would tell whose model it is.
 */
function shownFields(message: { [key: string]: Json }): { [key: string]: Json } {
  const shown: { [key: string]: Json } = {};
  if ((message.refusal ?? null) !== null) shown.refusal = message.refusal ?? null;
  if (Array.isArray(message.tool_calls) && message.tool_calls.length > 0) {
    shown.tool_calls = message.tool_calls.map(withoutId);
  }
  return shown;
}

function withoutId(call: Json): Json {
  if (call === null || typeof call !== 'object' || Array.isArray(call)) return call;
  return Object.fromEntries(Object.entries(call).filter(([key]) => key !== 'id'));
}
