import path from 'node:path';
import { abilitiesOf } from '../../domain/capability';
import { type AbilityOf, judge } from '../../domain/derivation';
import { readCapability } from '../../scripts/intake/capability';
import { readManual } from '../../scripts/intake/manual';
import { chancesOf, ratesOf } from '../../simulation/world/chances';
import { Content } from '../../simulation/world/content';
import { ENTRIES, MODELS, type SimulatedModel } from '../../simulation/world/models';

const STARTER = path.join(__dirname, '../../manuals/starter');
const { manual } = readManual(STARTER);
const { table } = readCapability(path.join(STARTER, 'capability.yaml'), manual);
/** A day on which the table holds. */
const TODAY = new Date('2026-12-01');

test('the models have a trait for each entry of the starter manual, and for no other', () => {
  expect([...ENTRIES].toSorted()).toEqual(manual.entries.map(({ id }) => id).toSorted());
});

describe.each(MODELS)('$id', (model) => {
  const ability = abilitiesOf(model, table, TODAY);
  const told = [...model.capabilities].map(([entry, capable]) => ({ entry, capable, says: ability(entry) }));

  test('is capable of what the starter table says it is, and of nothing that it says it is not', () => {
    expect(told.filter(({ capable, says }) => says === (capable ? 'not-capable' : 'capable'))).toEqual([]);
    expect(told.filter(({ says }) => says === 'capable')).not.toEqual([]);
  });

  test('can tell what is wanted', () => {
    expect(model.capabilities.get('tells-what-is-wanted')).toBe(true);
  });

  test('where the table knows nothing, has some abilities and lacks others', () => {
    const unknown = told.filter(({ says }) => says === 'unknown').map(({ capable }) => capable);
    expect(new Set(unknown)).toEqual(new Set([true, false]));
  });
});

test('a larger model lacks no ability that a smaller one has, and goes wrong less often', () => {
  MODELS.slice(1).forEach((larger, i) => {
    const smaller = MODELS[i];
    for (const entry of ENTRIES) {
      expect(Number(larger.capabilities.get(entry))).toBeGreaterThanOrEqual(Number(smaller?.capabilities.get(entry)));
      expect(larger.faultRates.get(entry)).toBeLessThan(smaller?.faultRates.get(entry) ?? 0);
    }
  });
});

describe('over the shipped prompts', () => {
  const { subjects } = Content.shipped();

  test.each([
    ['sim-small', { rate: 0.13, faultRate: 0.3 }],
    ['sim-medium', { rate: 0.08, faultRate: 0.15 }],
    ['sim-large', { rate: 0.035, faultRate: 0.06 }],
  ])('%s goes wrong about as often as the demo tells its readers', (id, expected) => {
    const { rate, faultRate } = ratesOf(modelNamed(id), subjects);
    expect(Math.abs(rate / expected.rate - 1)).toBeLessThan(0.1);
    expect(Math.abs(faultRate / expected.faultRate - 1)).toBeLessThan(0.1);
  });

  test.each(MODELS)('$id has a rate that lies well between the bounds of the starter table', (model) => {
    const { lower, upper } = boundsOf(model, abilitiesOf(model, table, TODAY));
    const { rate } = ratesOf(model, subjects);
    expect(rate).toBeGreaterThan(lower * 1.05);
    expect(rate).toBeLessThan(upper * 0.95);
  });

  /** What attentive labellers would find in the long run. */
  function boundsOf(model: SimulatedModel, ability: AbilityOf): { lower: number; upper: number } {
    const share = (verdicts: readonly string[]) =>
      subjects
        .flatMap(({ faults }) => chancesOf(model, faults))
        .filter(({ fault }) => verdicts.includes(judge(fault.answers, ability).verdict))
        .reduce((sum, { probability }) => sum + probability, 0) / subjects.length;
    return { lower: share(['misaligned']), upper: share(['misaligned', 'ambiguous']) };
  }
});

function modelNamed(id: string): SimulatedModel {
  const model = MODELS.find((one) => one.id === id);
  if (!model) throw new Error(`no model ${id}`);
  return model;
}
