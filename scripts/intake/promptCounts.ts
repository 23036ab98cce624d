/** What is known of a set when its prompts have been read through. */
import { createHash, type Hash } from 'node:crypto';
import type { NewPrompt, PromptSource } from '../../domain/prompts';
import { canonicalJson } from '../../domain/text';
import { turnsOf } from '../../domain/turns';

/** Fields of metadata that are told; a set whose rows each name their own has no end of them. */
const FIELDS_TOLD = 1_000;
const HASHED_AT_ONCE = 64 * 1024;

export class SetCounts {
  size = 0;
  mostTurns = 1;
  given = 0;
  private bytes = 0;
  private least = Number.POSITIVE_INFINITY;
  /** The id of the first prompt that brings no completion. */
  firstWithout: string | null = null;
  private readonly hash = new SetHash();
  private readonly fields = new Set<string>();
  private readonly requirements = new Map<string, { requirements: readonly string[]; prompts: number }>();

  add(prompt: NewPrompt): void {
    this.size += 1;
    this.hash.add(prompt);
    this.mostTurns = Math.max(this.mostTurns, turnsOf(prompt.messages));
    const bytes = Buffer.byteLength(canonicalJson(prompt.messages));
    this.bytes += bytes;
    this.least = Math.min(this.least, bytes);
    if (prompt.completion !== undefined) this.given += 1;
    else this.firstWithout ??= prompt.externalId;
    for (const field in prompt.metadata) if (this.fields.size < FIELDS_TOLD) this.fields.add(field);
    this.require(prompt.requirements);
  }

  digest(): string {
    return this.hash.digest();
  }

  told(): Pick<PromptSource, 'size' | 'mostTurns' | 'requirements' | 'fields' | 'given' | 'bytes'> {
    const { size, mostTurns, given } = this;
    const bytes = { sum: this.bytes, least: size === 0 ? 0 : this.least };
    return {
      size,
      mostTurns,
      given,
      bytes,
      fields: [...this.fields].sort(),
      requirements: [...this.requirements.values()],
    };
  }

  private require(requirements: readonly string[]): void {
    if (requirements.length === 0) return;
    const key = requirements.join('\n');
    const count = this.requirements.get(key) ?? { requirements, prompts: 0 };
    count.prompts += 1;
    this.requirements.set(key, count);
  }
}

/** sha256 over the canonical JSON list of all prompts, without the whole list at hand. */
class SetHash {
  private readonly hash: Hash = createHash('sha256').update('[');
  private waiting = '';
  private begun = false;

  add({ externalId, messages, requirements, metadata, completion, judgeTurn }: NewPrompt): void {
    const prompt = canonicalJson({ id: externalId, messages, requirements, metadata, completion, judgeTurn });
    this.waiting += this.begun ? `,${prompt}` : prompt;
    this.begun = true;
    if (this.waiting.length > HASHED_AT_ONCE) this.flush();
  }

  digest(): string {
    this.flush();
    return this.hash.update(']').digest('hex');
  }

  private flush(): void {
    this.hash.update(this.waiting);
    this.waiting = '';
  }
}
