import { countTimes, knownZone, nextTimes, readCron, shortestGap } from '../../domain/recurrence';
import { seedOfRun, type Timing } from '../../domain/schedules';

function timing(recurrence: Timing['recurrence'], changes: Partial<Timing> = {}): Timing {
  return {
    recurrence,
    timeZone: 'UTC',
    startAt: null,
    jitterMs: 0,
    overlap: 'skip',
    catchUpMs: 86_400_000,
    pauseOnFailure: true,
    ...changes,
  };
}

function iso(found: readonly Date[]): string[] {
  return found.map((time) => time.toISOString().slice(0, 16));
}

const NOW = new Date('2026-11-21T12:00:00Z');
const DAY_MS = 86_400_000;

describe('a cron', () => {
  test.each([
    ['0 9 * * 1', '0 9 * * 1'],
    ['  0  9 * *  MON ', '0 9 * * 1'],
    ['0 9 * jan,dec fri-sun', '0 9 * 1,12 5-7'],
    ['@daily', '0 0 * * *'],
    ['*/15 8-18/2 1,15 * *', '*/15 8-18/2 1,15 * *'],
  ])('%j is read as %j', (written, fields) => {
    expect(readCron(written)).toEqual({ fields });
  });

  test.each([
    '',
    'monday',
    '0 9 * *',
    '0 0 9 * * 1',
    '60 9 * * 1',
    '0 9 * * 8',
    '0 9 L * *',
    '0 9 * * 1#2',
    '0 9 * * 5-2',
    '0 9 ? * 1',
    '*/0 * * * *',
  ])('%j is refused', (written) => {
    expect(readCron(written)).toEqual({ wrong: expect.any(String) });
  });

  test('runs where both days fit, not where either does', () => {
    expect(iso(nextTimes(timing({ cron: '0 9 13 * 5' }), NOW, 2))).toEqual(['2027-08-13T09:00', '2028-10-13T09:00']);
  });

  test('that names a day no month has never runs', () => {
    expect(nextTimes(timing({ cron: '0 0 30 2 *' }), NOW, 1)).toEqual([]);
  });

  test('leaves out an hour that the clocks leave out, and runs twice in one that comes twice', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    const spring = timing({ cron: '30 2 * 3 *' }, berlin);
    const march = nextTimes(spring, new Date('2027-03-26T12:00:00Z'), 3);
    expect(iso(march)).toEqual(['2027-03-27T01:30', '2027-03-29T00:30', '2027-03-30T00:30']);
    const autumn = timing({ cron: '*/30 2 31 10 *' }, berlin);
    const october = nextTimes(autumn, NOW, 4);
    expect(iso(october)).toEqual(['2027-10-31T00:00', '2027-10-31T00:30', '2027-10-31T01:00', '2027-10-31T01:30']);
  });

  test('has its hours by the clocks of its zone', () => {
    const monday = timing({ cron: '0 9 * * 1' }, { timeZone: 'America/New_York' });
    expect(iso(nextTimes(monday, new Date('2027-03-08T00:00:00Z'), 2))).toEqual([
      '2027-03-08T14:00',
      '2027-03-15T13:00',
    ]);
  });
});

describe('an interval', () => {
  const weekly = timing({ everyMs: 7 * DAY_MS, from: '2026-11-21T12:00:00.000Z' });

  test('is counted from its moment, in both directions', () => {
    expect(iso(nextTimes(weekly, NOW, 2))).toEqual(['2026-11-28T12:00', '2026-12-05T12:00']);
    expect(iso(nextTimes(weekly, new Date('2026-11-01T00:00:00Z'), 1))).toEqual(['2026-11-07T12:00']);
  });

  test('begins with its start', () => {
    const later = timing(weekly.recurrence, { startAt: '2026-12-05T12:00:00.000Z' });
    expect(iso(nextTimes(later, NOW, 1))).toEqual(['2026-12-05T12:00']);
  });
});

test('times between two moments are counted with both, as far as is asked', () => {
  const daily = timing({ cron: '0 9 * * *' });
  const [from, to] = [new Date('2026-11-01T09:00:00Z'), new Date('2026-11-10T09:00:00Z')];
  expect(countTimes(daily, from, to, 1_000)).toBe(10);
  expect(countTimes(daily, from, to, 4)).toBe(4);
  expect(countTimes(timing({ cron: '0 0 30 2 *' }), from, to, 4)).toBe(0);
  expect(countTimes(timing({ cron: '* * * * *' }), from, to, 100_000)).toBe(9 * 1_440 + 1);
});

test('the shortest time between two runs is known', () => {
  expect(shortestGap(timing({ cron: '0 9 * * 1,2' }), NOW)).toBe(DAY_MS);
  expect(shortestGap(timing({ everyMs: 5_000, from: NOW.toISOString() }), NOW)).toBe(5_000);
});

test('a time zone is known by its name, however it is spelt, and not by an offset', () => {
  expect(knownZone('europe/berlin')).toBe('Europe/Berlin');
  expect(knownZone('UTC')).toBe('UTC');
  expect(knownZone('CET')).toBe('CET');
  expect(knownZone('+02:00')).toBeUndefined();
  expect(knownZone('Europe/Berlni')).toBeUndefined();
});

test('the seed of a run is its own, and the same however often it is asked for', () => {
  const moments = Array.from({ length: 200 }, (_, i) => new Date(Date.UTC(2026, 0, 1 + i)).toISOString());
  const seeds = moments.map((moment) => seedOfRun('7', moment));
  expect(new Set(seeds).size).toBe(200);
  expect(moments.map((moment) => seedOfRun('7', moment))).toEqual(seeds);
  expect(seedOfRun('8', moments[0] ?? '')).not.toBe(seeds[0]);
  for (const seed of seeds) expect(Number(seed)).toBeLessThan(2 ** 32);
});
