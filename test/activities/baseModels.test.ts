import type { ModelMessage } from '../../activities/modelApi';
import { putPrompt } from '../../domain/variants';
import { type ModelServer, startModelServer } from '../setup/modelServer';
import { type Asking, ask as askAt } from './asked';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer(() => ({ content: ' Paris' }));
});
afterAll(() => server.close());

const ask = ({ model, ...asking }: Asking = {}) =>
  askAt(server.baseUrl, { model: { api: 'completions', ...model }, ...asking });

test('a base model goes on with the prompt’s own text, and its text is the completion', async () => {
  const messages = putPrompt<ModelMessage>(
    [{ role: 'user', content: 'The capital of France?' }],
    { id: 'v', template: 'Q: {{prompt}}\nA:' },
    null,
  );
  const model = { maxTokens: 5, temperature: 0, seed: 1, stop: ['\n'], body: { repetition_penalty: 1.1 } };
  expect(await ask({ messages, model })).toMatchObject({
    kind: 'completed',
    message: '{"content":" Paris","role":"assistant"}',
    requestId: 'req_1',
    returnedModel: 'small-1-2026',
    finishReason: 'stop',
    promptTokens: 7,
    completionTokens: 3,
  });
  const [request] = server.requests;
  expect(request?.path).toBe('/v1/completions');
  expect(request?.body).toEqual({
    model: 'small-1',
    prompt: 'Q: The capital of France?\nA:',
    max_tokens: 5,
    temperature: 0,
    seed: 1,
    stop: ['\n'],
    repetition_penalty: 1.1,
  });
});

test('a talk, or a system prompt, becomes a transcript', async () => {
  const messages: ModelMessage[] = [
    { role: 'user', content: 'Hi.' },
    { role: 'assistant', content: ' Hello.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Where' },
        { type: 'text', text: 'am I?' },
      ],
    },
  ];
  await ask({ messages, model: { system: 'Be brief.' } });
  expect(server.requests.at(-1)?.body.prompt).toBe(
    'Be brief.\n\nUser: Hi.\n\nAssistant: Hello.\n\nUser: Where\nam I?\n\nAssistant:',
  );
  await ask({ messages: [{ role: 'user', content: 'Hi.' }], model: { system: 'Be brief.' } });
  expect(server.requests.at(-1)?.body.prompt).toBe('Be brief.\n\nUser: Hi.\n\nAssistant:');
});

test('nothing written at all is a completion too', async () => {
  server.answer = () => ({ content: '' });
  expect(await ask()).toMatchObject({ kind: 'completed', message: '{"content":"","role":"assistant"}' });
});

test('messages that are not text alone are refused before a call is made', async () => {
  const image: ModelMessage = { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] };
  const tool: ModelMessage = { role: 'tool', content: 'x', tool_call_id: 'a' };
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } } as const;
  const calling: ModelMessage = { role: 'assistant', content: null, tool_calls: [call] };
  const before = server.requests.length;
  for (const messages of [[image], [{ role: 'user', content: 'x' } as const, calling, tool]]) {
    expect(await ask({ messages })).toMatchObject({ kind: 'refused', errorCode: 'not-text', httpStatus: null });
  }
  expect(server.requests).toHaveLength(before);
});
