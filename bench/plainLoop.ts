/**
 * What a round is measured against: a plain loop with the openai client that only inserts rows. It reads its prompts before
 * it begins, asks each once, and inserts each answer as it comes.
 */
import { readFileSync } from 'node:fs';
import OpenAI from 'openai';
import postgres from 'postgres';

const [file = '', concurrency = '100'] = process.argv.slice(2);

async function main(): Promise<void> {
  const prompts = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): { id: string; prompt: string } => JSON.parse(line));
  const sql = postgres(process.env.DATABASE_URL ?? '', { max: 10, onnotice: () => undefined });
  await sql`drop table if exists bench_plain`;
  await sql`create table bench_plain (id text primary key, completion text not null)`;
  const client = new OpenAI({ maxRetries: 0, baseURL: process.env.OPENAI_BASE_URL, apiKey: 'bench', logLevel: 'off' });
  process.stdout.write(`${JSON.stringify({ event: 'begins' })}\n`);
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  const left = prompts.values();
  const ask = async () => {
    for (const { id, prompt } of left) {
      const { choices } = await client.chat.completions.create({
        model: 'sim-small',
        messages: [{ role: 'user', content: prompt }],
        max_tokens: 500,
      });
      await sql`insert into bench_plain (id, completion) values (${id}, ${choices[0]?.message.content ?? ''})`;
    }
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, ask));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1e6;
  process.stdout.write(`${JSON.stringify({ event: 'ended', seconds, cpuSeconds, calls: prompts.length })}\n`);
  await sql`drop table bench_plain`;
  await sql.end();
}

void main();
