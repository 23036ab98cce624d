import { namesModel } from '../../domain/namesModel';

const model = { id: 'small', apiModel: 'acme-chat-7b' };
const says = (content: string) => namesModel(JSON.stringify({ role: 'assistant', content }), model);

describe('a completion that tells which model wrote it', () => {
  test.each([
    ["Hello!\nI'm ChatGPT, how can I help?"],
    ['I am an AI language model called Vicuna.'],
    ['As Claude, I cannot do that.'],
    ['I am a large language model trained by OpenAI.'],
    ['I was developed by Meta AI researchers.'],
    ['I am a large language model called ChatGPT.'],
    ['This was written by ACME-chat-7b.'],
  ])('is flagged: %s', (content) => {
    expect(says(content)).toBe(true);
  });

  test.each([
    ['Claude Monet painted water lilies.'],
    ['A small dog.'],
    ['As a baker, I use yeast. Google was founded in 1998.'],
    ['Phi is the golden ratio.'],
    ['The province known as Nova Scotia.'],
    ['Known as Phi, and as Falcon to others.'],
    ['The model acme-chat-7bx is another one.'],
    [''],
  ])('is not: %s', (content) => {
    expect(says(content)).toBe(false);
  });

  test('may be a message without text', () => {
    expect(namesModel(JSON.stringify({ role: 'assistant', content: null, tool_calls: [] }), model)).toBe(false);
  });
});
