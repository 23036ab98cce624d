import { eq, sql } from 'drizzle-orm';
import { addPerson, addToken, replaceTokens } from '../../db/people';
import { rounds } from '../../db/schema';
import type { RoundId } from '../../domain/ids';
import { startCommand } from '../setup/command';
import { until } from '../setup/processes';
import { nth, type OpenRound } from '../setup/round';
import { startSite } from '../setup/site';
import { runHere } from './inThisProcess';
import {
  answersOf,
  folder,
  forward,
  here,
  labelsOf,
  open,
  setUpDesk,
  sit,
  sitApart,
  site,
  startServer,
} from './workAtTheDesk';

setUpDesk();

describe('which round is meant', () => {
  test('is the newest that is open to the labeller, where none is named or the latest is', async () => {
    const [older, others] = [await open({ items: 2, labellers: [{}] }), await open({ groups: ['somebody-else'] })];
    const { token } = nth(older.labellers, 0);
    const newest = await open({ items: 2 });
    const sat = async (...args: string[]) => {
      const { keys, end } = sit(older, token, { args });
      keys.end('20q');
      return end;
    };
    expect((await sat()).stdout).toMatch(
      new RegExp(`^Round ${newest.id}, until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\.\n`),
    );
    await sat('latest');
    expect(await answersOf(newest.id)).toHaveLength(2);
    expect((await sat(older.id)).stdout).not.toContain('Round r-');
    expect(await answersOf(older.id)).toHaveLength(1);
    expect(await answersOf(others.id)).toEqual([]);
  });

  test('is none where none is open to them, and that is said', async () => {
    const round = await open({ groups: ['somebody-else'], labellers: [{ groups: ['nobody'] }] });
    await here.db.execute(sql`update rounds set status = 'done' where settings->'groups' = '[]'::jsonb`);
    const { token } = nth(round.labellers, 0);
    const { keys, end } = sit(round, token, { args: [], json: true });
    keys.end('20');
    const { code, problem, events } = await end;
    expect([code, events]).toEqual([1, []]);
    expect(problem).toMatchObject({
      kind: 'no-round',
      message: `the site at ${site.url} has no round that you may work on now`,
      hint: expect.stringContaining('an operator starts rounds'),
    });
  });
});

