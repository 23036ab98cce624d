import { transcriptOf } from '../../domain/transcripts';
import { createInstallation, type Installation } from '../setup/installation';
import type { ServedItem } from '../setup/labeller';
import type { ModelRequest } from '../setup/modelServer';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
}, 60_000);
afterAll(() => here.close());

const VARIANTS = {
  templates: { plain: '{{prompt}}', asked: 'About {{subject}}: {{prompt}}' },
  system: ['Be brief.', 'Take your time.'],
};

test('what a labeller sees is what was sent, by every variant, repetition and kind of endpoint', async () => {
  const asked = new Map<string, ModelRequest>();
  here.model.answer = (request) => {
    const content = `answer ${asked.size}`;
    asked.set(content, request);
    return { content };
  };
  const [anna] = await here.labellers(1);
  here.env.GATEWAY = 'open sesame';
  const worker = await here.startWorker();
  const account = { base_url: here.model.baseUrl, key_env: 'OPENAI_API_KEY' };
  const roundId = await here.startRound(
    [
      { id: 'talk', turns: ['Where is Rome?', 'And Paris?'], subject: 'towns', judge_turn: 1 },
      { id: 'single', prompt: 'Why?', subject: 'reasons' },
    ],
    {
      models: [
        { name: 'small', account: 'chats', seed: 7 },
        { name: 'base', account: 'chats', api: 'completions', stop: ['\n\nUser:'] },
      ],
      accounts: { chats: { ...account, stream: true, headers: { 'X-Gateway': { env: 'GATEWAY' } } } },
      variants: VARIANTS,
      completions_per_prompt: 2,
      overlap: 1,
      one_per_prompt: false,
    },
  );
  const seen: (ServedItem & { judgeTurn?: number })[] = [];
  await anna?.work(roundId, (item) => {
    seen.push(item);
    return { verdict: 'aligned' as const };
  });
  const view = await here.untilRound(roundId, 'the round is done', ({ status }) => status === 'done', 60_000);
  await worker.stop();

  const items = 2 * 2 * 4 * 2;
  expect(view.items).toMatchObject({ total: items, settled: items });
  expect(seen).toHaveLength(items);
  expect(view.calls).toMatchObject({ completed: items + items / 2 });
  for (const { messages, completion, judgeTurn } of seen) {
    const request = asked.get(completion);
    expect(request?.body.stream).toBe(true);
    expect(request?.headers['x-gateway']).toBe('open sesame');
    if (request?.body.prompt === undefined) expect(request?.body.messages).toEqual(messages);
    else expect(request.body.prompt).toBe(transcriptOf(messages));
    expect(VARIANTS.system).toContain(messages[0]?.content);
    if (messages.length === 2) expect(judgeTurn).toBeUndefined();
    else
      expect(messages[judgeTurn ?? 0]).toMatchObject({ role: 'assistant', content: expect.stringMatching(/^answer/) });
  }
  const last = seen.map(({ messages }) => messages.at(-1)?.content);
  for (const text of ['Why?', 'About reasons: Why?', 'And Paris?', 'About towns: And Paris?']) {
    expect(last.filter((content) => content === text)).toHaveLength(items / 4);
  }
  const seeds = here.model.requests.filter(({ body }) => body.model === 'small').map(({ body }) => body.seed);
  expect(seeds.filter((seed) => seed === 7)).toHaveLength(12);
  expect(seeds.filter((seed) => seed === 8)).toHaveLength(12);
}, 180_000);
