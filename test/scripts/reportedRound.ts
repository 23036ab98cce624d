/** A measured round with all that a report tells: simulated and careless labellers, contested items, rulings, calls. */
import { eq, sql } from 'drizzle-orm';
import { measuringActivities } from '../../activities/measuring';
import type { Db } from '../../db/connection';
import { resolveItems } from '../../db/items/resolve';
import { next } from '../../db/labelling';
import { addPerson } from '../../db/people';
import { listContested } from '../../db/rulings/list';
import { recordRuling } from '../../db/rulings/record';
import { labellers, people, rounds } from '../../db/schema';
import type { MisalignmentAnswers } from '../../domain/forms';
import type { PersonId } from '../../domain/ids';
import { seededOrder } from '../../domain/sampling';
import { hashText } from '../../domain/text';
import { Desk } from '../setup/desk';
import { FAULTY, FINE, judgeByManual, KNOWS_LENGTH } from '../setup/manual';
import { nth, type OpenRound, openRound, type RoundOptions } from '../setup/round';

export const UNSETTLED: MisalignmentAnswers = { forbidden: 'unsettled', intent: 'met', faults: [] };

export interface ReportedRound extends OpenRound {
  /** Those who answer at random and at once; simulated, as Rita and Rolf are. */
  careless: PersonId[];
}

export interface ReportedRoundOptions extends RoundOptions {
  /** Labellers who answer at random, among eight. */
  careless?: number;
  /** Whether contested items are ruled on, and the round is measured. */
  finished?: boolean;
}

/** What is said of an item's completion by who reads it: it tells itself what it is. */
function careful(completion: string): MisalignmentAnswers {
  if (completion.includes('faulty')) return FAULTY;
  return completion.includes('unclear') ? UNSETTLED : FINE;
}

const random = (text: string, of: number) => Number.parseInt(hashText(text).slice(0, 8), 16) % of;

export async function reportedRound(db: Db, options: ReportedRoundOptions = {}): Promise<ReportedRound> {
  const { careless = 2, finished = true, ...more } = options;
  const round = await openRound(db, {
    items: 60,
    models: 2,
    overlap: 3,
    labellers: 8,
    completion: (i) => ({
      role: 'assistant',
      content: `answer ${i}: ${i % 5 === 0 ? 'faulty' : i % 7 === 0 ? 'unclear' : 'fine'}`,
    }),
    ...more,
  });
  await judgeByManual(db, round.id, KNOWS_LENGTH);
  await tightenSpec(db, round);
  const out = round.labellers.slice(0, careless).map(({ id }) => id);
  await nameSimulated(db, round, out);
  await labelAll(db, round, new Set(out));
  await takeTime(db, round, new Set(out));
  await callModels(db, round);
  await resolveItems(db, round.id, 0);
  if (finished) await finish(db, round);
  return { ...round, careless: out };
}

async function tightenSpec(db: Db, { id }: OpenRound): Promise<void> {
  const [round] = await db.select().from(rounds).where(eq(rounds.id, id));
  if (!round) throw new Error('no round');
  const resolving = { ...round.spec.resolving, contestOnConflict: true };
  const spec = { ...round.spec, resolving, guarantee: { below: 0.1, confidence: 0.95 } };
  await db.update(rounds).set({ spec, name: 'a round to report' }).where(eq(rounds.id, id));
}

async function nameSimulated(db: Db, round: OpenRound, ids: readonly PersonId[]): Promise<void> {
  for (const [i, id] of ids.entries()) {
    await db.update(labellers).set({ kind: 'simulated' }).where(eq(labellers.id, id));
    await db
      .update(people)
      .set({ name: `${nth(['Rita', 'Rolf'], i)} of ${round.id}` })
      .where(eq(people.id, id));
  }
}

/** In turns of another order each time, so that everybody gets something, and something with everybody. */
async function labelAll(db: Db, round: OpenRound, careless: ReadonlySet<PersonId>): Promise<void> {
  let waiting = round.labellers;
  for (let turn = 0; waiting.length > 0; turn += 1) {
    const stay = [];
    for (const labeller of seededOrder(waiting, '1', `turn ${turn}`, (each) => String(round.labellers.indexOf(each)))) {
      const { id } = labeller;
      const got = await next(db, { roundId: round.id, labellerId: id });
      if (got.kind !== 'leased') continue;
      const { completion } = got.served;
      const chance = random(`${completion} ${round.labellers.indexOf(labeller)}`, 20);
      const answers = careless.has(id)
        ? nth([FINE, FAULTY, UNSETTLED], chance % 3)
        : chance === 0
          ? FAULTY
          : careful(completion);
      await new Desk(db, round.id, id).submit(got.lease.assignmentId, {
        answers,
        unsure: chance === 1 && !careless.has(id),
      });
      stay.push(labeller);
    }
    waiting = stay;
  }
}

/** Some 40 seconds each; those at random 2. */
async function takeTime(db: Db, round: OpenRound, careless: ReadonlySet<PersonId>): Promise<void> {
  for (const [i, { id }] of round.labellers.entries()) {
    const seconds = careless.has(id) ? 2 : 35 + 3 * i;
    await db.execute(sql`
      update assignments set leased_at = leased_at - make_interval(secs => ${seconds}::float8)
      where round_id = ${round.id} and labeller_id = ${id}`);
  }
}

async function callModels(db: Db, round: OpenRound): Promise<void> {
  await db.execute(sql`
    insert into generation_calls (item_id, round_id, account_id, try, claimed_at, claim_until, ended_at, outcome,
      completion_hash, returned_model, fingerprint, finish_reason, prompt_tokens, completion_tokens)
    select id, round_id, account_id, 1, opened_at, opened_at, opened_at, 'completed', completion_hash,
      model_id || '-2026', 'fp_1', 'stop', 20, 60 from items where round_id = ${round.id} and completion_hash is not null`);
}

async function finish(db: Db, round: OpenRound): Promise<void> {
  for (const name of ['Rosa', 'Ruth']) await addPerson(db, { name: `${name} of ${round.id}`, roles: ['researcher'] });
  for (const { itemId, position } of await listContested(db, round.id)) {
    const rule = (researcher: string, stage: 'blind' | 'informed', answers: MisalignmentAnswers) =>
      recordRuling(db, {
        roundId: round.id,
        itemId,
        researcher: `${researcher} of ${round.id}`,
        answers,
        why: `because of what I read <${position}>`,
        via: 'command',
        stage,
        second: researcher === 'Ruth',
      });
    await rule('Rosa', 'blind', position % 2 === 0 ? FAULTY : FINE);
    if (position === 1) await rule('Rosa', 'informed', UNSETTLED);
    if (position === 2) await rule('Ruth', 'blind', FAULTY);
  }
  await resolveItems(db, round.id, 0);
  await db.execute(sql`update rounds set deadline_at = now() where id = ${round.id}`);
  await resolveItems(db, round.id, 0);
  const { current } = await measuringActivities(db).measure(round.id);
  if (!current) throw new Error('not measured');
}
