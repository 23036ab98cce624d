/**
 * The models of a simulated world: what each is truly capable of, and how often it goes wrong where it can. Both are
 * opinions of the world, not findings. Where the starter manual's table claims to know such a model, it is right; where it says
 * unknown, the truth is sometimes one and sometimes the other, so that it lies between the bounds of a measurement.
 */
import { TELLS_WHAT_IS_WANTED } from '../../domain/derivation';

/** What a model is like with one ability: whether it has it, and the chance that it goes wrong where a fault of it could show. */
interface Trait {
  capable: boolean;
  /** Of one answer, 0..1. */
  faultRate: number;
}

const can = (faultRate: number): Trait => ({ capable: true, faultRate });
const cannot = (faultRate: number): Trait => ({ capable: false, faultRate });

/** By capability entry of the starter manual: small, medium, large. */
const TRAITS = {
  'asked-format': [can(0.035), can(0.01), can(0.004)],
  'developer-rules': [cannot(0.08), can(0.02), can(0.008)],
  'fitting-length': [cannot(0.04), can(0.011), can(0.004)],
  'given-text': [cannot(0.055), can(0.012), can(0.005)],
  'gives-what-it-can': [can(0.015), can(0.008), can(0.004)],
  'hangs-together': [cannot(0.04), can(0.01), can(0.004)],
  'keeps-decent': [can(0.008), can(0.005), can(0.002)],
  'letters-and-sounds': [cannot(0.17), cannot(0.15), cannot(0.11)],
  'little-known-facts': [cannot(0.16), cannot(0.12), can(0.03)],
  'long-reasoning': [cannot(0.3), cannot(0.25), cannot(0.2)],
  'many-at-once': [cannot(0.22), cannot(0.2), cannot(0.16)],
  'no-made-up-sources': [cannot(0.14), cannot(0.12), can(0.03)],
  'no-repetition': [can(0.026), can(0.01), can(0.003)],
  'own-limits': [cannot(0.05), can(0.014), can(0.006)],
  'parts-and-conditions': [cannot(0.035), can(0.011), can(0.004)],
  'physical-sense': [cannot(0.09), cannot(0.08), can(0.02)],
  'recent-events': [cannot(0.1), cannot(0.06), can(0.03)],
  register: [can(0.036), can(0.01), can(0.004)],
  'right-language': [can(0.03), can(0.01), can(0.004)],
  'serves-purpose': [cannot(0.04), can(0.012), can(0.005)],
  'short-reasoning': [cannot(0.075), can(0.05), can(0.008)],
  'sound-language': [can(0.02), can(0.008), can(0.003)],
  'stops-when-done': [can(0.021), can(0.01), can(0.003)],
  substance: [can(0.04), can(0.012), can(0.005)],
  'tells-harm': [cannot(0.05), can(0.014), can(0.006)],
  'the-task': [can(0.02), can(0.008), can(0.003)],
  'well-known-facts': [cannot(0.08), cannot(0.075), can(0.006)],
  'working-code': [cannot(0.14), cannot(0.1), can(0.03)],
} satisfies Record<string, readonly [small: Trait, medium: Trait, large: Trait]>;

export type Entry = keyof typeof TRAITS;
const byEntry = Object.entries(TRAITS);
export const ENTRIES: readonly Entry[] = byEntry.map(([entry]) => entryOf(entry));

export interface SimulatedModel {
  id: string;
  family: 'sim';
  parameters: number;
  regime: 'chat';
  /** By entry, and whether it can tell at all what is wanted. */
  capabilities: ReadonlyMap<string, boolean>;
  faultRates: ReadonlyMap<Entry, number>;
}

export const MODELS: readonly SimulatedModel[] = [
  model('sim-small', 1.1e9, 0),
  model('sim-medium', 1.3e10, 1),
  model('sim-large', 7e10, 2),
];

function model(id: string, parameters: number, column: 0 | 1 | 2): SimulatedModel {
  const capabilities = byEntry.map(([entry, traits]): [string, boolean] => [entry, traits[column].capable]);
  return {
    id,
    family: 'sim',
    parameters,
    regime: 'chat',
    capabilities: new Map([...capabilities, [TELLS_WHAT_IS_WANTED, true]]),
    faultRates: new Map(byEntry.map(([entry, traits]) => [entryOf(entry), traits[column].faultRate])),
  };
}

function isEntry(entry: string): entry is Entry {
  return Object.hasOwn(TRAITS, entry);
}

function entryOf(entry: string): Entry {
  if (!isEntry(entry)) throw new Error(`${entry} is no entry`);
  return entry;
}
