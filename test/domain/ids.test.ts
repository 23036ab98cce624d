import { randomUUID } from 'node:crypto';
import { isUuid } from '../../domain/ids';

test('a UUID is one in small letters and in capitals, and nothing around it', () => {
  const id = randomUUID();
  expect([id, id.toUpperCase()].map(isUuid)).toEqual([true, true]);
  for (const other of ['', 'latest', id.slice(1), `${id}\n`, ` ${id}`, id.replaceAll('-', '')]) {
    expect(isUuid(other)).toBe(false);
  }
});
