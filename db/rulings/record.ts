/** Taking a researcher's ruling: recorded, a repeat of one taken before, or refused with a record of the refusal. */
import { sql } from 'drizzle-orm';
import type { Judgment } from '../../domain/derivation';
import { type Answers, AnswersError, readAnswers } from '../../domain/forms';
import type { ItemId, PersonId, RoundId, RulingId } from '../../domain/ids';
import { judgeOf } from '../../domain/judging';
import type { Stage } from '../../domain/rulings';
import { canonicalJson } from '../../domain/text';
import { type Act, recordAct } from '../audit';
import type { Db, Tx } from '../connection';
import { type LockedItem, lockItem } from '../items/lock';
import { judgingGround } from '../judging';
import { act, isCalledOff } from '../labelling/act';
import { saveNote } from '../labelling/written';
import { wordsOf } from '../manuals/read';
import { findPerson, type Person } from '../people';
import { rulings } from '../schema';
import { touchItem } from '../touch';
import type { Refusal } from './refusals';
import * as refuse from './refusals';
import { inShort, type RulingRead, type RulingSent, readSent } from './sent';
import { readStanding, type Standing } from './standing';

export interface RulingRequest extends RulingSent {
  /** The researcher's reason; by signal there is none. At most 10,000 UTF-16 code units. */
  why: string | null;
  via: 'command' | 'signal' | 'site';
  /** Names this sending: one that is delivered twice is refused once. */
  sending?: string;
  /** Says what would happen, and changes nothing: a refusal is not recorded either. */
  dryRun?: boolean;
}

interface RuledOn {
  itemId: ItemId;
  roundId: RoundId;
  stage: Stage;
}
export interface Ruled extends RuledOn, Pick<Judgment, 'verdict' | 'reason'> {}
export type RulingResult =
  | ({ kind: 'recorded'; rulingId: RulingId } & Ruled)
  /** The same researcher gave the same answers at this stage before. */
  | ({ kind: 'repeated'; rulingId: RulingId } & Ruled)
  /** What valid answers come to is told to those only who may see labels: trying out answers would tell the model's abilities. */
  | ({ kind: 'would-record' } & (Ruled | (RuledOn & { verdict: null })))
  | Refusal;

/**
 * The ruling, the item's mark, the nudge to its shard and the record of the act are one transaction. A refusal is recorded
 * too, with the answers where they were valid ones, so that they are not lost; never with a text.
 * @throws RangeError for a reason that is too long.
 */
export function recordRuling(db: Db, request: RulingRequest): Promise<RulingResult> {
  return act(db, async (tx) => {
    const sent = readSent(request);
    const asker = new Asker(tx, request, await senderOf(tx, request));
    const result = 'malformedAt' in sent ? refuse.malformed(sent.malformedAt) : await asker.decide(sent);
    if (result.kind === 'refused' && !request.dryRun) await asker.recordRefusal(result);
    return result;
  });
}

/** One request in its transaction: what is learnt on the way stands in the record of a refusal. */
class Asker {
  private item: LockedItem | undefined;
  private answers: Answers | undefined;

  constructor(
    private readonly tx: Tx,
    private readonly request: RulingRequest,
    private readonly person: Person | undefined,
  ) {}

  async decide(sent: RulingRead): Promise<RulingResult> {
    if (!this.person) return refuse.unknownPerson();
    const { id: researcherId, name, roles, removedAt } = this.person;
    if (removedAt) return refuse.removedPerson(name);
    if (!roles.includes('researcher') && !roles.includes('admin')) return refuse.notAResearcher(name);

    const item = sent.itemId && (await lockItem(this.tx, sent.itemId));
    if (!item || (this.request.roundId !== null && item.roundId !== this.request.roundId)) return refuse.unknownItem();
    this.item = item;
    const standing = await readStanding(this.tx, item, researcherId);
    const answers = await readUnder(this.tx, standing, sent.answers);
    if ('kind' in answers) return refusalOf(standing, sent) ?? answers;
    this.answers = answers;

    const earlier = standing.own[sent.stage];
    if (earlier && canonicalJson(earlier.answers) === canonicalJson(answers)) {
      return { kind: 'repeated', rulingId: earlier.id, ...(await this.ruled(standing, sent.stage, answers)) };
    }
    const refused = refusalOf(standing, sent);
    if (refused) return refused;
    const ruled = await this.ruled(standing, sent.stage, answers);
    if (this.request.dryRun) return wouldRecord(ruled);
    return { kind: 'recorded', rulingId: await this.record(standing, researcherId, answers, ruled), ...ruled };
  }

