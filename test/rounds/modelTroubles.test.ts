import { sql } from 'drizzle-orm';
import type { RoundView } from '../../db/rounds/show';
import { createInstallation, type Installation } from '../setup/installation';
import type { ServedItem } from '../setup/labeller';
import { errorReply } from '../setup/modelServer';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.startWorker();
}, 60_000);
afterAll(() => here.close());

const failCodes = (roundId: string) =>
  here.database.db.execute<{ fail_code: string; n: number }>(
    sql`select fail_code, count(*)::int as n from items where round_id = ${roundId} and state = 'failed' group by 1 order by 1`,
  );

test('a model that always answers 500 is tried as often as the spec says, then failed and counted', async () => {
  here.model.answer = () => errorReply(500, 'server_error');
  const asked = here.model.requests.length;
  await here.labellers(3);
  const roundId = await here.startRound([{ prompt: 'A?' }, { prompt: 'B?' }]);
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(here.model.requests.length - asked).toBe(6);
  expect(await failCodes(roundId)).toEqual([{ fail_code: 'parked:http-500', n: 2 }]);
  expect(view.byModel[0]).toMatchObject({
    verdicts: { failed: 2 },
    bounds: { lower: { estimate: 0 }, upper: { estimate: 1 } },
  });
});

test('a refused request ends its item at once, the others go on', async () => {
  here.model.answer = ({ body }) =>
    String(body.messages[0]?.content).includes('bad') ? errorReply(400, 'invalid_request') : { content: 'fine' };
  const roundId = await here.startRound([{ prompt: 'bad' }, { prompt: 'good' }]);
  const one = ({ items }: RoundView) => items.open === 1 && items.failed === 1;
  const view = await here.untilRound(roundId, 'one is open, the other has failed', one);
  expect(view.items).toMatchObject({ failed: 1, open: 1 });
  expect(await failCodes(roundId)).toEqual([{ fail_code: 'refused-400', n: 1 }]);
});

test('a wrong key fails the items of its account after few calls, and says so where the operator looks', async () => {
  here.model.answer = () => errorReply(401, 'invalid_api_key');
  const asked = here.model.requests.length;
  const roundId = await here.startRound(
    Array.from({ length: 40 }, (_, i) => ({ prompt: `Q${i}` })),
    {
      accounts: { default: { concurrency: 2 } },
    },
  );
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  // Two under way, as many claimed for when they end, and again as many before the refusal is stored.
  expect(here.model.requests.length - asked).toBeLessThanOrEqual(6);
  expect(view.items.failed).toBe(40);
  expect(view.needsAttention).toMatch(/blocked: unauthorized/);
  expect(await failCodes(roundId)).toEqual([{ fail_code: 'account-refused', n: 40 }]);
});

test('a rate limit moves the whole account and costs no try', async () => {
  let refusals = 4;
  here.model.answer = () => {
    refusals -= 1;
    return refusals >= 0
      ? errorReply(429, 'rate_limit_exceeded', 'slow down', { 'retry-after-ms': '300' })
      : { content: 'fine' };
  };
  const roundId = await here.startRound([{ prompt: 'A?' }, { prompt: 'B?' }], {
    generation: { max_tries: 1, timeout: '5s', retry_delay: '50ms' },
  });
  const view = await here.untilRound(roundId, 'both are open', ({ items }) => items.open === 2);
  expect(view.calls).toMatchObject({ completed: 2 });
});

test('an empty completion, 200 kB, NUL bytes and lone surrogates are completions like others', async () => {
  const odd: Record<string, string | null> = {
    empty: '',
    null: null,
    long: 'x'.repeat(200_000),
    nul: 'before\u0000after',
    surrogate: 'lone \ud83d end',
  };
  here.model.answer = ({ body }) => ({ content: odd[String(body.messages[0]?.content)] ?? null });
  const labellers = await here.labellers(3);
  const roundId = await here.startRound(Object.keys(odd).map((prompt) => ({ prompt })));
  const served = new Map<string, string>();
  const read = ({ messages, completion }: ServedItem) => {
    served.set(String(messages[0]?.content), completion);
    return { verdict: 'ambiguous' as const };
  };
  await Promise.all(labellers.map((labeller) => labeller.work(roundId, read)));
  await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done');
  expect(served.get('empty')).toBe('');
  expect(served.get('null')).toBe('');
  expect(served.get('long')).toHaveLength(200_000);
  expect(served.get('nul')).toBe('before\u2400after');
  expect(served.get('surrogate')).toBe('lone \ufffd end');
});

test('messages keep roles, content parts and tool calls as sent, and what came with the completion is kept', async () => {
  here.model.answer = () => ({
    message: {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    finishReason: 'tool_calls',
  });
  const messages = [
    { role: 'system', content: 'Be kind.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'text', text: 'here' },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"x":1}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
  ];
  const roundId = await here.startRound([{ messages }], {
    models: [{ name: 'small', top_p: 0.9, max_tokens: 50, seed: 11 }],
  });
  await here.untilRound(roundId, 'it is open', ({ items }) => items.open === 1);
  expect(here.model.requests.at(-1)?.body).toMatchObject({
    model: 'small',
    messages,
    top_p: 0.9,
    max_tokens: 50,
    seed: 11,
  });
  const [call] = await here.database.db.execute(sql`
    select returned_model, fingerprint, finish_reason, prompt_tokens, completion_tokens, request_id, body::jsonb as message
    from generation_calls c join texts t on t.hash = c.completion_hash where round_id = ${roundId}`);
  expect(call).toMatchObject({
    returned_model: 'small-2026',
    fingerprint: 'fp_test',
    finish_reason: 'tool_calls',
    prompt_tokens: 7,
    completion_tokens: 3,
    request_id: expect.stringMatching(/^req_/),
    message: { role: 'assistant', content: null, tool_calls: [{ id: 'c2' }] },
  });
});
