/** Variants: how a prompt is put to a model, and with which settings. */

/** Absent settings are the model's own. */
export interface FrozenVariant {
  /** Unique in its round, such as `plain` or `careful,temperature=0.7`. */
  id: string;
  /** What the last message of the user becomes: a text with {{prompt}}, and {{field}} for what else the file said of it. */
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