  private async ruled({ item, round }: Standing, stage: Stage, answers: Answers): Promise<Ruled> {
    const judge = judgeOf(await judgingGround(this.tx, round));
    const { verdict, reason } = judge(item.modelId, answers);
    return { itemId: item.id, roundId: item.roundId, stage, verdict, reason };
  }

  private async record(
    { item, round, own, another }: Standing,
    researcherId: PersonId,
    answers: Answers,
    { stage, verdict }: Ruled,
  ): Promise<RulingId> {
    const { form, manualRevision } = round;
    const whyHash = await saveNote(this.tx, this.request.why);
    const [ruling] = await this.tx
      .insert(rulings)
      .values({ roundId: round.id, itemId: item.id, researcherId, stage, form, manualRevision, answers, whyHash })
      .returning({ id: rulings.id });
    if (!ruling) throw new Error('a ruling was not inserted');
    await touchItem(this.tx, item);
    const second = another !== undefined && !own.blind;
    const detail = { stage, via: this.request.via, verdict, rulingId: ruling.id, ...(second && { second }) };
    await recordAct(this.tx, { actor: researcherId, action: ACTION, subject: item.id, roundId: round.id, detail });
    return ruling.id;
  }

  async recordRefusal({ code, at }: Refusal): Promise<void> {
    const { itemId, via, stage, sending } = this.request;
    const roundId = this.request.roundId ?? this.item?.roundId;
    if (roundId !== undefined && sending !== undefined && (await wasRefused(this.tx, roundId, sending))) return;
    const refused: Act = {
      actor: this.person?.id ?? 'unknown',
      action: ACTION,
      subject: inShort(itemId),
      refused: true,
      detail: {
        code,
        via,
        ...(isWord(stage) && { stage }),
        ...(isWord(at) && { at }),
        ...(this.answers && { answers: this.answers }),
        ...(sending !== undefined && { sending }),
      },
      ...(roundId !== undefined && { roundId }),
    };
    await recordAct(this.tx, refused);
  }
}

const ACTION = 'ruling.decide';

/** By signal nobody is known by name: names have no place in Temporal. */
async function senderOf(tx: Tx, { researcher, via }: RulingRequest): Promise<Person | undefined> {
  if (typeof researcher !== 'string' || researcher === '') return undefined;
  const found = await findPerson(tx, researcher);
  return via === 'signal' && found?.id !== researcher ? undefined : found;
}

function wouldRecord({ verdict, reason, ...on }: Ruled): RulingResult {
  return on.stage === 'blind'
    ? { kind: 'would-record', ...on, verdict: null }
    : { kind: 'would-record', ...on, verdict, reason };
}

/** Words of ours, never a text that somebody put where one belongs. */
function isWord(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= 100 && /^[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*|\[\d+\])*$/.test(value)
  );
}

async function readUnder(tx: Tx, { round }: Standing, input: unknown): Promise<Answers | Refusal> {
  try {
    return readAnswers(round.form, input, await wordsOf(tx, round.manualRevision));
  } catch (error) {
    if (error instanceof AnswersError) return refuse.invalidAnswers(error.at, error.message);
    throw error;
  }
}

/** What speaks against a ruling that is not a repeat, whatever it answers. */
function refusalOf(standing: Standing, { stage, second }: RulingRead): Refusal | undefined {
  const { item, round, own, another } = standing;
  if (isCalledOff(round)) return refuse.roundOver(round.status === 'failed' ? 'failed' : 'cancelled');
  if (item.quarantined) return refuse.quarantined();
  if (item.redacted) return refuse.redacted();
  if (standing.labelsIt) return refuse.labelledItYourself();
  if (own[stage] || own.informed) return refuse.alreadyRuled(own.informed ? 'informed' : stage);
  if (own.blind) return undefined;
  if (another && !second) return refuse.ruledByAnother(another.researcher);
  if (!(another ? standing.waitsForSecond : standing.waitsForFirst)) return refuse.notContested(item.state);
  return stage === 'informed' ? refuse.notBlindYet() : undefined;
}

async function wasRefused(tx: Tx, roundId: RoundId, sending: string): Promise<boolean> {
  const found = await tx.execute(sql`
    select 1 from audit
    where round_id = ${roundId} and action = ${ACTION} and refused and detail->>'sending' = ${sending} limit 1`);
  return found.length > 0;
}
