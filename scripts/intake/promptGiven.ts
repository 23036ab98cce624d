/** What a prompt file may bring beside a prompt: an answer to judge, and which of the model's turns is judged. */
import type { ChatMessage } from '../../domain/prompts';
import { canonicalJson, type Json } from '../../domain/text';
import { turnsOf } from '../../domain/turns';
import { count } from '../output';
import { isObject, LineFault, nameOf } from './lineFault';

const AS_MESSAGE = '{"role": "assistant", "content": "…"}';
const WRITE_OUT = 'write the conversation out as messages, with what was said in every turn before the last';

/** @returns canonical JSON of the assistant's message, as a model's own answer is kept. @throws LineFault */
export function completionOf(value: Json | undefined, messages: readonly ChatMessage[]): string | undefined {
  if ((value ?? null) === null) return undefined;
  const message = messageOf(value);
  if (turnsOf(messages) > 1) {
    throw new LineFault('completion', 'answers a prompt in which an earlier turn of the model is open', WRITE_OUT);
  }
  return message;
}

function messageOf(value: Json | undefined): string {
  if (typeof value === 'string') {
    if (value.trim() !== '') return canonicalJson({ role: 'assistant', content: value });
    const hint = 'leave it out; where the model said nothing, write {"role": "assistant", "content": ""}';
    throw new LineFault('completion', 'is empty', hint);
  }
  if (!isObject(value)) throw new LineFault('completion', `is ${nameOf(value)}`, `write a text, or ${AS_MESSAGE}`);
  const { role = null, content = null, tool_calls = null, refusal = null } = value;
  if (role !== null && role !== 'assistant') throw new LineFault('completion.role', 'must be assistant');
  const says = typeof content === 'string' || (Array.isArray(content) && content.length > 0 && content.every(isObject));
  const does = (Array.isArray(tool_calls) && tool_calls.length > 0) || typeof refusal === 'string';
  if (!says && !(content === null && does)) {
    throw new LineFault('completion.content', 'must be a text or a list of parts', `write ${AS_MESSAGE}`);
  }
  return canonicalJson({ ...value, role: 'assistant' });
}

/** @returns the turn from 0. @throws LineFault unless the prompt has such a turn. */
export function judgeTurnOf(value: Json | undefined, messages: readonly ChatMessage[]): number | undefined {
  if ((value ?? null) === null) return undefined;
  const turn = typeof value === 'string' && /^\d{1,4}$/.test(value.trim()) ? Number(value) : value;
  if (typeof turn !== 'number' || !Number.isInteger(turn) || turn < 1) {
    throw new LineFault('judge_turn', 'must be a whole number from 1: which of the model’s turns is judged');
  }
  const turns = turnsOf(messages);
  if (turn <= turns) return turn - 1;
  throw new LineFault('judge_turn', `is ${turn}, and the model has ${count(turns, 'turn')} in this prompt`);
}
