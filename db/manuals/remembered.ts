/** Values that never change under their key: the last few are kept. */
const KEPT = 32;

export class Remembered<Key, Value> {
  private readonly known = new Map<Key, Value>();

  async get(key: Key, read: () => Promise<Value>): Promise<Value> {
    const before = this.known.get(key);
    if (before !== undefined) return before;
    const value = await read();
    const [oldest] = this.known.keys();
    if (this.known.size >= KEPT && oldest !== undefined) this.known.delete(oldest);
    this.known.set(key, value);
    return value;
  }
}
