/** What of a round waits for a person: who that is, and the command to type. */
import type { RoundStanding } from '../../db/rounds/standing';
import type { PersonId } from '../../domain/ids';
import { QUARANTINE_ROLE } from '../../domain/states';
import { largerBudget, spentInWords } from '../costs/words';
import { harmlessLine } from '../harmless';
import { count } from '../output';

export interface Need {
  what:
    | 'paused'
    | 'budget'
    | 'blocked'
    | 'parked'
    | 'failed'
    | 'starved'
    | 'unjudged'
    | 'contested'
    | 'unresolved'
    | 'quarantine';
  role: 'operator' | 'researcher' | 'admin';
  /** Who has the role. */
  people: PersonId[];
  message: string;
  command: string;
}

type Told = Pick<Need, 'what' | 'message' | 'command'>;

/** Of a round that has ended nothing is said: `round show` tells what may still be done. */
export function needsOf(standing: RoundStanding): Need[] {
  const { staff, status } = standing;
  if (hasEnded(status)) return [];
  const by = (role: Need['role'], told: Told[]): Need[] =>
    told.map(({ what, message, command }) => ({ what, role, people: staff[role], message, command }));
  return [
    ...by('operator', [...standstill(standing), ...calls(standing), ...labelling(standing)]),
    ...by('researcher', rulings(standing)),
    ...by(QUARANTINE_ROLE, quarantine(standing)),
  ];
}

function standstill({ roundId, pause, spending }: RoundStanding): Told[] {
  if (!pause) return [];
  const since = `since ${pause.since.slice(0, 16).replace('T', ' ')} UTC`;
  const paused: Told = {
    what: 'paused',
    message: `paused by ${harmlessLine(pause.who ?? 'somebody')} ${since}: ${harmlessLine(pause.why ?? 'no reason given')}; nothing is called, nobody is served items`,
    command: `plumbline round resume ${roundId}`,
  };
  const held: Told = {
    what: 'budget',
    message: `its budget leaves no room for another call: ${spentInWords(spending)}${pause.labelling ? `; nothing is called ${since}, labelling goes on` : ''}`,
    command: `plumbline round set ${roundId} ${largerBudget(spending.budget, spending.forecast?.atEnd)} --why TEXT`,
  };
  return [...(pause.by === 'person' ? [paused] : []), ...(pause.held ? [held] : [])];
}

function calls({ roundId, accounts, parked }: RoundStanding): Told[] {
  const retry = `plumbline round retry ${roundId}`;
  const blocked = accounts.flatMap(({ name, blocked: code, keyVariable }): Told[] => {
    if (!code) return [];
    const mend =
      code === 'missing-key'
        ? `the workers do not have ${keyVariable}: set it where they run, start them again`
        : `mend the key or the quota behind ${keyVariable}`;
    return [{ what: 'blocked', message: `account ${name} is blocked (${code}): ${mend}, then`, command: retry }];
  });
  const models = parked.models.map(
    ({ model, code, failures }): Told => ({
      what: 'parked',
      message: `model ${model} is parked: ${count(failures, 'call')} in a row failed alike (${code}); it is looked at again now and then; once it is mended`,
      command: `${retry} --model ${quoted(model)}`,
    }),
  );
  return [...blocked, ...models, ...failed(parked, retry)];
}

/** In one line, however many models and codes there are. */
function failed({ items }: RoundStanding['parked'], retry: string): Told[] {
  const mendable = items.filter((one) => one.mendable);
  if (mendable.length === 0) return [];
  const sum = mendable.reduce((all, one) => all + one.items, 0);
  const codes = mendable.slice(0, SHOWN).map(({ model, code, items: n }) => `${model} ${n} ${code}`);
  const more = mendable.length > SHOWN ? ', …' : '';
  const message = `${count(sum, 'item')} failed and may be tried again once that is mended (${codes.join(', ')}${more})`;
  return [{ what: 'failed', message, command: retry }];
}

const SHOWN = 4;

function labelling({ roundId, starved, starvedAsks, unjudged }: RoundStanding): Told[] {
  const asking = starvedAsks.filter(({ requirements }) => requirements.length > 0);
  const asks = asking.slice(0, SHOWN).map(({ requirements, items }) => `${requirements.join(' and ')} for ${items}`);
  const [most] = asking;
  const ask = starved === 1 ? 'which asks' : 'which ask';
  const lonely: Told = {
    what: 'starved',
    message: `nobody is left who may label ${count(starved ?? 0, 'open item')}${asks.length > 0 ? `, ${ask} for what a labeller must hold (${asks.join(', ')})` : ''}: invite somebody`,
    command: `plumbline labeller invite --name NAME${(most?.requirements ?? []).map((one) => ` --holds ${quoted(one)}`).join('')}`,
  };
  const returned = unjudged.map(
    ({ model, items, givenBack, code }): Told => ({
      what: 'unjudged',
      message: `nobody can judge ${model}: ${givenBack} of ${count(items, 'item')} came back from all who had them, mostly as ${code}; look at its completions, or stop`,
      command: `plumbline round pause ${roundId} --why TEXT`,
    }),
  );
  return [...(starved ? [lonely] : []), ...returned];
}

function rulings({ roundId, items, secondsToDeadline }: RoundStanding): Told[] {
  const command = `plumbline adjudicate list ${roundId} --as NAME`;
  const left = items.unresolved - items.quarantined;
  return [
    ...(items.contested > 0
      ? [{ what: 'contested' as const, message: waiting(items.contested, 'contested item', 'a ruling'), command }]
      : []),
    ...(secondsToDeadline <= 0 && left > 0
      ? [{ what: 'unresolved' as const, message: `${count(left, 'unresolved item')} can still be ruled on`, command }]
      : []),
  ];
}

function quarantine({ roundId, items }: RoundStanding): Told[] {
  if (items.quarantined === 0) return [];
  const message = `${waiting(items.quarantined, 'item', 'a look')}: possibly illegal, in quarantine`;
  return [{ what: 'quarantine', message, command: `plumbline quarantine list ${roundId} --as NAME` }];
}

function waiting(n: number, noun: string, what: string): string {
  return `${count(n, noun)} ${n === 1 ? 'waits' : 'wait'} for ${what}`;
}

function quoted(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : JSON.stringify(word);
}

export function hasEnded(status: RoundStanding['status']): boolean {
  return status === 'done' || status === 'cancelled' || status === 'failed';
}
