/** `adjudicate decide`: a researcher's ruling, blind first, then, if need be, again having seen the labels. */
import type { Db } from '../../db/connection';
import { LONGEST_NOTE } from '../../db/labelling/written';
import { type RulingResult, recordRuling } from '../../db/rulings/record';
import type { Refusal, RefusalCode } from '../../db/rulings/refusals';
import { actingPerson, asAgain } from '../acting';
import { CommandError, EXIT } from '../failures';
import { harmlessLine } from '../harmless';
import type { Call } from '../leaf';
import { type GivenAnswers, givenAnswers } from './answers';
import { meantItem } from './item';
import { judgmentInWords } from './words';

export async function decide(db: Db, call: Call): Promise<undefined> {
  const why = reasonOf(call);
  const [given = ''] = call.args;
  const item = await meantItem(db, given);
  const itemId = item?.itemId ?? given;
  const deed = { action: 'ruling.decide', subject: itemId.slice(0, 100), roles: ['researcher'] as const };
  const actor = await actingPerson(db, call, item ? { ...deed, roundId: item.roundId } : deed);
  const answers = await givenAnswers(call, item?.form);
  const result = await recordRuling(db, {
    roundId: item?.roundId ?? null,
    itemId,
    researcher: actor.id,
    stage: call.value('stage'),
    second: call.on('second'),
    answers: answers.answers,
    why,
    via: 'command',
    dryRun: call.on('dryRun'),
  });
  if (result.kind === 'refused') throw refusalError(result, answers);
  tell(call, result);
}

function reasonOf(call: Call): string {
  const why = (call.value('why') ?? '').trim();
  if (why !== '' && why.length <= LONGEST_NOTE) return why;
  const message = why === '' ? 'a ruling needs a reason' : `has at most ${LONGEST_NOTE} characters`;
  throw new CommandError({ kind: 'usage', message, at: '--why' }, EXIT.wrongUsage);
}

const EVENTS = { recorded: 'ruled', repeated: 'ruled-before', 'would-record': 'would-rule' } as const;
const SAID = { recorded: 'ruled', repeated: 'ruled before, the same:', 'would-record': 'would rule' } as const;

function tell(call: Call, result: Exclude<RulingResult, Refusal>): void {
  const { kind, itemId, stage, verdict } = result;
  const on = `on ${itemId}, ${stage}`;
  const rulingId = kind === 'would-record' ? null : result.rulingId;
  const lines = [
    verdict === null ? `would rule ${on}: the answers are valid` : `${SAID[kind]} ${judgmentInWords(result)} ${on}`,
  ];
  if (kind !== 'would-record' && stage === 'blind') {
    lines.push(
      `what labellers said is shown to you now: plumbline adjudicate show ${itemId}${asAgain(call)}`,
      `if it changes your mind: plumbline adjudicate decide ${itemId} … --stage informed${asAgain(call)}`,
    );
  }
  call.output.record({ event: EVENTS[kind], itemId, rulingId, stage, verdict }, lines.join('\n'));
}

/** What the caller wrote wrongly, rather than what stands against the ruling. */
const WRONG_USAGE: ReadonlySet<RefusalCode> = new Set(['malformed', 'unknown-item', 'invalid-answers']);

function refusalError({ code, message, hint, at }: Refusal, answers: GivenAnswers): CommandError {
  const where = at?.startsWith('answers') ? answers.place(at) : code === 'unknown-item' ? '<item>' : undefined;
  const problem = {
    kind: code,
    message: harmlessLine(message),
    ...(hint && { hint }),
    ...(where && { at: harmlessLine(where) }),
  };
  return new CommandError(problem, WRONG_USAGE.has(code) ? EXIT.wrongUsage : EXIT.failed);
}
