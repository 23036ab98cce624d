/** What is costly to work out again, up to a number of things: the one that was first remembered is forgotten first. */
export class Remembered<K, V> {
  private readonly values = new Map<K, V>();

  constructor(private readonly most: number) {}

  get(key: K, make: () => V): V {
    const before = this.values.get(key);
    if (before !== undefined) return before;
    const value = make();
    this.values.set(key, value);
    if (this.values.size > this.most) {
      const [oldest] = this.values.keys();
      if (oldest !== undefined) this.values.delete(oldest);
    }
    return value;
  }
}