describe('somebody who may not work here is told so, without the token', () => {
  const SECRET = 'plt_never-to-be-printed';
  const problemOf = async (round: Pick<OpenRound, 'id'>, token: string, siteUrl?: string) => {
    const { keys, end } = sit(round, token, { json: true, ...(siteUrl !== undefined && { siteUrl }) });
    keys.end('20');
    const { code, problem, stdout, stderr } = await end;
    if (token !== '') expect(stdout + stderr + JSON.stringify(problem)).not.toContain(token);
    return { code, error: problem };
  };

  test('for a token that is unknown, revoked, not a labeller’s, no token, or missing', async () => {
    const [round, revoked] = await Promise.all([open(), open()]);
    const olga = await addPerson(here.db, { name: 'Olga', roles: ['operator'] });
    const { id, token } = nth(revoked.labellers, 0);
    await replaceTokens(here.db, id, { only: true });
    const problems = await Promise.all([
      problemOf(round, SECRET),
      problemOf(revoked, token),
      problemOf(round, await addToken(here.db, olga.id)),
      problemOf(round, `${SECRET}\nX: y`),
      problemOf(round, ''),
    ]);
    expect(problems.map(({ code, error }) => [code, error?.kind])).toEqual([
      [1, 'token-refused'],
      [1, 'token-refused'],
      [1, 'not-a-labeller'],
      [2, 'token-missing'],
      [2, 'token-missing'],
    ]);
    expect(problems[4]?.error?.hint).toContain('PLUMBLINE_LABELLER_TOKEN');
    const whole = await sitApart(SECRET, '20', round.id, '--json');
    expect(whole).toMatchObject({ code: 1, events: [{ error: { kind: 'token-refused' } }] });
    expect(whole.stdout + whole.stderr).not.toContain(SECRET);
  });

  test('for a round that is not there, a site that is not, an address that is none, and none at all', async () => {
    const { token } = nth((await open()).labellers, 0);
    const gone = { id: 'r-gone' as RoundId };
    const closed = await startSite(here.db);
    await closed.close();
    const other = await startServer((_, response) => void response.end('<html>'));
    const problems = await Promise.all([
      problemOf(gone, token),
      problemOf({ id: '../..' as RoundId }, token),
      problemOf(gone, token, closed.url),
      problemOf(gone, token, other.url),
      problemOf(gone, token, 'http://user:secret@host'),
    ]);
    other.server.close();
    expect(problems.map(({ code, error }) => [code, error?.kind])).toEqual([
      [2, 'unknown-round'],
      [2, 'unknown-round'],
      [1, 'site-away'],
      [1, 'not-plumbline'],
      [2, 'site-address'],
    ]);
    const away = await sitApart(token, '20', 'r-gone', '--site-url', closed.url);
    expect(away.stderr).toContain(`plumbline: the site does not answer at ${closed.url} (ECONNREFUSED)\n`);
    const nowhere = await runHere(['labeller', 'work', gone.id, '--json'], folder, { PLUMBLINE_LABELLER_TOKEN: token });
    expect([nowhere.code, nowhere.json()]).toEqual([2, [{ error: expect.objectContaining({ kind: 'site-unknown' }) }]]);
  });

  test('help names the twins of its flags, and what may stand for a round', async () => {
    const { stdout } = await startCommand(['labeller', 'work', '--help'], folder, {}).end;
    expect(stdout).toContain('PLUMBLINE_LABELLER_TOKEN');
    expect(stdout).toContain('PLUMBLINE_SITE_URL');
    expect(stdout).toContain('labeller work [options] [round]');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('latest, or none, is the newest that is open to the labeller');
  });
});

test('a label whose answer was lost is sent again under the same key, and counts once', async () => {
  const round = await open({ items: 2 });
  const keys: (string | undefined)[] = [];
  const lossy = await startServer(async (request, response) => {
    const answered = await forward(request);
    const isLabel = request.url?.endsWith('/label') === true;
    if (isLabel) keys.push(request.headers['idempotency-key']?.toString());
    if (isLabel && keys.length === 1) return void response.destroy();
    if (isLabel && keys.length === 2) return void response.writeHead(502).end('bad gateway');
    response.writeHead(answered.status, { 'content-type': 'application/json' }).end(await answered.text());
  });
  const { keys: pressed, end } = sit(round, nth(round.labellers, 0).token, { json: true, siteUrl: lossy.url });
  pressed.end('2010');
  const { code, events, stderr } = await end;
  lossy.server.close();
  expect(code).toBe(0);
  expect(events.map(({ event }) => event)).toEqual(['labelled', 'labelled', 'finished']);
  expect(keys).toHaveLength(4);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
  expect(stderr.replaceAll('\n', ' ')).toContain('your label is not known to be saved. Again in 0.5 s');
  expect(await labelsOf(round.id)).toHaveLength(2);
});

test('a label that comes too late is told as kept, and work goes on', async () => {
  const round = await open({ items: 2 });
  const { keys, screen, end } = sit(round, nth(round.labellers, 0).token, { json: true });
  await until('the first item is shown', () => screen().includes('THE COMPLETION'));
  await here.db.update(rounds).set({ status: 'cancelled' }).where(eq(rounds.id, round.id));
  keys.end('20');
  const { code, events, stderr } = await end;
  expect(code).toBe(0);
  expect(events).toMatchObject([
    { event: 'refused', kind: 'too-late', kept: true },
    { event: 'finished', reason: 'none-left', labelled: 0 },
  ]);
  expect(stderr.replaceAll('\n', ' ')).toContain(
    'the round was cancelled. What you answered is kept, but does not count.',
  );
});
