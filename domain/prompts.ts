/** A prompt as it is sent to a model and shown to a labeller: chat messages. */
import type { Json } from './text';

export const MESSAGE_ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

/** One part of a message's content, as sent; a part of type `text` has its text under `text`. */
export interface ContentPart {
  type: string;
  [field: string]: Json;
}

export interface ChatMessage {
  role: MessageRole;
  /** null only for an assistant's message that calls tools, and for a turn that the model is to play (turns.ts). */
  content: string | ContentPart[] | null;
  name?: string;
  tool_calls?: Json[];
  tool_call_id?: string;
}

/** A prompt of a set that is being read: well-formed text throughout. */
export interface NewPrompt {
  /** The id that the file gave, or its line number. Unique in its set. */
  externalId: string;
  messages: ChatMessage[];
  /** What a labeller must hold to be served it, such as `lang:de`: sorted, without repeats. */
  requirements: string[];
  /** What else the file said of it, never sent to a model or shown to a labeller; absent where it said nothing. */
  metadata?: { [field: string]: Json };
  /** An answer that came with it: canonical JSON of the assistant's message. */
  completion?: string;
  /** The model's turn that is judged, from 0; absent: the last. */
  judgeTurn?: number;
  /** From 0, in the file's order. */
  position: number;
}

/** A checked set of prompts whose texts are read as they are needed: a set may be larger than memory. */
export interface PromptSource {
  name: string;
  /** sha256 over the canonical JSON of all its prompts, with their metadata where there is any. */
  hash: string;
  size: number;
  /** Of the model's turns in a prompt, each a call of its own, the most: 1 where every prompt is answered at once. */
  mostTurns: number;
  /** Each distinct list of requirements, with how many prompts have it. */
  requirements: readonly { requirements: readonly string[]; prompts: number }[];
  /** Names of what else the file said of its prompts. */
  fields: readonly string[];
  /** Prompts that bring a completion. */
  given: number;
  /** Of its prompts' messages, as canonical JSON in UTF-8: all together, and the shortest. */
  bytes: { sum: number; least: number };
  /** @throws ProblemsError at the end if what was read is not what was hashed. */
  prompts(): AsyncIterable<NewPrompt>;
}
