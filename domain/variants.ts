/** Variants: how a prompt is put to a model, and with which settings. */
import { MAIN } from './ids';
import type { FrozenModel, FrozenSpec } from './spec';
import { putTemplate } from './templates';
import type { Json } from './text';

/** Absent settings are the model's own. */
export interface FrozenVariant {
  /** Unique in its round, such as `plain` or `careful,temperature=0.7`. */
  id: string;
  /** What the user's last message becomes: a text with {{prompt}}, and {{field}} for what else the file said of it (templates.ts). */
  template?: string;
  system?: string;
  temperature?: number;
  topP?: number;
  maxTokens?: number;
  stop?: string[];
}

/** The settings that are tried, crossed with one another. */
export interface VariantAxes {
  /** By name. */
  templates?: Readonly<Record<string, string>> | undefined;
  system?: readonly string[] | undefined;
  temperature?: readonly number[] | undefined;
  topP?: readonly number[] | undefined;
  maxTokens?: readonly number[] | undefined;
}

/** Every combination, the last axis fastest. Its id names what sets it apart: `careful,temperature=0.7,system=2`. */
export function gridOf({ templates, system, temperature, topP, maxTokens }: VariantAxes): FrozenVariant[] {
  const axes: Choice[][] = [
    Object.entries(templates ?? {}).map(([name, template]) => ({ id: name, setting: { template } })),
    (system ?? []).map((text, i) => ({ id: `system=${i + 1}`, setting: { system: text } })),
    (temperature ?? []).map((value) => ({ id: `temperature=${value}`, setting: { temperature: value } })),
    (topP ?? []).map((value) => ({ id: `top_p=${value}`, setting: { topP: value } })),
    (maxTokens ?? []).map((value) => ({ id: `max_tokens=${value}`, setting: { maxTokens: value } })),
  ];
  return axes
    .filter((axis) => axis.length > 0)
    .reduce<FrozenVariant[]>(
      (grid, axis) =>
        grid.flatMap((variant) =>
          axis.map(({ id, setting }) => ({ ...variant, ...setting, id: [variant.id, id].filter(Boolean).join(',') })),
        ),
      [{ id: '' }],
    );
}

interface Choice {
  id: string;
  setting: Omit<FrozenVariant, 'id'>;
}

/** @returns undefined for an ordinary round's one way. @throws Error for a name that the round does not know. */
export function variantOf({ variants }: Pick<FrozenSpec, 'variants'>, id: string): FrozenVariant | undefined {
  const variant = variants?.find((candidate) => candidate.id === id);
  if (!variant && id !== MAIN) throw new Error(`no variant ${id}`);
  return variant;
}

/**
 * A model with the settings that it is asked with.
 * @param k the how-manyth repetition, from 0: each has a seed of its own where the model has one.
 */
export function asAsked(model: FrozenModel, variant: FrozenVariant | undefined, k: number): FrozenModel {
  return {
    ...model,
    system: variant?.system ?? model.system,
    temperature: variant?.temperature ?? model.temperature,
    topP: variant?.topP ?? model.topP,
    maxTokens: variant?.maxTokens ?? model.maxTokens,
    seed: model.seed === null ? null : seedOf(model.seed, k),
    ...(variant?.stop && { stop: variant.stop }),
  };
}

/** At the end of the safe integers it counts down instead. */
function seedOf(seed: number, k: number): number {
  return seed > Number.MAX_SAFE_INTEGER - k ? seed - k : seed + k;
}

/** Why a prompt cannot be put as its variant wants. */
export type VariantFaultCode = 'unknown-field' | 'blank-prompt' | 'no-user-message' | 'no-text';

/** Holds no word of the prompt. */
export class VariantFault extends Error {
  constructor(
    readonly code: VariantFaultCode,
    readonly variant: string,
    /** The placeholder that nothing is known for; null where it is none's fault. */
    readonly field: string | null = null,
  ) {
    super(`variant ${variant}: ${code}${field === null ? '' : ` ${field}`}`);
    this.name = 'VariantFault';
  }
}

/**
 * A prompt's messages as the variant puts them: its template stands in the place of the user's last message, or of the
 * first text among that message's parts. What the model said and is still to say stays as it is.
 * @param fields what the file said of the prompt beside its messages.
 * @throws VariantFault for a field that the prompt lacks, a text that comes out blank, or a prompt without such a message.
 */
export function putPrompt<Message>(
  messages: readonly Message[],
  variant: FrozenVariant | undefined,
  fields: Readonly<Record<string, Json>> | null,
): Message[] {
  if (variant?.template === undefined) return [...messages];
  const { id, template } = variant;
  const last = messages.findLastIndex((message) => fieldOf(message, 'role') === 'user');
  if (last < 0) throw new VariantFault('no-user-message', id);
  const put = (prompt: string): string => {
    const text = putTemplate(template, prompt, fields ?? {}, (field) => new VariantFault('unknown-field', id, field));
    if (text.trim() === '') throw new VariantFault('blank-prompt', id);
    return text;
  };
  return messages.map((message, i) => (i === last ? withText(message, put, id) : message));
}

function withText<Message>(message: Message, put: (prompt: string) => string, variant: string): Message {
  const content = fieldOf(message, 'content');
  if (typeof message !== 'object' || message === null) return message;
  if (typeof content === 'string') return { ...message, content: put(content) };
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  const at = parts.findIndex((part) => fieldOf(part, 'type') === 'text' && typeof fieldOf(part, 'text') === 'string');
  if (at < 0) throw new VariantFault('no-text', variant);
  const said = String(fieldOf(parts[at], 'text'));
  return { ...message, content: parts.map((part, i) => (i === at ? { ...Object(part), text: put(said) } : part)) };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
