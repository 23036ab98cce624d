import { chancesOf, faultAt, ratesOf } from '../../simulation/world/chances';
import { MODELS } from '../../simulation/world/models';
import { World } from '../../simulation/world/world';
import { nth } from '../setup/round';
import { SMALL_PROMPTS, smallContent } from './smallContent';

const content = smallContent();
const [teas] = content.subjects.map(({ faults }) => faults);
const small = nth(MODELS, 0);
const rounded = (chances: ReturnType<typeof chancesOf>) =>
  chances.map(({ fault, probability }) => `${fault.entry} ${probability.toFixed(3)}`);

test('an entry’s rate is shared by all faults that it can show in', () => {
  const rates = new Map([
    ['fitting-length', 0.3],
    ['well-known-facts', 0.1],
  ] as const);
  const of = (teas ?? []).filter(({ entry }) => entry === 'fitting-length' || entry === 'well-known-facts');
  const chances = chancesOf({ ...small, faultRates: rates }, of);
  expect(rounded(chances)).toEqual(['fitting-length 0.150', 'fitting-length 0.150', 'well-known-facts 0.100']);
  const placeAt = (point: number) => chances.findIndex(({ fault }) => fault === faultAt(point, chances));
  expect([0, 0.14, 0.16, 0.31, 0.39, 0.41, 0.99].map(placeAt)).toEqual([0, 0, 1, 2, 2, -1, -1]);
});

test('rates that come to more than one are lessened alike, so that an answer has one fault at most', () => {
  const rates = new Map([
    ['fitting-length', 0.9],
    ['well-known-facts', 0.9],
  ] as const);
  const of = (teas ?? []).filter(({ entry }) => entry === 'fitting-length' || entry === 'well-known-facts');
  const chances = chancesOf({ ...small, faultRates: rates }, of);
  expect(rounded(chances)).toEqual(['fitting-length 0.250', 'fitting-length 0.250', 'well-known-facts 0.500']);
});

test('of no prompts there are no rates', () => {
  expect(ratesOf(small, [])).toEqual({ rate: 0, faultRate: 0 });
});

test.each(MODELS)('$id is as often faulty, and as often really misaligned, as the world says', (model) => {
  const worlds = Array.from({ length: 1_500 }, (_, seed) => new World(String(seed), content));
  const truths = worlds.flatMap((world) =>
    SMALL_PROMPTS.map(({ messages }) => world.write(model, messages, null).truth),
  );
  const { rate, faultRate } = ratesOf(model, content.subjects);
  const share = (of: typeof truths) => of.length / truths.length;
  const off = (observed: number, expected: number) =>
    Math.abs(observed - expected) / Math.sqrt((expected * (1 - expected)) / truths.length);
  expect(off(share(truths.filter(({ avoidable }) => avoidable)), rate)).toBeLessThan(4);
  expect(off(share(truths.filter(({ answers }) => answers.faults.length > 0)), faultRate)).toBeLessThan(4);
});
