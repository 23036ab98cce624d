import fc from 'fast-check';
import { fillTurns, isOpenTurn, OPEN_TURN, turnsOf, untilOpenTurn, wordsOf } from '../../domain/turns';

const asks = (content: string) => ({ role: 'user', content });
const says = (content: string) => ({ role: 'assistant', content });
const MESSAGES = [asks('a'), OPEN_TURN, asks('b'), OPEN_TURN, asks('c')];

test('an open turn is the assistant’s message of nothing at all', () => {
  expect(isOpenTurn(JSON.parse(JSON.stringify(OPEN_TURN)))).toBe(true);
  const others = [
    says(''),
    { ...OPEN_TURN, tool_calls: [] },
    { ...OPEN_TURN, name: 'x' },
    { role: 'user', content: null },
    { role: 'assistant' },
    { role: 'assistant', name: null },
    null,
    'assistant',
  ];
  expect(others.filter(isOpenTurn)).toEqual([]);
});

test('answering takes a call for each turn of the model’s', () => {
  expect([turnsOf(MESSAGES), turnsOf([asks('a')])]).toEqual([3, 1]);
});

test('turns are filled in order, and what is sent ends before the first that is open', () => {
  expect(untilOpenTurn(MESSAGES)).toEqual([asks('a')]);
  const once = fillTurns<unknown>(MESSAGES, [says('1')]);
  expect(once).toEqual([asks('a'), says('1'), asks('b'), OPEN_TURN, asks('c')]);
  expect(untilOpenTurn(once)).toEqual([asks('a'), says('1'), asks('b')]);
  const twice = [asks('a'), says('1'), asks('b'), says('2'), asks('c')];
  expect(untilOpenTurn(fillTurns<unknown>(MESSAGES, [says('1'), says('2')]))).toEqual(twice);
  expect(fillTurns<unknown>(MESSAGES, [says('1'), says('2'), says('3')])).toEqual(twice);
});

test('a prompt of one turn is sent as it is', () => {
  const messages = [asks('a'), says('b'), asks('c')];
  expect(untilOpenTurn(fillTurns(messages, []))).toEqual(messages);
});

test('whatever a provider’s message holds, what is sent again is a text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (content, refusal) => {
      const sent = wordsOf(JSON.stringify({ role: 'assistant', content, refusal, extra: 1 }));
      expect(Object.keys(sent)).toEqual(['role', 'content']);
      expect(typeof sent.content).toBe('string');
      if (typeof content === 'string' && content !== '') expect(sent.content).toBe(content);
    }),
  );
  for (const odd of ['null', '"text"', '[]', '3']) expect(wordsOf(odd).role).toBe('assistant');
  expect(wordsOf('"text"').content).toBe('text');
});
