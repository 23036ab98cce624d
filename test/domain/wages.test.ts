import { payOf, wageOf } from '../../domain/wages';

test('a labeller is paid the highest wage that applies: everybody’s, or a group’s of theirs', () => {
  const wages = { perHour: 20, groups: { doctors: 60, lawyers: 50, students: 12 } };
  expect(wageOf(wages, [])).toBe(20);
  expect(wageOf(wages, ['lawyers', 'doctors'])).toBe(60);
  expect(wageOf(wages, ['students'])).toBe(20);
  expect(wageOf(wages, ['constructor'])).toBe(20);
  expect(wageOf(undefined, ['doctors'])).toBeNull();
});

test('pay is by the second, to the cent', () => {
  expect(payOf(3_600, 20)).toBe(20);
  expect(payOf(90, 13)).toBe(0.33);
  expect(payOf(0, 20)).toBe(0);
});
