import { readFileSync } from 'node:fs';
import path from 'node:path';
import OpenAI from 'openai';
import pino from 'pino';
import { z } from 'zod';
import { describeForm } from '../../domain/forms';
import { vocabularyOf } from '../../domain/manual';
import { readFolder, STARTER } from '../../scripts/manuals/init';
import { answer } from '../../simulation/people/answer';
import { Patient } from '../../simulation/people/patience';
import { PROFILES } from '../../simulation/people/profiles';
import { inWords } from '../../simulation/people/truth';
import { TruthTeller } from '../../simulation/people/truthTeller';
import { type RunningProcess, startProcess } from '../setup/processes';

const log = pino({ level: 'silent' });
const Prompt = z.object({ prompt: z.string() });
const prompts = readFileSync(path.join(__dirname, '../../prompts/everyday.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .flatMap((line) => Prompt.safeParse(JSON.parse(line)).data ?? [])
  .slice(0, 40);

let server: RunningProcess;
let world: string;
beforeAll(async () => {
  const env = {
    PLUMBLINE_SIMULATION_PORT: '0',
    PLUMBLINE_SIMULATION_LATENCY_MS: '0',
    PLUMBLINE_SIMULATION_TROUBLE: '0',
  };
  server = await startProcess('simulation/server/main.ts', [], env, 'listening');
  world = `${server.ready.url}/worlds/7`;
}, 60_000);
afterAll(() => server.kill());

test('what the world says is true of its completions, people say in the starter manual’s words', async () => {
  const openai = new OpenAI({ baseURL: `${world}/v1`, apiKey: 'any', maxRetries: 0 });
  const truth = new TruthTeller(new Patient(`${world}/truth`, log), log);
  const { manual } = readFolder(STARTER);
  const words = vocabularyOf(manual);
  const form = describeForm(manual.form, words);
  const rates = { miss: 0, falseAlarm: 0, misname: 0, misjudge: 0, unsure: 0, cantJudge: 0 };
  const profile = { ...PROFILES.careful, looks: true as const, rates };
  let faults = 0;
  for (const { prompt } of prompts) {
    const messages = [{ role: 'user' as const, content: prompt }];
    const { choices } = await openai.chat.completions.create({ model: 'sim-small', messages });
    const item = { messages, completion: choices[0]?.message.content ?? '' };
    const known = await truth.of(item);
    if (!known) throw new Error(`the world does not know what it wrote: ${item.completion}`);
    expect(inWords(known, words)).toEqual(known.answers);
    const act = answer({ seed: '7', labeller: 'Ada', profile, item, form }, known);
    expect(act).toMatchObject({ kind: 'label', answers: known.answers });
    faults += known.answers.faults.length;
    expect(await truth.of({ ...item, completion: `${item.completion} Or not.` })).toBeNull();
  }
  expect(faults).toBeGreaterThan(0);
}, 60_000);
