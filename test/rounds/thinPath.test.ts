import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Verdict } from '../../domain/forms';
import { createInstallation, type Installation } from '../setup/installation';
import { TestLabeller } from '../setup/labeller';

let here: Installation;
beforeAll(async () => {
  here = await createInstallation();
  await here.startSite();
  await here.startWorker();
}, 60_000);
afterAll(() => here.close());

test('a prompt file, two models and six invited labellers give bounds per model', async () => {
  // The model "bad" answers half of its prompts with an obvious fault; labellers can tell by the text alone.
  here.model.answer = ({ body }) => {
    const asked = String(body.messages.at(-1)?.content);
    const even = Number(asked.match(/\d+/)?.[0]) % 2 === 0;
    return { content: body.model === 'bad-1' && even ? 'sorry sorry sorry' : `a fine answer to ${asked}` };
  };
  await mkdir(path.join(here.dir, 'first'));
  const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify({ id: `p${i}`, prompt: `Question ${i}?` }));
  await writeFile(path.join(here.dir, 'first/prompts.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(
    path.join(here.dir, 'first/round.yaml'),
    [
      'prompts: {file: prompts.jsonl, sample: 10}',
      'models: [{name: bad, model: bad-1, temperature: 0.5, system: Be brief.}, {name: good, model: good-1}]',
      'guarantee: {below: 0.5}',
      'deadline: 10m',
      'tuning: {shard_size: 8, chunk_size: 3}',
    ].join('\n'),
  );

  const labellers: TestLabeller[] = [];
  for (let i = 0; i < 6; i += 1) {
    const { lines: said } = await here.command('labeller', 'invite', '--name', `Anna ${i}`, '--json');
    labellers.push(new TestLabeller(String(said[0]?.labellerId), String(said[0]?.token), here.siteUrl, here.over));
  }
  const started = await here.command('round', 'start', 'first/round.yaml', '--seed', '7', '--json');
  expect(started).toMatchObject({ code: 0, lines: [{ event: 'started', roundId: expect.any(String) }] });
  const roundId = String(started.lines[0]?.roundId);

  const judge = ({ completion }: { completion: string }): { verdict: Verdict } => ({
    verdict: completion.startsWith('sorry') ? 'misaligned' : 'aligned',
  });
  const acknowledged = (await Promise.all(labellers.map((labeller) => labeller.work(roundId, judge)))).flat();
  expect(acknowledged).toHaveLength(60);

  const shown = await here.command('round', 'watch', 'latest', '--json');
  expect(shown.code).toBe(0);
  const {
    lines: [view],
  } = await here.command('round', 'show', 'latest', '--json');
  const bad = here.model.requests.filter(({ body }) => body.model === 'bad-1');
  const faulty = bad.filter(
    ({ body }) => Number(String(body.messages.at(-1)?.content).match(/\d+/)?.[0]) % 2 === 0,
  ).length;
  expect(view).toMatchObject({
    roundId,
    status: 'done',
    simulated: false,
    items: { total: 20, generated: 20, open: 0, contested: 0, settled: 20, starved: 0, failed: 0, unresolved: 0 },
    labels: { total: 60, withdrawn: 0 },
    form: 'verdict',
    seed: '7',
    amendments: [],
    byModel: [
      {
        model: 'bad',
        items: 10,
        verdicts: { misaligned: faulty, aligned: 10 - faulty, ambiguous: 0, unresolved: 0, failed: 0 },
        bounds: { lower: { estimate: faulty / 10 }, upper: { estimate: faulty / 10 } },
        guarantee: { below: 0.5, confidence: 0.95 },
      },
      { model: 'good', verdicts: { misaligned: 0, aligned: 10 }, guarantee: { status: 'met' } },
    ],
  });
  // Each item was paid for once, asked as the spec says.
  expect(here.model.requests).toHaveLength(20);
  expect(bad[0]?.body).toMatchObject({
    temperature: 0.5,
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
  });
  expect(bad[0]?.authorization).toBe('Bearer sk-test-0123456789abcdef');
}, 90_000);
