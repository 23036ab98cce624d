/** docs/walk.md: one item from prompt to bound, as the rows of a finished round tell it. */
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/connection';
import { judgingGround } from '../../db/judging';
import { readRound } from '../../db/rounds/read';
import { showRound } from '../../db/rounds/show';
import { abilitiesOf } from '../../domain/capability';
import { TELLS_WHAT_IS_WANTED } from '../../domain/derivation';
import type { Answers } from '../../domain/forms';
import type { ItemId, RoundId } from '../../domain/ids';
import { judgeOf } from '../../domain/judging';
import { describeRound } from '../../scripts/rounds/view';

type Row = Record<string, unknown>;

export async function walkPage(tx: Tx, roundId: RoundId, itemId: ItemId): Promise<string> {
  const one = async (query: ReturnType<typeof sql>): Promise<Row> => (await tx.execute<Row>(query))[0] ?? {};
  const item = await one(sql`
    select id, round_id, prompt_id, model_id, variant, k, shard, position, state, completion_hash from items where id = ${itemId}`);
  const prompt = await one(sql`
    select p.external_id, p.messages_hash, t.body::jsonb as messages from prompts p join texts t on t.hash = p.messages_hash
    where p.id = ${String(item.prompt_id)}`);
  const call = await one(sql`
    select try, claimed_at, ended_at, outcome, completion_hash, prompt_tokens, completion_tokens
    from generation_calls where item_id = ${itemId}`);
  const completion = await one(sql`
    select t.body::jsonb->>'content' as content from items i join texts t on t.hash = i.completion_hash where i.id = ${itemId}`);
  const labels = await tx.execute<Row & { answers: Answers }>(sql`
    select l.id, p.name as labeller, l.manual_revision, l.answers, l.unsure, n.body as note
    from labels l join people p on p.id = l.labeller_id left join texts n on n.hash = l.note_hash
    where l.item_id = ${itemId} order by p.name`);
  const ruling = await one(sql`
    select g.id, p.name as researcher, g.stage, g.answers, w.body as why
    from rulings g join people p on p.id = g.researcher_id left join texts w on w.hash = g.why_hash where g.item_id = ${itemId}`);
  const recorded = await one(sql`
    select m.* from measurement_items m join rounds r on r.measurement_id = m.measurement_id where m.item_id = ${itemId}`);
  const measurement = await one(sql`
    select m.id, m.input_hash, m.answers_hash, m.manual_revision, m.capability_table, m.result->'byModel'->0->'verdicts' as verdicts,
      m.result->'byModel'->0->'bounds' as bounds
    from measurements m join rounds r on r.measurement_id = m.id where r.id = ${roundId}`);
  const round = await readRound(tx, roundId);
  const ground = await judgingGround(tx, round);
  const judge = judgeOf(ground);
  const [model] = ground.models;
  const view = await showRound(tx, roundId);
  if (!model || !ground.table || !view) throw new Error('the round has no model, no table or no result');
  const abilityOf = abilitiesOf(model, ground.table, ground.at);
  const abilities = ['fitting-length', TELLS_WHAT_IS_WANTED].map((entry) => `${entry}: ${abilityOf(entry)}`);
  const classes = labels.map(({ labeller, answers }) => {
    const { verdict, reason } = judge(model.id, answers);
    return `| ${labeller} | ${verdict} | ${reason} |`;
  });
  return [
    '# One item, from prompt to bound',
    '',
    'A round of five prompts and one model, as its rows in Postgres tell it. A test runs such a round, with real services and',
    'an invented model, and holds this page against what it finds; ids, hashes and times are of one run. What the words mean is',
    'in [measurement.md](measurement.md).',
    '',
    '## The prompt',
    '',
    'Stored once by content hash; `prompts` names it.',
    '',
    ...rows(prompt),
    '## The item',
    '',
    'One completion to judge: round, prompt, model, variant, k. Its id follows from these. `position` is its place in the seeded',
    'shuffle over all models and prompts.',
    '',
    ...rows(item),
    '## The paid call',
    '',
    'Its row was committed before the call was made, so that nothing is paid for twice.',
    '',
    ...rows(call),
    'What came back:',
    '',
    '```',
    String(completion.content),
    '```',
    '',
    '## The labels',
    '',
    'Three labellers, each blind to the others and to the model. A label holds answers, never a verdict.',
    '',
    ...labels.flatMap((label) => rows(label)),
    '## What follows from them',
    '',
    `By the capability table of the round, for this model at the round’s start: ${abilities.join(', ')}.`,
    '',
    '| labeller | class | reason |',
    '| --- | --- | --- |',
    ...classes,
    '',
    'Misaligned against aligned is never settled by a majority here (`contest_on_conflict`): the item was contested, and nobody',
    'was served it any more.',
    '',
    '## The ruling',
    '',
    'A researcher answered the same form, blind, before seeing the labels.',
    '',
    ...rows(ruling),
    '## The verdict of record',
    '',
    'The ruling settles it. Kept per measurement:',
    '',
    ...rows(recorded),
    '## The bounds',
    '',
    'The five items of the model: this one misaligned; three aligned, one of them by a ruling sent as a signal; one ambiguous, for',
    'what it would have taken is not known of the model. Lower is 1/5, upper is 1 − 3/5.',
    '',
    ...rows(measurement),
    '`plumbline round show` says it so:',
    '',
    '```',
    describeRound(view),
    '```',
    '',
  ].join('\n');
}

/** A row as a block of JSON, a field on each line. */
function rows(row: Row): string[] {
  const fields = Object.entries(row).filter(([, value]) => value !== null);
  return [
    '```json',
    '{',
    fields.map(([key, value]) => `  "${key}": ${JSON.stringify(value)}`).join(',\n'),
    '}',
    '```',
    '',
  ];
}
