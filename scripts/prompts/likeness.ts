/**
 * Which of many texts are nearly the same: MinHash (Broder 1997, "On the resemblance and containment of documents") over
 * neighbouring words, with bands (Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", §3.4). A text takes 80
 * bytes, whatever its length; likenesses are estimated, with a standard error of about 0.04.
 */

/** The share of neighbouring pairs of words that two texts have in common, of those that either has (Jaccard). */
export const ALIKE = 0.8;
/** At 0.8 a pair shares a band with a chance of 0.998, at 0.5 of 0.4; then the whole signature decides. */
const BANDS = 16;
const ROWS = 5;
const HASHES = BANDS * ROWS;
/** Texts before it in a band that one is compared with: where thousands share a band, few of them tell enough. */
const COMPARED = 4;
const TEXTS_AT_ONCE = 16_384;
const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Odd multipliers and offsets from a fixed start: the same texts are alike at every run. */
const MULTIPLIERS = new Uint32Array(HASHES);
const OFFSETS = new Uint32Array(HASHES);
for (let i = 0; i < HASHES; i += 1) {
  MULTIPLIERS[i] = mixed(2 * i + 1) | 1;
  OFFSETS[i] = mixed(2 * i + 2);
}

export class Likeness {
  size = 0;
  /** A byte of each hash's least value, a text after the other, in parts of 1.3 MB. */
  private readonly parts: Uint8Array[] = [];
  private readonly least = new Uint32Array(HASHES);

  /** @param words of one text, at least one. */
  add(words: readonly string[]): void {
    this.least.fill(0xffffffff);
    let before = words.length === 1 ? 0 : hashOf(words[0] ?? '');
    for (let i = words.length === 1 ? 0 : 1; i < words.length; i += 1) {
      const word = hashOf(words[i] ?? '');
      this.take(mixed(Math.imul(before, FNV_PRIME) ^ word));
      before = word;
    }
    const at = this.size % TEXTS_AT_ONCE;
    if (at === 0) this.parts.push(new Uint8Array(TEXTS_AT_ONCE * HASHES));
    const part = this.parts.at(-1);
    for (let i = 0; part && i < HASHES; i += 1) part[at * HASHES + i] = mixed(this.least[i] ?? 0);
    this.size += 1;
  }

  /** For each text that is much like an earlier one, that one: pairs of numbers from 0, in the texts' order. */
  *pairs(): Generator<readonly [text: number, earlier: number]> {
    const earlier = new Uint32Array(this.size);
    // In the upper half the band's hash, in the lower the text: sorted, they are grouped by band and in the texts' order.
    const sorted = new BigUint64Array(this.size);
    const halves = new Uint32Array(sorted.buffer);
    for (let band = 0; band < BANDS; band += 1) {
      for (let text = 0; text < this.size; text += 1) {
        halves[2 * text] = text;
        halves[2 * text + 1] = this.bandOf(text, band);
      }
      sorted.sort();
      this.compare(halves, earlier);
    }
    for (let text = 0; text < this.size; text += 1) {
      const other = earlier[text] ?? 0;
      if (other > 0) yield [text, other - 1];
    }
  }

  /** The share of the signature that two texts have in common: an estimate of what they have. */
  likeness(one: number, other: number): number {
    const [a, b] = [this.partOf(one), this.partOf(other)];
    const [atA, atB] = [(one % TEXTS_AT_ONCE) * HASHES, (other % TEXTS_AT_ONCE) * HASHES];
    let same = 0;
    for (let i = 0; i < HASHES; i += 1) if (a[atA + i] === b[atB + i]) same += 1;
    return same / HASHES;
  }

  private take(shingle: number): void {
    const { least } = this;
    for (let i = 0; i < HASHES; i += 1) {
      const value = (Math.imul(shingle, MULTIPLIERS[i] ?? 1) + (OFFSETS[i] ?? 0)) >>> 0;
      if (value < (least[i] ?? 0)) least[i] = value;
    }
  }

  private compare(halves: Uint32Array, earlier: Uint32Array): void {
    for (let i = 1; i < this.size; i += 1) {
      const text = halves[2 * i] ?? 0;
      for (let j = i - 1; j >= 0 && j >= i - COMPARED; j -= 1) {
        if (earlier[text] !== 0 || halves[2 * j + 1] !== halves[2 * i + 1]) break;
        const other = halves[2 * j] ?? 0;
        if (this.likeness(text, other) >= ALIKE) earlier[text] = other + 1;
      }
    }
  }

  private bandOf(text: number, band: number): number {
    const part = this.partOf(text);
    const at = (text % TEXTS_AT_ONCE) * HASHES + band * ROWS;
    let hash = FNV_BASIS;
    for (let i = at; i < at + ROWS; i += 1) hash = Math.imul(hash ^ (part[i] ?? 0), FNV_PRIME);
    return mixed(hash);
  }

  private partOf(text: number): Uint8Array {
    return this.parts[Math.floor(text / TEXTS_AT_ONCE)] ?? new Uint8Array(0);
  }
}

/** FNV-1a over the UTF-16 code units. */
function hashOf(word: string): number {
  let hash = FNV_BASIS;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** MurmurHash3's finaliser: every bit of the input moves every bit of the output. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
