/**
 * What is costly to work out again, up to a number of things: those that were first remembered are forgotten first, half of
 * them at a time. (A Map that loses its first key again and again goes through all that it has lost to find the next one.)
 */
export class Remembered<K, V> {
  private newer = new Map<K, V>();
  private older = new Map<K, V>();

  constructor(private readonly most: number) {}

  get(key: K, make: () => V): V {
    const before = this.newer.get(key) ?? this.older.get(key);
    if (before !== undefined) return before;
    if (this.newer.size >= this.most / 2) {
      this.older = this.newer;
      this.newer = new Map();
    }
    const value = make();
    this.newer.set(key, value);
    return value;
  }
}
