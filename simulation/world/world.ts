/** A world of simulated models, named by its seed: what they write, what is true of it, and what they are like. */
import { ratesOf } from './chances';
import { type Composition, compose, type Truth } from './compose';
import type { Content } from './content';
import { MODELS, type SimulatedModel } from './models';
import type { Message } from './prompts';
import { Remembered } from './remembered';
import { truthOf } from './truth';

/** Compositions; those made longest ago are made again. */
const REMEMBERED = 50_000;
/** Request seeds by which a text's writer is looked for. */
const MOST_REQUEST_SEEDS = 100;

export class World {
  private readonly compositions = new Remembered<string, Composition>(REMEMBERED);
  /** null: a request without one. */
  private readonly requestSeeds = new Set<number | null>([null]);

  constructor(
    readonly seed: string,
    private readonly content: Content,
  ) {}

  write(model: SimulatedModel, messages: readonly Message[], requestSeed: number | null): Composition {
    if (this.requestSeeds.size <= MOST_REQUEST_SEEDS) this.requestSeeds.add(requestSeed);
    return this.composed(model, messages, requestSeed);
  }

  /**
   * @param model that wrote it; undefined: any.
   * @returns undefined for a text that no model of this world wrote, without a request's seed or by one that was seen since the start.
   */
  truthOf(messages: readonly Message[], completion: string, model?: SimulatedModel): Truth | undefined {
    const models = model ? [model] : MODELS;
    return truthOf(completion, models, this.requestSeeds, (one, seed) => this.composed(one, messages, seed));
  }

  describe() {
    return {
      simulated: true as const,
      seed: this.seed,
      models: MODELS.map((model) => ({
        model: model.id,
        family: model.family,
        parameters: model.parameters,
        regime: model.regime,
        ...ratesOf(model, this.content.subjects),
        capabilities: Object.fromEntries(model.capabilities),
      })),
    };
  }

  private composed(model: SimulatedModel, messages: readonly Message[], requestSeed: number | null): Composition {
    const subject = this.content.subjectOf(messages);
    const key = JSON.stringify([model.id, subject.key, requestSeed]);
    return this.compositions.get(key, () => compose(this.seed, model, subject, requestSeed));
  }
}
