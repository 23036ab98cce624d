/** The settings of a round's row that `round set` may change, one function for each group of them. */
import type { RoundRow } from '../../db/rounds/read';
import { type Adjustment, withCallTimeout } from '../../domain/adjusting';
import type { Budget, ModelPrice, Wages } from '../../domain/money';
import type { RunSettings } from '../../domain/spec';
import { writeDuration } from '../intake/durations';
import { budget as budgetShape, roundFile } from '../intake/shape';
import { didYouMean } from '../intake/suggestions';
import { checked, Wrong, yamlOf } from './setWrong';

export const RUN_SETTINGS = [
  'budget',
  'budget.money',
  'budget.tokens',
  'prices.MODEL.input',
  'prices.MODEL.output',
  'prices.MODEL.call',
  'wages.per_hour',
  'wages.groups.GROUP',
  'groups',
  'lease',
  'generation.max_tries',
  'generation.timeout',
  'generation.retry_delay',
] as const;

/** @returns undefined for a key that is none of these. @throws Wrong for a value that may not stand there. */
export function readRunSetting(key: string, text: string, round: Pick<RoundRow, 'spec'>): Adjustment[] | undefined {
  const [top, ...rest] = key.split('.');
  switch (top) {
    case 'budget':
      return readBudget(rest.join('.'), text);
    case 'prices':
      return readPrice(rest, text, round);
    case 'wages':
      return readWage(rest, text);
    case 'groups':
    case 'labellers':
      return key === 'groups' || key === 'labellers.groups' ? [readGroups(text)] : undefined;
    case 'lease':
      return key === 'lease' ? [readLease(text)] : undefined;
    case 'generation':
      return readGeneration(rest.join('.'), text);
    default:
      return undefined;
  }
}

const NO_BUDGET: Budget = { money: null, tokens: null };

function readBudget(kind: string, text: string): Adjustment[] | undefined {
  const none = /^(?:none|null)?$/.test(text);
  if (kind === '' && none) return [budgetOf('money', null), budgetOf('tokens', null)];
  const of = kind === '' ? 'money' : kind;
  if (of !== 'money' && of !== 'tokens') return undefined;
  const read = none ? null : checked(budgetShape, { [of]: yamlOf(text) });
  return [budgetOf(of, read?.[of] ?? null)];
}

function budgetOf(kind: keyof Budget, value: number | null): Adjustment {
  return {
    setting: `budget.${kind}`,
    of: ({ budget }) => budget?.[kind] ?? null,
    laid: (settings) => ({ ...settings, budget: { ...NO_BUDGET, ...settings.budget, [kind]: value } }),
  };
}

const FREE: ModelPrice = { input: 0, output: 0, call: 0 };
const isPriced = (field: string | undefined): field is keyof ModelPrice => Object.hasOwn(FREE, field ?? '');

/** A model's name may have dots in it. */
function readPrice(rest: readonly string[], text: string, { spec }: Pick<RoundRow, 'spec'>): Adjustment[] | undefined {
  const field = rest.at(-1);
  const model = rest.slice(0, -1).join('.');
  if (!isPriced(field) || model === '') return undefined;
  const names = spec.models.map(({ id }) => id);
  if (!names.includes(model)) {
    throw new Wrong(`the round has no model ${model.slice(0, 100)}`, didYouMean(model, names), 'unknown-model');
  }
  const read = checked(roundFile.shape.prices, { [model]: { [field]: yamlOf(text) } });
  const value = read[model]?.[field] ?? 0;
  return [
    {
      setting: `prices.${model}.${field}`,
      of: ({ prices }) => prices?.[model]?.[field] ?? null,
      laid: (settings) => {
        const { prices = {} } = settings;
        return { ...settings, prices: { ...prices, [model]: { ...FREE, ...prices[model], [field]: value } } };
      },
    },
  ];
}

const UNPAID: Wages = { perHour: 0, groups: {} };

function readWage([kind, ...rest]: readonly string[], text: string): Adjustment[] | undefined {
  const group = rest.join('.');
  const shape = roundFile.shape.wages;
  if (kind === undefined || (kind === 'per_hour' && group === '')) {
    const perHour = checked(shape, { per_hour: yamlOf(text) })?.per_hour ?? 0;
    const of = ({ wages }: RunSettings) => wages?.perHour ?? null;
    return [{ setting: 'wages.per_hour', of, laid: (s) => ({ ...s, wages: { ...UNPAID, ...s.wages, perHour } }) }];
  }
  if (kind !== 'groups' || group === '') return undefined;
  const wage = checked(shape, { per_hour: 0, groups: { [group]: yamlOf(text) } })?.groups[group] ?? 0;
  return [
    {
      setting: `wages.groups.${group}`,
      of: ({ wages }) => wages?.groups[group] ?? null,
      laid: (settings) => {
        const wages = settings.wages ?? UNPAID;
        return { ...settings, wages: { ...wages, groups: { ...wages.groups, [group]: wage } } };
      },
    },
  ];
}

/** `a,b`, or a list as the file has it; nothing: everybody. */
function readGroups(text: string): Adjustment {
  const value = text.startsWith('[') ? yamlOf(text) : text.split(',').flatMap((name) => name.trim() || []);
  const groups = [...new Set(checked(roundFile.shape.labellers, { groups: value }).groups)].sort();
  return { setting: 'groups', of: (settings) => settings.groups, laid: (settings) => ({ ...settings, groups }) };
}

function readLease(text: string): Adjustment {
  const leaseMs = checked(roundFile.shape.lease, yamlOf(text));
  const of = (settings: RunSettings) => writeDuration(settings.leaseMs);
  return { setting: 'lease', of, laid: (settings) => ({ ...settings, leaseMs }) };
}

function readGeneration(name: string, text: string): Adjustment[] | undefined {
  const read = () => checked(roundFile.shape.generation, { [name]: yamlOf(text) });
  const setting = `generation.${name}`;
  switch (name) {
    case 'max_tries': {
      const maxTries = read().max_tries;
      return [{ setting, of: (settings) => settings.maxTries, laid: (settings) => ({ ...settings, maxTries }) }];
    }
    case 'timeout': {
      const ms = read().timeout;
      const of = (settings: RunSettings) => writeDuration(settings.callTimeoutMs);
      return [{ setting, of, laid: (settings) => withCallTimeout(settings, ms) }];
    }
    case 'retry_delay': {
      const retryDelayMs = read().retry_delay;
      const of = (settings: RunSettings) => writeDuration(settings.retryDelayMs);
      return [{ setting, of, laid: (settings) => ({ ...settings, retryDelayMs }) }];
    }
    default:
      return undefined;
  }
}
