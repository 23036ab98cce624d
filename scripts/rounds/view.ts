/** A round as a terminal shows it. */
import type { RoundView } from '../../db/rounds/show';
import { harmlessLine } from '../harmless';
import { count, table } from '../output';
import { describeCosts } from './costs';
import { describeResult, percent } from './result';
import { accountInWords } from './standing';

const NOT_YET = 'Not measured yet: bounds appear when every item has ended.';
const NEVER = 'It was not measured, and will not be.';
const EARLIER = 'The round goes on; this is its last measurement, of an earlier state:';

export function describeRound(view: RoundView): string {
  const hasResult = view.measured || view.byModel.some(({ items }) => items > 0);
  return [
    `${view.roundId}  ${view.name}  ${view.status}${view.simulated ? '  SIMULATED' : ''}`,
    ...(view.calledOff ? [calledOffBy(view.calledOff)] : view.statusReason ? [view.statusReason] : []),
    ...pauseNote(view),
    ...(view.needsAttention && !view.pause?.held
      ? [
          `needs attention: ${withNames(view.needsAttention, view)}${view.endedAt ? '' : ` (plumbline round watch ${view.roundId} says what to do)`}`,
        ]
      : []),
    '',
    describeItems(view),
    ...drawNote(view),
    ...parkedNotes(view),
    ...contestedNote(view),
    ...cantJudgeNotes(view),
    ...markedNotes(view),
    `${count(view.labels.total, 'label')}, ${view.labels.withdrawn} withdrawn; ${count(view.calls.total, 'model call')}${rulingsNote(view)}`,
    ...describeCosts(view.costs),
    ...accountNotes(view),
    `seed ${view.seed}, spec ${view.specHash.slice(0, 12)}, deadline ${view.deadlineAt}${view.schedule ? `, started by the schedule ${view.schedule}` : ''}`,
    ...manualNote(view),
    ...view.amendments.map(
      ({ at, name, why }) =>
        `amended ${at.slice(0, 16).replace('T', ' ')} by ${harmlessLine(name)}, another capability table: ${harmlessLine(why)}`,
    ),
    '',
    ...(view.measured ? [] : [hasResult ? EARLIER : isOver(view) ? NEVER : NOT_YET]),
    ...(hasResult ? describeResult(view) : []),
    ...(hasResult && view.clusters ? [`${view.clusters}.`] : []),
  ].join('\n');
}

function calledOffBy({ at, who, why }: NonNullable<RoundView['calledOff']>): string {
  return `called off by ${harmlessLine(who)} ${at.slice(0, 16).replace('T', ' ')} UTC${why ? `: ${harmlessLine(why)}` : ''}`;
}

/** Accounts as the round's file calls them. */
function withNames(text: string, { accounts }: RoundView): string {
  return accounts.reduce((said, { accountId, name }) => said.replaceAll(accountId, () => name), text);
}

function drawNote(view: RoundView): string[] {
  if (view.drawnAt !== null) return [];
  return [isOver(view) ? 'no more were drawn' : 'more are being drawn'];
}

function isOver({ status }: RoundView): boolean {
  return status === 'cancelled' || status === 'failed';
}

function pauseNote({ pause, roundId }: RoundView): string[] {
  if (!pause) return [];
  const since = `since ${pause.since.slice(0, 16).replace('T', ' ')} UTC`;
  const held = 'its budget leaves no room for another call';
  const raise = `plumbline round set ${roundId} budget.money=AMOUNT --why TEXT`;
  if (pause.by === 'budget') return [`${held}: none are made ${since}, labelling goes on (${raise})`];
  const who = harmlessLine(pause.who ?? 'somebody');
  const why = pause.why ? `: ${harmlessLine(pause.why)}` : '';
  return [
    `paused by ${who} ${since}${why}`,
    `nothing is called and nobody is served items (plumbline round resume ${roundId})`,
    ...(pause.held ? [`${held} either (${raise})`] : []),
  ];
}

function parkedNotes({ parked, roundId, status }: RoundView): string[] {
  const mendable = parked.items.some((one) => one.mendable) && status !== 'cancelled' && status !== 'failed';
  return [
    ...parked.items.map(({ model, code, items }) => `  failed: ${model}: ${items} ${code}`),
    ...parked.models.map(
      ({ model, code, failures }) => `  parked: ${model}: ${count(failures, 'call')} in a row failed (${code})`,
    ),
    ...(mendable ? [`  once mended: plumbline round retry ${roundId}`] : []),
  ];
}

