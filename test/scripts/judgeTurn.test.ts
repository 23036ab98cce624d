/** Wherever a talk is shown of which an earlier turn is judged, it is plain which one. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { addPerson } from '../../db/people';
import { itemTurns, prompts } from '../../db/schema';
import { saveText } from '../../db/texts';
import { hashText, type Json } from '../../domain/text';
import { OPEN_TURN } from '../../domain/turns';
import { showItem } from '../../scripts/labelling/item';
import { Screen } from '../../scripts/labelling/screen';
import { contestedRound } from '../db/rulings/contested';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { nth, type OpenRound, openRound } from '../setup/round';
import { Caller, startSite } from '../setup/site';
import { runHere } from './inThisProcess';
import { reportedRound } from './reportedRound';

const asks = (content: string) => ({ role: 'user', content });
const TALK: Json[] = [asks('first'), { role: OPEN_TURN.role, content: null }, asks('second')];
const TURN = { role: 'assistant', content: 'what was said' };

let here: TestDatabase;
let dir: string;
beforeAll(async () => {
  here = await createTestDatabase();
  dir = mkdtempSync(path.join(tmpdir(), 'plumbline-judge-turn-'));
  await addPerson(here.db, { name: 'Rosa', roles: ['researcher'] });
});
afterAll(async () => {
  await here.drop();
  rmSync(dir, { recursive: true });
});

/** The first turn of every item is played, and is the one to judge. */
async function judgeFirstTurn(round: OpenRound): Promise<void> {
  const completionHash = await saveText(here.db, JSON.stringify({ content: TURN.content, role: TURN.role }));
  await here.db.insert(itemTurns).values(round.items.map(({ id: itemId }) => ({ itemId, turn: 0, completionHash })));
  await here.db
    .update(prompts)
    .set({ judgeTurn: 0 })
    .where(eq(prompts.setHash, hashText(round.id)));
}

const command = async (...args: string[]) => {
  const end = await runHere(args, dir, { DATABASE_URL: here.url, PLUMBLINE_PERSON: 'Rosa' });
  expect([end.code, end.stderr]).toEqual([0, '']);
  return end;
};

test('the API says which message it is', async () => {
  const round = await openRound(here.db, { items: 1, messages: TALK, system: 'Be brief.' });
  await judgeFirstTurn(round);
  const site = await startSite(here.db);
  const { body } = await new Caller(site.url, nth(round.labellers, 0).token).post(`/api/rounds/${round.id}/next`);
  await site.close();
  const messages = [{ role: 'system', content: 'Be brief.' }, asks('first'), TURN, asks('second')];
  expect(body).toMatchObject({ item: { messages, judgeTurn: 2, completion: `answer 0 of ${round.id}` } });
});

describe('the terminal', () => {
  function shown(item: Parameters<typeof showItem>[1]): string {
    let text = '';
    showItem(new Screen({ write: (part: string) => (text += part) }), item);
    return text;
  }
  const messages = [asks('first'), TURN, asks('second')];

  test('marks it, and the last answer as not to be judged', () => {
    const text = shown({ messages, completion: 'the end', judgeTurn: 1 });
    expect(text).toMatch(
      /THE ANSWER TO JUDGE\n┃ what was said\n\nUSER\n│ second\n\nTHE LAST ANSWER, NOT TO BE JUDGED\n│ the end/,
    );
    expect(text).not.toContain('THE COMPLETION');
  });

  test('marks the completion where no other turn is judged', () => {
    expect(shown({ messages, completion: 'the end' })).toMatch(
      /ASSISTANT\n│ what was said\n.*THE COMPLETION\n┃ the end/s,
    );
  });
});

test('a researcher is shown which one it is', async () => {
  const round = await contestedRound(here.db, { messages: TALK });
  await judgeFirstTurn(round);
  const { stdout } = await command('adjudicate', 'show', round.itemId);
  expect(stdout).toMatch(/assistant, TO BE JUDGED:\n {2}\| what was said/);
  expect(stdout).toMatch(/the last answer, not to be judged:\n {2}\| answer 0/);
  const [shown] = (await command('adjudicate', 'show', round.itemId, '--json')).json();
  expect(shown).toMatchObject({ judgeTurn: 1, messages: [asks('first'), TURN, asks('second')] });
});

test('a report’s examples say which one it is', async () => {
  const round = await reportedRound(here.db, { messages: TALK, onePerPrompt: false });
  await judgeFirstTurn(round);
  await command('report', round.id, '--html', 'report.html');
  const page = readFileSync(path.join(dir, 'report.html'), 'utf8');
  expect(page).toMatch(/<div class="completion"><p class="role">To be judged<\/p>.{0,200}what was said/s);
  expect(page).toContain('The last answer, not judged');
  expect(page).not.toContain('The answer, to be judged');
});
