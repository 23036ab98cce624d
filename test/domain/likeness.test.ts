import { likenessOf } from '../../domain/likeness';
import { OPEN_TURN } from '../../domain/turns';

const user = (content: unknown) => ({ role: 'user', content });

test('prompts are alike whose user says the same, whatever white space, capitals and the composing of characters', () => {
  const one = likenessOf([user('Wie heißt das Café?')]);
  expect(likenessOf([user('  wie  heißt\ndas café?\n')])).toBe(one);
  expect(likenessOf([{ role: 'system', content: 'Be short.' }, user('Wie heißt das Café?')])).toBe(one);
  expect(likenessOf([user([{ type: 'text', text: 'Wie heißt das Café?' }])])).toBe(one);
});

test('prompts are not alike whose user says something else, more, or beside another picture', () => {
  const one = likenessOf([user('What is this?')]);
  const picture = (url: string) =>
    user([
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', url },
    ]);
  const others = [
    [user('What is that?')],
    [user('What is this?'), OPEN_TURN, user('And this?')],
    [user('What is this?'), { role: 'tool', content: 'a cat' }],
    [picture('a.png')],
    [picture('b.png')],
    [],
  ];
  expect(new Set([one, ...others.map(likenessOf)]).size).toBe(others.length + 1);
});

test('what the model has said in between makes no other prompt', () => {
  const played = [user('Hi'), { role: 'assistant', content: 'Hello!' }, user('Bye')];
  expect(likenessOf(played)).toBe(likenessOf([user('Hi'), OPEN_TURN, user('Bye')]));
});
