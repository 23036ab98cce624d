import { isOpening, isPending } from '../../domain/progress';

const shard = (items: Parameters<typeof isOpening>[0]['items']) => ({
  state: 'generating' as const,
  ended: false,
  items,
});

test('a shard whose last completion came just after it looked opens once more', () => {
  expect(isPending(shard({ generated: 1, open: 3 }))).toBe(false);
  expect(isOpening(shard({ generated: 1, open: 3 }))).toBe(true);
});

test('while completions are to come it opens; when all are open or ended it does not', () => {
  expect(isOpening(shard({ pending: 2 }))).toBe(true);
  expect(isOpening(shard({ open: 3, failed: 1, settled: 2, contested: 1, unresolved: 1 }))).toBe(false);
  expect(isOpening(shard({}))).toBe(false);
});
