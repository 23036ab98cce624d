import { eq, sql } from 'drizzle-orm';
import { labels } from '../../db/schema';
import { until } from '../setup/processes';
import { nth } from '../setup/round';
import {
  answersOf,
  forward,
  here,
  labelsOf,
  open,
  press,
  setUpDesk,
  sit,
  sitFirst,
  startServer,
  statesOf,
} from './workAtTheDesk';

setUpDesk();

test('more time is asked for with e', async () => {
  const round = await open({ items: 1, leaseMs: 60_000 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token);
  await until('the item is shown', () => screen().includes('q quit'));
  const endsIn = async () => {
    const [row] = await here.db.execute<{ s: number }>(sql`
      select extract(epoch from expires_at - now())::float8 as s from assignments where round_id = ${round.id}`);
    return row?.s ?? 0;
  };
  keys.write('e');
  await until('there is more time', () => /The item is yours until \d\d:\d\d\./.test(screen()));
  expect(await endsIn()).toBeGreaterThan(58);
  keys.end('20');
  await end;
  expect(await here.db.select().from(labels).where(eq(labels.roundId, round.id))).toHaveLength(1);
});

test('a lease that is nearly over is extended by whoever presses a key', async () => {
  const round = await open({ items: 1, leaseMs: 3_000 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token);
  await until('the item is shown', () => screen().includes('q quit'));
  const extended = async () => {
    keys.write('u');
    const [row] = await here.db.execute<{ extended: boolean }>(sql`
      select expires_at > leased_at + interval '3.5 seconds' as extended from assignments where round_id = ${round.id}`);
    return row?.extended;
  };
  await until('the lease was extended', extended);
  keys.end('q');
  await end;
});

test('where all is in others’ hands it waits, says so once, and goes on when something comes free', async () => {
  const round = await open({ items: 1, labellers: 2 });
  const [first, second] = round.labellers.map(({ token }) => sit(round, token, { json: true }));
  if (!first || !second) throw new Error('two are needed');
  await until('one has it and the other waits', () => /others’ hands/.test(first.screen() + second.screen()));
  const [has, waits] = first.screen().includes('others’ hands') ? [second, first] : [first, second];
  has.keys.end('c1');
  waits.keys.write('20');
  await has.end;
  await until('the other has labelled it', () => waits.screen().includes('✓'));
  waits.keys.end();
  const { events } = await waits.end;
  expect(events.slice(0, 2).map(({ event }) => event)).toEqual(['waiting', 'labelled']);
  expect(events.at(-1)).toMatchObject({ event: 'finished', reason: 'input-ended', labelled: 1 });
});

describe('where there is nothing to label just now', () => {
  test.each([
    ['q leaves, whatever was written before it', '20?iq', 'quit'],
    ['the end of the input ends it', '20', 'input-ended'],
    ['it ends also with answers that there is no item for', '20?20', 'input-ended'],
  ])('%s', async (_, keys, reason) => {
    const round = await open({ items: 1 });
    const { code, events } = await press(round, keys, { json: true });
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ event: 'finished', reason, labelled: 1 });
  });

  test('q leaves at a pipe that stays open, and at a terminal', async () => {
    const rounds = await Promise.all([open({ items: 1 }), open({ items: 1 })]);
    const [piped, typed] = [sitFirst(nth(rounds, 0)), sitFirst(nth(rounds, 1), { rows: 24 })];
    for (const { keys, screen, end } of [piped, typed]) {
      await until('the item is shown', () => screen().includes('q quit'));
      keys.write('20');
      await until('it waits', () => /others’ hands/.test(screen()));
      keys.write('?iq');
      expect((await end).code).toBe(0);
    }
  });
});

describe('who leaves gives back what they hold', () => {
  test('at the end of the input, and others have it at once', async () => {
    const round = await open({ items: 1, labellers: 2 });
    expect((await press(round, '2')).stdout).toContain('What you had in hand is free for others.');
    const second = sit(round, nth(round.labellers, 1).token);
    second.keys.end('10');
    await second.end;
    expect(await answersOf(round.id)).toEqual([{ verdict: 'misaligned' }]);
  });

  test('with Ctrl-C, though nothing else is sent any more', async () => {
    const round = await open({ items: 1 });
    const { keys, screen, end } = sitFirst(round);
    await until('the item is shown', () => screen().includes('q quit'));
    keys.write('\u0003');
    expect((await end).code).toBe(130);
    expect(await statesOf(round.id)).toEqual(['released']);
  });

  test('and is told until when they have it where the site does not take it', async () => {
    const round = await open({ items: 1 });
    const deaf = await startServer(async (request, response) => {
      if (request.url?.endsWith('/release')) return void response.destroy();
      const answered = await forward(request);
      response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text());
    });
    const { stdout } = await press(round, 'q', { siteUrl: deaf.url });
    deaf.server.close();
    expect(stdout).toMatch(/What you have in hand goes to others at \d\d:\d\d\.\n$/);
    expect(await statesOf(round.id)).toEqual(['leased']);
  });
});

test('a label is undone with its note kept, and nothing is undone where nothing was given', async () => {
  const round = await open({ items: 2 });
  const { stdout } = await press(round, 'znslip\n20z10');
  expect(stdout).toContain('There is no label of this sitting to take back.');
  expect(await labelsOf(round.id)).toEqual([
    { answers: { verdict: 'aligned' }, unsure: false, note: 'slip', withdrawn: true },
    { answers: { verdict: 'misaligned' }, unsure: false, note: 'slip', withdrawn: false },
  ]);
});

describe('z after a can’t-judge', () => {
  test('says that it stays, and takes nothing back', async () => {
    const round = await open({ items: 3 });
    const once = await press(round, '20c1z');
    expect(once.stdout.replaceAll('\n', ' ')).toContain(
      '(language) cannot be taken back; you will not see it again. z again takes back the label before it: verdict: aligned.',
    );
    expect(await answersOf(round.id)).toEqual([{ verdict: 'aligned' }]);
  });

  test('a second z takes back the label that the first one named, and not before', async () => {
    const round = await open({ items: 4 });
    const { stdout } = await press(round, '20c1' + '30z' + 'z' + 'q');
    expect(stdout).toContain('↶ taken back: verdict: ambiguous.');
    expect(await answersOf(round.id)).toEqual([{ verdict: 'aligned' }]);
    const twice = await press(await open({ items: 3 }), '20c1zzq');
    expect(twice.stdout).toContain('↶ taken back: verdict: aligned. Here is its item again');
  });

  test('says no more where no label was sent before', async () => {
    const { stdout } = await press(await open({ items: 2 }), 'c1zz');
    expect(stdout.match(/cannot be taken back/g)).toHaveLength(2);
    expect(stdout).not.toContain('z again');
  });
});
