/** What is wrong with a round's variants, checked on what was written even where other settings are still wrong. */
import { hasOpenPlace, PROMPT_FIELD, placesOf } from '../../domain/templates';
import type { Fault } from './accounts';
import { isGroup } from './kinds';
import type { FieldPath } from './yaml';

const MOST_VARIANTS = 100;
const PROMPT = `{{${PROMPT_FIELD}}}`;

/** Templates that leave the prompt out or end in the middle of a place, ways that are the same, more of them than is sound. */
export function variantFaults(raw: unknown): Fault[] {
  if (!isGroup(raw)) return [];
  const { variants, models, completions_per_prompt: repetitions } = raw;
  const several = isGroup(variants) || (typeof repetitions === 'number' && repetitions > 1);
  return [...(isGroup(variants) ? gridFaults(variants) : []), ...(several ? givenFaults(models) : [])];
}

function gridFaults(axes: Readonly<Record<string, unknown>>): Fault[] {
  const { templates, ...lists } = axes;
  const texts = isGroup(templates) ? Object.entries(templates) : [];
  const sizes = Object.values(lists).flatMap((list) => (Array.isArray(list) ? [list.length] : []));
  const size = [Math.max(1, texts.length), ...sizes].reduce((product, n) => product * n, 1);
  const hint = 'leave some settings out: every one of them is tried with every other';
  return [
    ...texts.flatMap(([name, text]) => templateFaults(['variants', 'templates', name], text)),
    ...Object.entries(lists).flatMap(([axis, list]) => (Array.isArray(list) ? repeats(['variants', axis], list) : [])),
    ...(size > MOST_VARIANTS
      ? [{ path: ['variants'], message: `these are ${size} variants; ${MOST_VARIANTS} at most`, hint }]
      : []),
  ];
}

function templateFaults(path: FieldPath, text: unknown): Fault[] {
  if (typeof text !== 'string') return [];
  const faults: Fault[] = [];
  if (!placesOf(text).includes(PROMPT_FIELD)) {
    faults.push({ path, message: `has no ${PROMPT}`, hint: 'the prompt’s own text would be sent to no model' });
  }
  if (hasOpenPlace(text)) {
    faults.push({ path, message: 'has {{ without }} after a name', hint: 'for two braces as they are, write \\{{' });
  }
  return faults;
}

function repeats(path: FieldPath, list: readonly unknown[]): Fault[] {
  return list.flatMap((value, i) => {
    if (list.indexOf(value) === i) return [];
    return [{ path: [...path, i], message: 'stands here twice', hint: 'two variants would be the same' }];
  });
}

/** What was written once cannot be asked for in another way, or once more. */
function givenFaults(models: unknown): Fault[] {
  const entries: unknown[] = Array.isArray(models) ? models : [];
  return entries.flatMap((entry, i) => {
    if (!isGroup(entry) || entry.completions !== 'given') return [];
    const message = 'completions that are given have no variants, and are not repeated';
    return [{ path: ['models', i, 'completions'], message, hint: 'give this model a round of its own' }];
  });
}
