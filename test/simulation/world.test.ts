import path from 'node:path';
import { readAnswers } from '../../domain/forms';
import { vocabularyOf } from '../../domain/manual';
import { readManual } from '../../scripts/intake/manual';
import { Content } from '../../simulation/world/content';
import { MODELS, type SimulatedModel } from '../../simulation/world/models';
import { type Message, messageShape } from '../../simulation/world/prompts';
import { truthOf } from '../../simulation/world/truth';
import { World } from '../../simulation/world/world';
import { nth } from '../setup/round';
import { SMALL_PROMPTS, smallContent } from './smallContent';

const content = smallContent();
const WORDS = vocabularyOf(readManual(path.join(__dirname, '../../manuals/starter')).manual);
const small = nth(MODELS, 0);
const medium = nth(MODELS, 1);
const TEAS = nth(SMALL_PROMPTS, 0).messages;
const OTHER: Message[] = [{ role: 'user', content: 'Which mountains did Hannibal cross with his elephants?' }];
const seeds = (n: number) => Array.from({ length: n }, (_, i) => String(i));

/** What one model writes to one prompt in many worlds. */
const written = (model: SimulatedModel, messages: Message[], n: number) =>
  seeds(n).map((seed) => new World(seed, content).write(model, messages, null));

test('a world of the same seed writes the same, also after a restart', () => {
  for (const model of MODELS) {
    for (const { messages } of SMALL_PROMPTS) {
      const again = new World('7', smallContent()).write(model, messages, 3);
      expect(new World('7', content).write(model, messages, 3)).toEqual(again);
    }
  }
});

test('another seed, another model and another seed of the request each write differently', () => {
  const texts = (model: SimulatedModel, requestSeed: number | null, world: string) =>
    seeds(20).map((seed) => new World(world + seed, content).write(model, TEAS, requestSeed).content);
  const first = texts(small, null, 'a');
  for (const others of [texts(small, null, 'b'), texts(medium, null, 'a'), texts(small, 1, 'a')]) {
    expect(others.filter((text, i) => text !== first[i]).length).toBeGreaterThan(10);
  }
});

test('a prompt is known by its roles and texts, however they are sent', () => {
  const inParts = nth(SMALL_PROMPTS, 2).messages.map(({ role, content: text }) =>
    messageShape.parse({ role, content: [{ type: 'text', text }], name: 'x' }),
  );
  const world = new World('7', content);
  expect(world.write(small, inParts, null)).toEqual(world.write(small, nth(SMALL_PROMPTS, 2).messages, null));
  expect(world.write(small, inParts, null).content).toMatch(/kettle/i);
  expect(world.write(small, inParts.slice(1), null).content).not.toMatch(/vinegar/);
});

test('to a prompt that is not of the set it says something about its words, and makes universal faults only', () => {
  const answers = written(small, OTHER, 400);
  const sound = answers.filter(({ truth }) => truth.answers.intent === 'met' && truth.answers.forbidden === 'no');
  for (const { content: text } of sound) expect(text).toMatch(/Hannibal.*mountains/is);
  const entries = answers.flatMap(({ truth }) => truth.answers.faults.map(({ entry }) => entry));
  expect(new Set(entries)).toEqual(
    new Set(['no-repetition', 'stops-when-done', 'gives-what-it-can', 'keeps-decent', 'the-task']),
  );
});

describe('what is true of an answer', () => {
  test('can be said under the starter manual, for every model and prompt', () => {
    const shipped = Content.shipped();
    for (const source of [content, shipped]) {
      for (const { messages } of [...SMALL_PROMPTS, ...source.prompts, { messages: OTHER }]) {
        for (const { truth } of MODELS.flatMap((model) =>
          seeds(5).map((seed) => new World(seed, source).write(model, messages, null)),
        )) {
          expect(readAnswers('obvious-misalignment', truth.answers, WORDS)).toEqual(truth.answers);
        }
      }
    }
  });

  test('can be said of every fault that can be made in it', () => {
    for (const { faults } of [...content.subjects, ...Content.shipped().subjects, content.subjectOf(OTHER)]) {
      for (const { answers } of faults) {
        expect(readAnswers('obvious-misalignment', answers, WORDS)).toEqual(answers);
      }
    }
  });

  test('is avoidable where the model has the ability, the case is ordinary and the wish plain', () => {
    for (const model of MODELS) {
      for (const { truth } of SMALL_PROMPTS.flatMap(({ messages }) => written(model, messages, 100))) {
        const [fault] = truth.answers.faults;
        const could = fault?.entry ? model.capabilities.get(fault.entry) : false;
        expect(truth.avoidable).toBe(could === true && fault?.difficulty === 'ordinary' && fault.wish !== 'not-plain');
      }
    }
  });
});

describe('asked what is true of a text', () => {
  const world = new World('7', content);

  test('it tells so of every text that a model wrote, also in a world that was started again', () => {
    for (const model of MODELS) {
      for (const { messages } of [...SMALL_PROMPTS, { messages: OTHER }]) {
        const { content: text, truth } = world.write(model, messages, null);
        expect(new World('7', content).truthOf(messages, text, model)).toEqual(truth);
        expect(world.truthOf(messages, text)?.answers).toEqual(truth.answers);
      }
    }
  });

  test('it knows nothing of a text that no model wrote to that prompt in that world', () => {
    const { content: text } = world.write(small, TEAS, null);
    expect(world.truthOf(TEAS, `${text} `)).toBeUndefined();
    expect(world.truthOf(OTHER, text)).toBeUndefined();
    expect(seeds(20).filter((seed) => !new World(seed, content).truthOf(TEAS, text))).not.toEqual([]);
  });

  test('it finds a text that was asked for with a seed once it has seen that seed', () => {
    const fresh = new World('7', content);
    const { content: text } = written(small, TEAS, 1)[0] ?? { content: '' };
    const seeded = seeds(50)
      .map(Number)
      .map((seed) => ({ seed, ...world.write(small, TEAS, seed) }))
      .find((one) => fresh.truthOf(TEAS, one.content) === undefined && one.content !== text);
    if (!seeded) throw new Error('all seeds write alike');
    fresh.write(medium, OTHER, seeded.seed);
    expect(fresh.truthOf(TEAS, seeded.content, small)).toEqual(seeded.truth);
  });

  test('of a text that two models wrote it is avoidable if one of them could have done better', () => {
    const { answers } = nth(content.subjectOf(TEAS).faults, 0);
    const both = (model: SimulatedModel) => ({ content: 'x', truth: { answers, avoidable: model === medium } });
    expect(truthOf('x', MODELS, [null], both)).toEqual({ answers, avoidable: true });
    expect(truthOf('x', [small], [null], both)).toEqual({ answers, avoidable: false });
  });
});

test('six hundred answers and what is true of them take no time to speak of', () => {
  const from = performance.now();
  const world = new World('speed', content);
  for (let i = 0; i < 200; i++) {
    const messages: Message[] = [{ role: 'user', content: `What is to be said about number ${i} and its neighbours?` }];
    for (const model of MODELS) world.truthOf(messages, world.write(model, messages, null).content);
  }
  expect(performance.now() - from).toBeLessThan(5_000);
});
