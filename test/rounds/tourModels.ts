/** The endpoint of the tour: two models, of which one is dear, and answers that come when the scene lets them. */
import { errorReply, type ModelReply, type ModelRequest } from '../setup/modelServer';

/** Stands for the key that the endpoint takes for the large model. */
export const SECOND_KEY = 'sk-test-second-0123456789';

/** What labellers make of a completion that says so: a fault that whoever reads it sees, or one that they differ on. */
export const FAULT = 'Nobody can say.';
export const DOUBT = 'It may be so.';
/** By the question's topic. */
const ENDINGS: Readonly<Record<string, string>> = { parcels: FAULT, refunds: DOUBT };

/** Lets answers through one by one, or all. */
export class Gate {
  private left = 0;
  private waiting: (() => void)[] = [];

  open(answers = Number.POSITIVE_INFINITY): void {
    this.left += answers;
    for (; this.left > 0 && this.waiting.length > 0; this.left -= 1) this.waiting.shift()?.();
  }

  close(): void {
    this.left = 0;
  }

  async pass(): Promise<void> {
    if (this.left > 0) this.left -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

export class TourModels {
  readonly medium = new Gate();
  readonly large = new Gate();
  /** Calls at once that the endpoint takes; more of them are told to come again. */
  allows = Number.POSITIVE_INFINITY;
  /** Whether it takes only questions that it was asked before. */
  onlyAgain = false;
  private atOnce = 0;
  private answers = 0;

  readonly answer = async ({ body, authorization, repeat }: ModelRequest): Promise<ModelReply> => {
    const isLarge = body.model === 'sim-large';
    if (isLarge && authorization !== `Bearer ${SECOND_KEY}`) return errorReply(401, 'invalid_api_key');
    const isFull = this.atOnce >= this.allows || (this.onlyAgain && repeat === 0);
    if (isFull) return errorReply(429, 'rate_limit_exceeded');
    this.atOnce += 1;
    await (isLarge ? this.large : this.medium).pass();
    this.atOnce -= 1;
    this.answers += 1;
    const asked = String(body.messages.at(-1)?.content);
    const ending = Object.entries(ENDINGS).find(([topic]) => asked.includes(topic))?.[1] ?? 'That is all.';
    return { body: completion(body.model, `Under case ${this.answers} in the list. ${ending}`, isLarge ? 50 : 80) };
  };
}

function completion(model: string, content: string, tokens: number) {
  return {
    id: 'chatcmpl-tour',
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 20, completion_tokens: tokens, total_tokens: 20 + tokens },
  };
}
