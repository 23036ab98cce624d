/**
 * The wall between prompts that are looked at while a manual is written and prompts that measure. What measures never
 * becomes an example, and is never developed on; what was developed on never measures. Texts are compared, not ids.
 */
import { and, asc, eq, gt } from 'drizzle-orm';
import { likenessOf } from '../domain/likeness';
import type { Example } from '../domain/manual';
import type { Problem } from '../domain/problems';
import type { ChatMessage, PromptSource } from '../domain/prompts';
import type { Purpose } from '../domain/states';
import { hashJson } from '../domain/text';
import type { Tx } from './connection';
import { prompts, texts } from './schema';

const TEXTS_PER_PAGE = 1_000;
/** Prompts that are named where some stand on the wrong side. */
const SHOWN = 5;
const LONGEST_ID = 60;

/** What the stored prompts of a purpose say. */
export class Said {
  private readonly marks = new Set<string>();

  static async by(tx: Tx, purpose: Purpose): Promise<Said> {
    const said = new Said();
    for await (const { hash, body } of textsOf(tx, purpose)) {
      said.marks.add(hash);
      // What was erased is known by its hash alone.
      if (body !== '') said.marks.add(likenessOf(JSON.parse(body)));
    }
    return said;
  }

  has(messages: readonly ChatMessage[]): boolean {
    return this.marks.has(likenessOf(messages)) || this.marks.has(hashJson(messages));
  }

  get isNothing(): boolean {
    return this.marks.size === 0;
  }
}

async function* textsOf(tx: Tx, purpose: Purpose): AsyncGenerator<{ hash: string; body: string }> {
  for (let after = ''; ; ) {
    const page = await tx
      .selectDistinctOn([prompts.messagesHash], { hash: prompts.messagesHash, body: texts.body })
      .from(prompts)
      .innerJoin(texts, eq(texts.hash, prompts.messagesHash))
      .where(and(eq(prompts.purpose, purpose), gt(prompts.messagesHash, after)))
      .orderBy(asc(prompts.messagesHash))
      .limit(TEXTS_PER_PAGE);
    yield* page;
    after = page.at(-1)?.hash ?? '';
    if (page.length < TEXTS_PER_PAGE) return;
  }
}

/** A set of prompts on its way to a side of the wall, looked at one by one. */
export class Crossing {
  private readonly crossed = new Some();
  private readonly shown = new Some();
  private readonly examples: ReadonlyMap<string, string>;

  /**
   * @param purpose of the set.
   * @param other what the prompts of the other purpose say.
   * @param manual whose examples the set is not to hold.
   */
  constructor(
    private readonly purpose: Purpose,
    private readonly other: Said,
    private readonly manual: { name: string; examples: readonly Example[] },
  ) {
    this.examples = new Map(manual.examples.map(({ id, messages }) => [likenessOf(messages), id]));
  }

  /** Whether there is anything that a prompt could be like. */
  get isOpen(): boolean {
    return this.other.isNothing && this.examples.size === 0;
  }

  look({ externalId, messages }: { externalId: string; messages: readonly ChatMessage[] }): void {
    const id = externalId.slice(0, LONGEST_ID);
    if (this.other.has(messages)) this.crossed.add(id);
    const example = this.examples.get(likenessOf(messages));
    if (example !== undefined) this.shown.add(`${id} (example ${example})`);
  }

  problems(): Problem[] {
    const at = 'prompts';
    const problems: Problem[] = [];
    if (this.crossed.count > 0) {
      const measure = this.purpose === 'develop';
      const message = `${this.crossed.are} stored to ${measure ? 'measure' : 'develop'}: ${this.crossed.list}`;
      const hint = measure
        ? 'what measures is not to be looked at while the manual is written: develop on other prompts'
        : 'what a manual was written on does not measure: leave these out';
      problems.push({ kind: measure ? 'measure-prompts' : 'develop-prompts', message, hint, at });
    }
    if (this.shown.count > 0) {
      const message = `${this.shown.are} in the manual ${this.manual.name}, as examples: ${this.shown.list}`;
      const hint = 'labellers have read there what is right: leave these prompts out, or show others in the manual';
      problems.push({ kind: 'example-prompts', message, hint, at });
    }
    return problems;
  }
}

/** What speaks against storing a set to this purpose: whatever it has of the other side. Every prompt is looked at. */
export async function crossingsOf(tx: Tx, source: Pick<PromptSource, 'prompts'>, purpose: Purpose): Promise<Problem[]> {
  const other = await Said.by(tx, purpose === 'measure' ? 'develop' : 'measure');
  const crossing = new Crossing(purpose, other, { name: '', examples: [] });
  if (!crossing.isOpen) for await (const prompt of source.prompts()) crossing.look(prompt);
  return crossing.problems();
}

/** Many, of which the first are named. */
class Some {
  private readonly first: string[] = [];
  count = 0;

  add(one: string): void {
    this.count += 1;
    if (this.first.length < SHOWN) this.first.push(one);
  }

  get are(): string {
    return this.count === 1 ? '1 of the prompts is' : `${this.count} of the prompts are`;
  }

  get list(): string {
    return `${this.first.join(', ')}${this.count > SHOWN ? ', …' : ''}`;
  }
}

/**
 * Examples of a manual that show a prompt which is stored to measure.
 * @param placeOf where the example with this number stands, for people.
 */
export async function measuringExamples(
  tx: Tx,
  examples: readonly Example[],
  placeOf: (example: number) => string,
): Promise<Problem[]> {
  if (examples.length === 0) return [];
  const said = await Said.by(tx, 'measure');
  return examples.flatMap(({ id, messages }, i) =>
    said.has(messages)
      ? [
          {
            kind: 'measure-prompt',
            message: `the example ${id} shows a prompt that is stored to measure`,
            hint: 'labellers would know what is right there: show another prompt',
            at: placeOf(i),
          },
        ]
      : [],
  );
}
