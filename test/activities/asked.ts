/** A model of one's own and a call to it, as the tests of calls make them. */
import { complete, type ModelMessage, modelClient } from '../../activities/modelApi';
import type { AccountId } from '../../domain/ids';
import type { FrozenModel } from '../../domain/spec';

export const MODEL: FrozenModel = {
  id: 'small',
  apiModel: 'small-1',
  accountId: 'a' as AccountId,
  system: null,
  temperature: null,
  topP: null,
  maxTokens: null,
  seed: null,
  family: null,
  parameters: null,
  regime: null,
};

export const SECRET: ModelMessage[] = [{ role: 'user', content: 'SECRET PROMPT' }];

export interface Asking {
  model?: Partial<FrozenModel>;
  messages?: ModelMessage[];
  timeoutMs?: number;
  stream?: boolean;
  headers?: Record<string, string>;
}

export function ask(
  baseUrl: string,
  { model, messages = SECRET, timeoutMs = 5_000, stream = false, headers = {} }: Asking = {},
) {
  return complete(modelClient(baseUrl, 'key', headers), { ...MODEL, ...model }, messages, timeoutMs, { stream });
}
