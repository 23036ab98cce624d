/** What is sent to a model's endpoint: the round's own settings, over the fields that its spec adds. */
import type { ChatCompletionCreateParamsBase, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { CompletionCreateParamsBase } from 'openai/resources/completions';
import type { FrozenModel } from '../domain/spec';
import { transcriptOf } from '../domain/transcripts';

export type ModelMessage = ChatCompletionMessageParam;

export type ModelRequest =
  | { api: 'chat'; body: Omit<ChatCompletionCreateParamsBase, 'stream'> }
  | { api: 'completions'; body: Omit<CompletionCreateParamsBase, 'stream'> };

/** @returns undefined for messages that a base model cannot be given: they are not text alone. */
export function requestOf(model: FrozenModel, messages: readonly ModelMessage[]): ModelRequest | undefined {
  const system: ModelMessage[] = model.system === null ? [] : [{ role: 'system', content: model.system }];
  const sent = [...system, ...messages];
  if (model.api !== 'completions') return { api: 'chat', body: { ...settingsOf(model), messages: sent } };
  const prompt = transcriptOf(sent);
  return prompt === undefined ? undefined : { api: 'completions', body: { ...settingsOf(model), prompt } };
}

/** The round's own come last: nothing that is added stands over them. */
function settingsOf(model: FrozenModel) {
  return {
    ...model.body,
    model: model.apiModel,
    ...(model.temperature === null ? {} : { temperature: model.temperature }),
    ...(model.topP === null ? {} : { top_p: model.topP }),
    ...(model.maxTokens === null ? {} : { max_tokens: model.maxTokens }),
    ...(model.seed === null ? {} : { seed: model.seed }),
    ...(model.stop && { stop: model.stop }),
  };
}
