/**
 * Which texts there have been, such as the ids of a set, and where: bits of each one's SHA-256, in arrays without an object
 * to a text. Two texts are the same where these bits are. Of 96, any two of a million different ones are alike by a chance
 * of 10^-17, of 64 by one of 10^-7: enough where it is only told.
 */
import { hash } from 'node:crypto';

const SMALLEST = 1_024;
/** Above this share of places in use, there are twice as many. */
const FULL = 0.7;

export class SeenTexts {
  size = 0;
  private places = SMALLEST;
  private readonly words: number;
  private keys: Uint32Array;
  private readonly key: Uint32Array;
  /** 0: the place is free. */
  private numbers = new Uint32Array(SMALLEST);

  constructor(bits: 64 | 96 = 96) {
    this.words = bits / 32;
    this.keys = new Uint32Array(SMALLEST * this.words);
    this.key = new Uint32Array(this.words);
  }

  /** @returns the number under which the text was added before; undefined where it is new, and added now. */
  add(text: string, number: number): number | undefined {
    if (this.size >= this.places * FULL) this.grow();
    // As a string: a buffer to an id would be memory that is slow to come back.
    const digest = hash('sha256', text, 'binary');
    for (let word = 0; word < this.words; word += 1) this.key[word] = wordAt(digest, word * 4);
    const place = this.placeOf(this.key, 0);
    const before = this.numbers[place] ?? 0;
    if (before > 0) return before - 1;
    this.put(place, this.key, 0, number + 1);
    this.size += 1;
    return undefined;
  }

  private placeOf(from: Uint32Array, at: number): number {
    let place = (from[at] ?? 0) % this.places;
    while (this.numbers[place] !== 0 && !this.holds(place, from, at)) place = (place + 1) % this.places;
    return place;
  }

  private holds(place: number, from: Uint32Array, at: number): boolean {
    for (let word = 0; word < this.words; word += 1) {
      if (this.keys[place * this.words + word] !== from[at + word]) return false;
    }
    return true;
  }

  private put(place: number, from: Uint32Array, at: number, number: number): void {
    for (let word = 0; word < this.words; word += 1) this.keys[place * this.words + word] = from[at + word] ?? 0;
    this.numbers[place] = number;
  }

  private grow(): void {
    const { keys, numbers } = this;
    this.places *= 2;
    this.keys = new Uint32Array(this.places * this.words);
    this.numbers = new Uint32Array(this.places);
    numbers.forEach((number, old) => {
      if (number > 0) this.put(this.placeOf(keys, old * this.words), keys, old * this.words, number);
    });
  }
}

function wordAt(digest: string, at: number): number {
  return (
    digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24)
  );
}
