import fc from 'fast-check';
import { transcriptOf } from '../../domain/transcripts';

const asks = (content: unknown) => ({ role: 'user', content });

test('one message of the user’s is its own text, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(transcriptOf([asks(text)])).toBe(text);
      expect(transcriptOf([asks([{ type: 'text', text }])])).toBe(text);
    }),
  );
});

test('several are a transcript that is the model’s to go on with', () => {
  const talk = [{ role: 'developer', content: 'S' }, asks('a'), { role: 'assistant', content: ' b\n' }, asks(' c')];
  expect(transcriptOf(talk)).toBe('S\n\nUser: a\n\nAssistant: b\n\nUser:  c\n\nAssistant:');
  expect(transcriptOf(talk.slice(0, 3))).toBe('S\n\nUser: a\n\nAssistant: b');
});

test('what is not text alone has none', () => {
  const others = [
    asks(null),
    asks([{ type: 'text', text: 'a' }, { type: 'image_url' }]),
    { role: 'tool', content: 'x' },
    { role: 'assistant', content: 'x', tool_calls: [] },
  ];
  for (const message of others) {
    expect(transcriptOf([asks('a'), message])).toBeUndefined();
    expect(transcriptOf([message])).toBeUndefined();
  }
});
