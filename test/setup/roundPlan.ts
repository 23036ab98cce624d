/** Plans of rounds to start, with prompts at hand. */
import type { RoundPlan } from '../../db/rounds/start';
import { accountIdOf } from '../../domain/accounts';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { canonicalJson, hashJson } from '../../domain/text';

export interface GivenPrompt {
  /** Left out: its number, from 1. */
  id?: string;
  content: string;
  requirements?: string[];
  metadata?: NonNullable<NewPrompt['metadata']>;
  /** What the assistant says. */
  completion?: string;
  system?: string;
}

export function sourceOf(given: readonly GivenPrompt[]): PromptSource {
  const all = given.map(promptOf);
  const asked = new Map<string, { requirements: string[]; prompts: number }>();
  for (const { requirements } of all.filter((one) => one.requirements.length > 0)) {
    const one = asked.get(requirements.join()) ?? { requirements, prompts: 0 };
    one.prompts += 1;
    asked.set(requirements.join(), one);
  }
  return {
    name: 'prompts.jsonl',
    hash: hashJson(all),
    size: all.length,
    mostTurns: 1,
    requirements: [...asked.values()],
    fields: [...new Set(all.flatMap(({ metadata = {} }) => Object.keys(metadata)))],
    given: all.filter(({ completion }) => completion !== undefined).length,
    bytes: bytesOf(all.map(({ messages }) => canonicalJson(messages))),
    async *prompts() {
      yield* all;
    },
  };
}

function bytesOf(bodies: readonly string[]) {
  const sizes = bodies.map((body) => Buffer.byteLength(body));
  return { sum: sizes.reduce((sum, size) => sum + size, 0), least: Math.min(...sizes) };
}

function promptOf(given: GivenPrompt, position: number): NewPrompt {
  const { id, content, requirements = [], metadata, completion, system } = given;
  return {
    externalId: id ?? String(position + 1),
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content },
    ],
    requirements,
    ...(metadata && { metadata }),
    ...(completion !== undefined && { completion: canonicalJson({ role: 'assistant', content: completion }) }),
    position,
  };
}

/** Prompts that say these words, each with the same requirements. */
export function source(of: readonly string[], requirements: string[] = []): PromptSource {
  return sourceOf(of.map((content) => ({ content, requirements })));
}

export const BASE_URL = 'http://127.0.0.1:9/v1';

/** Three prompts, a model, overlap 3 and seed 7, unless told otherwise. */
export function planOf(changes: Partial<RoundPlan> = {}, frozen: Partial<RoundPlan['frozen']> = {}): RoundPlan {
  const accountId = accountIdOf(BASE_URL, 'KEY');
  return {
    frozen: {
      name: 'a round',
      models: [
        {
          id: 'm',
          apiModel: 'm',
          accountId,
          system: null,
          temperature: null,
          topP: null,
          maxTokens: null,
          family: null,
          parameters: null,
          regime: null,
          seed: null,
        },
      ],
      resolving: { overlap: 3, rule: 'majority', contestOnConflict: true, unresolved: 'count' },
      onePerPrompt: true,
      confidence: 0.95,
      guarantee: null,
      ...frozen,
    },
    judged: { form: null, manual: null, capability: null },
    settings: {
      groups: [],
      leaseMs: 60_000,
      maxTries: 3,
      callTimeoutMs: 1_000,
      retryDelayMs: 100,
      shardSize: 200,
      chunkSize: 25,
      timings: {
        window: 2,
        sweepMs: 1_000,
        heartbeatMs: 1_000,
        chunkTimeoutMs: 60_000,
        historyEvents: 1_000,
        retryCapMs: 1_000,
      },
    },
    prompts: source(['one', 'two', 'three']),
    sample: null,
    purpose: 'measure',
    accounts: [
      {
        id: accountId,
        baseUrl: BASE_URL,
        keyVariable: 'KEY',
        concurrency: 4,
        simulated: false,
        headers: {},
        stream: false,
      },
    ],
    models: [{ id: 'm', family: 'f', parameters: 7e9, trainingCompute: null, regime: null, releasedOn: null }],
    deadlineMs: 3_600_000,
    seed: '7',
    ...changes,
  };
}