/** Only what is unusual. */
function accountNotes({ accounts, roundId, items }: RoundView): string[] {
  const pending = items.total - items.generated - items.failed;
  return accounts.flatMap(({ blocked, keyVariable, ...account }) => {
    if (blocked)
      return [
        `account ${account.name} is blocked (${blocked}): mend what is behind ${keyVariable}, then plumbline round retry ${roundId}`,
      ];
    if (pending <= 0 || (account.waitSeconds === 0 && !account.cutAt)) return [];
    return [`account ${account.name}: ${accountInWords({ blocked, keyVariable, ...account })}`];
  });
}

function manualNote({ manualRevision, manualHash, capabilityTable, capabilityHash, form }: RoundView): string[] {
  if (!manualRevision || !manualHash) return [];
  const known = capabilityHash ? `${capabilityTable} (${capabilityHash.slice(0, 12)})` : 'none';
  return [`manual ${manualRevision} (${manualHash.slice(0, 12)}), form ${form}, capability table ${known}`];
}

function rulingsNote({ rulings }: RoundView): string {
  if (rulings.total === 0) return '';
  const twice = rulings.twice > 0 ? `, ${rulings.twice} ruled on twice, ${rulings.agreed} of them alike` : '';
  return `; ${count(rulings.total, 'ruling')} on ${count(rulings.items, 'item')}${twice}`;
}

/** What a contested item waits for: nobody is served it any more. */
function contestedNote({ items, status, deadlineAt, roundId }: RoundView): string[] {
  if (status === 'cancelled') return [];
  if (items.contested === 0) {
    return items.unresolved > items.quarantined
      ? [
          `what is unresolved can still be ruled on (plumbline adjudicate list ${roundId}); the round then measures anew`,
        ]
      : [];
  }
  return [
    `contested items wait for a researcher (plumbline adjudicate list ${roundId}); without a ruling they end as unresolved at the deadline, ${deadlineAt}`,
  ];
}

function cantJudgeNotes({ cantJudge }: RoundView): string[] {
  const { total, byCode, items, labellers } = cantJudge;
  if (total === 0) return [];
  const codes = Object.entries(byCode).map(([code, n]) => `${code} ${n}`);
  return [
    `could not be judged by somebody: ${count(total, 'time')} (${codes.join(', ')})`,
    ...(items.length > 0 ? [`  by many: ${items.map(({ itemId, skips }) => `${itemId} by ${skips}`).join(', ')}`] : []),
    ...labellers.map(({ name, skips, ended }) => `  ${harmlessLine(name)} could not judge ${skips} of ${ended}`),
  ];
}

function markedNotes({ items, roundId }: RoundView): string[] {
  return [
    ...(items.quarantined > 0
      ? [`${count(items.quarantined, 'item')} in quarantine, served to nobody (plumbline quarantine list ${roundId})`]
      : []),
    ...(items.namesModel > 0
      ? [`${count(items.namesModel, 'completion')} naming the model: who judged them may not have been blind`]
      : []),
  ];
}

function describeItems({ items }: RoundView): string {
  const ended = items.open + items.contested + items.settled + items.failed + items.unresolved;
  const parts: [number, string][] = [
    [items.total - ended, 'not generated'],
    [items.open, 'open'],
    [items.contested, 'contested'],
    [items.settled, 'settled'],
    [items.failed, 'failed'],
    [items.unresolved, 'unresolved'],
  ];
  const shown = parts.filter(([n]) => n > 0).map(([n, state]) => `${n} ${state}`);
  const starved =
    items.starved > 0 ? `; ${items.starved} starved (nobody is left who may label them: invite somebody)` : '';
  return `${count(items.total, 'item')}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}${starved}`;
}

/** The bounds of the newest measurements beside each other: a table apart, or labels apart. */
export function describeMeasurements({ measurements }: RoundView): string {
  if (measurements.length === 0) return 'not measured yet';
  const rows = measurements.flatMap(({ measurementId, current, createdAt, capabilityTable, answersHash, byModel }) =>
    byModel.map(({ model, bounds, verdicts }, i) => [
      i === 0 ? `${measurementId}${current ? ' (current)' : ''}` : '',
      i === 0 ? createdAt.slice(0, 16).replace('T', ' ') : '',
      i === 0 ? (capabilityTable ?? 'none') : '',
      i === 0 ? answersHash.slice(0, 8) : '',
      model,
      String(verdicts.misaligned),
      String(verdicts.aligned),
      String(verdicts.ambiguous),
      String(verdicts.unresolved + verdicts.failed),
      `${percent(bounds.lower.estimate)} to ${percent(bounds.upper.estimate)}`,
    ]),
  );
  const headings = [
    'measurement',
    'at (UTC)',
    'capability table',
    'answers',
    'model',
    'misaligned',
    'aligned',
    'ambiguous',
  ];
  return table([...headings, 'none', 'bounds'], rows);
}
