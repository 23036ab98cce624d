/** What came back from a model's endpoint, whole or put together from a stream's pieces. */
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Completion as TextCompletion } from 'openai/resources/completions';
import type { Json } from '../domain/text';
import { joinDelta, messageOfDeltas } from './modelDeltas';

/** Not checked yet: clients pass on what an endpoint says. */
export interface Answer {
  message: Json;
  finishReason: unknown;
  returnedModel: unknown;
  fingerprint: unknown;
  usage: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
}

/** @returns undefined for an answer without a choice. */
export function answerOf(data: ChatCompletion | TextCompletion | undefined): Answer | undefined {
  const choice = data?.choices?.[0];
  if (!data || !choice) return undefined;
  const message = 'text' in choice ? { content: choice.text } : choice.message;
  if (!message) return undefined;
  return {
    message: JSON.parse(JSON.stringify({ ...message, role: 'assistant' })),
    finishReason: choice.finish_reason,
    returnedModel: data.model,
    fingerprint: data.system_fingerprint,
    usage: data.usage ?? null,
  };
}

/** A stream as it comes. */
export class Gathered {
  private readonly said: { [field: string]: Json } = {};
  private finishReason: unknown = null;
  private returnedModel: unknown = null;
  private fingerprint: unknown = null;
  private usage: Answer['usage'] = null;

  add(chunk: ChatCompletionChunk | TextCompletion | null): void {
    this.returnedModel = chunk?.model || this.returnedModel;
    this.fingerprint = chunk?.system_fingerprint || this.fingerprint;
    this.usage = chunk?.usage ?? this.usage;
    const choice = chunk?.choices?.[0];
    if (!choice) return;
    joinDelta(
      this.said,
      JSON.parse(JSON.stringify('text' in choice ? { content: choice.text } : (choice.delta ?? {}))),
    );
    this.finishReason = choice.finish_reason ?? this.finishReason;
  }

  /** @returns undefined while the model has not said that it has ended: half an answer is none. */
  answer(): Answer | undefined {
    if (this.finishReason === null) return undefined;
    const { finishReason, returnedModel, fingerprint, usage } = this;
    return { message: messageOfDeltas(this.said), finishReason, returnedModel, fingerprint, usage };
  }
}
