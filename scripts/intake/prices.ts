/** Prices are of models: one under another name would count nothing, and say so to nobody. */
import type { Fault } from './accounts';
import { isGroup } from './kinds';
import { didYouMean } from './suggestions';

/** Prices of what is no model of the file, also where other settings are still wrong. */
export function priceFaults(raw: unknown): Fault[] {
  const { models, prices } = isGroup(raw) ? raw : {};
  if (!isGroup(prices) || !Array.isArray(models)) return [];
  const names = models.flatMap((model: unknown) => {
    const name = isGroup(model) ? model.name : model;
    return typeof name === 'string' ? [name] : [];
  });
  if (names.length === 0) return [];
  return Object.keys(prices)
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: ['prices', name],
      message: `there is no model ${name} in this file`,
      hint: didYouMean(name, names),
    }));
}
