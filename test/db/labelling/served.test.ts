import { sql } from 'drizzle-orm';
import { readServed } from '../../../db/labelling/served';
import { itemTurns } from '../../../db/schema';
import { saveTexts } from '../../../db/texts';
import { canonicalJson, type Json } from '../../../domain/text';
import { OPEN_TURN } from '../../../domain/turns';
import type { FrozenVariant } from '../../../domain/variants';
import { createTestDatabase, type TestDatabase } from '../../setup/database';
import { nth, openRound } from '../../setup/round';

let here: TestDatabase;
beforeAll(async () => {
  here = await createTestDatabase();
});
afterAll(() => here.drop());

const asks = (content: string) => ({ role: 'user', content });
const says = (content: string) => ({ role: 'assistant', content });
const TALK: Json[] = [
  asks('a'),
  { ...OPEN_TURN, content: null },
  asks('b'),
  { ...OPEN_TURN, content: null },
  asks('c'),
];

interface Made {
  variant?: FrozenVariant;
  fields?: { [field: string]: Json };
  messages?: Json[];
  system?: string;
  judgeTurn?: number;
  said?: string[];
}

/** What is shown of an item that was made so. */
async function shown({ variant, fields, messages = [asks('Why?')], system, judgeTurn, said = [] }: Made) {
  const round = await openRound(here.db, { items: 1, messages, ...(system !== undefined && { system }) });
  const { id: itemId, promptId } = nth(round.items, 0);
  if (variant) {
    await here.db.execute(sql`
      update rounds set spec = spec || ${JSON.stringify({ variants: [variant] })}::jsonb where id = ${round.id}`);
    await here.db.execute(sql`update items set variant = ${variant.id} where id = ${itemId}`);
  }
  await here.db.execute(sql`
    update prompts set metadata = ${fields ? JSON.stringify(fields) : null}::jsonb, judge_turn = ${judgeTurn ?? null}
    where id = ${promptId}`);
  const hashes = await saveTexts(
    here.db,
    said.map((text) => canonicalJson(says(text))),
  );
  for (const [turn, completionHash] of hashes.entries()) {
    await here.db.insert(itemTurns).values({ itemId, turn, completionHash });
  }
  const served = await readServed(here.db, itemId);
  if (!served) throw new Error('nothing is shown');
  return served;
}

describe('an item of a variant', () => {
  test('shows the prompt as its template put it, and its system prompt in the model’s place', async () => {
    const variant = { id: 'asked', template: '{{subject}}: {{prompt}}', system: 'Think.' };
    const { messages } = await shown({ variant, fields: { subject: 'law' }, system: 'Be brief.' });
    expect(messages).toEqual([{ role: 'system', content: 'Think.' }, asks('law: Why?')]);
  });

  test('shows the model’s system prompt where the variant has none', async () => {
    const { messages } = await shown({ variant: { id: 'hot', temperature: 2 }, system: 'Be brief.' });
    expect(messages).toEqual([{ role: 'system', content: 'Be brief.' }, asks('Why?')]);
  });

  test('shows a talk with the template about the user’s last message, and what the model said', async () => {
    const variant = { id: 'v', template: '<{{prompt}}>' };
    const { messages } = await shown({ variant, messages: TALK, said: ['1', '2'] });
    expect(messages).toEqual([asks('a'), says('1'), asks('b'), says('2'), asks('<c>')]);
  });

  test('that could not be put so, and was sent to nobody, shows its prompt as it is', async () => {
    const { messages } = await shown({ variant: { id: 'v', template: '{{prompt}} {{gone}}' }, fields: { other: 1 } });
    expect(messages).toEqual([asks('Why?')]);
  });
});

test('what a file says beside a prompt is never shown by itself', async () => {
  const served = await shown({ fields: { answer: 'SECRET' }, variant: { id: 'v', template: '{{prompt}}' } });
  expect(JSON.stringify(served)).not.toContain('SECRET');
  expect(served).not.toHaveProperty('judgeTurn');
});

describe('the turn to be judged', () => {
  const talk = { messages: TALK, said: ['1', '2'] };

  test('is told by its place among the messages, a system prompt counted', async () => {
    const first = await shown({ ...talk, judgeTurn: 0 });
    expect(first.messages[first.judgeTurn ?? -1]).toEqual(says('1'));
    const second = await shown({ ...talk, judgeTurn: 1, system: 'S' });
    expect(second.messages[second.judgeTurn ?? -1]).toEqual(says('2'));
  });

  test('is the completion where it is the last, or none is named', async () => {
    expect(await shown({ ...talk, judgeTurn: 2 })).not.toHaveProperty('judgeTurn');
    expect(await shown(talk)).not.toHaveProperty('judgeTurn');
  });

  test('stays in its place among answers that the prompt brought along', async () => {
    const messages = [asks('x'), says('given'), ...TALK];
    const served = await shown({ messages, said: ['1', '2'], judgeTurn: 0 });
    expect(served.judgeTurn).toBe(3);
  });
});
