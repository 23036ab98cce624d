/** What the database says of messages, accounts, rounds and people. */
import { type AccountNow, listAccounts } from '../../db/accounts';
import { recentRefusals } from '../../db/audit';
import type { Db } from '../../db/connection';
import { countQuarantined } from '../../db/labelling';
import { outboxState } from '../../db/outbox';
import { listPeople, namesOf } from '../../db/people';
import { listRounds, type RoundSummary } from '../../db/rounds/list';
import { readRound } from '../../db/rounds/read';
import { failedItems } from '../../db/rounds/retry';
import { countStarved } from '../../db/rounds/starved';
import type { AccountId, RoundId } from '../../domain/ids';
import { accountsOf } from '../../domain/spec';
import { QUARANTINE_ROLE } from '../../domain/states';
import { harmlessLine } from '../harmless';
import { count } from '../output';
import { type Check, fail, ok, warn } from './check';
import { whyAway } from './endpoints';

const ROUNDS_LOOKED_AT = 1_000;
/** Rounds asked for what their list does not tell: starved and failed items, accounts. */
const ROUNDS_ASKED_FOR = 20;
const REFUSALS = { hours: 24, limit: 5 };
const UNDELIVERED_SECONDS = 30;

export async function checkState(db: Db): Promise<Check[]> {
  const rounds = await listRounds(db, { limit: ROUNDS_LOOKED_AT });
  // A budget holds calls, and labelling goes on.
  const going = rounds
    .filter(({ status }) => status === 'running' || status === 'paused')
    .map(({ roundId }) => roundId);
  return [
    await checkOperators(db),
    await checkOutbox(db),
    ...(await checkAccounts(db, going)),
    ...(await checkRounds(db, rounds, going)),
    await checkQuarantine(db),
    await checkRefusals(db),
  ];
}

async function checkOperators(db: Db): Promise<Check> {
  const operators = (await listPeople(db)).filter((one) => !one.removedAt && one.roles.includes('operator'));
  if (operators.length > 0) return ok('operators', operators.map((one) => one.name).join(', '));
  return warn('operators', 'there is no operator', 'plumbline person add NAME --role operator');
}

async function checkOutbox(db: Db): Promise<Check> {
  const { waiting, parked, oldestSeconds } = await outboxState(db);
  if (parked > 0) {
    const hint = 'Temporal refused them for good: look at the rounds they belong to, in the worker’s log';
    return fail('outbox', `${count(parked, 'message')} cannot be delivered`, hint);
  }
  if (waiting > 0 && oldestSeconds > UNDELIVERED_SECONDS) {
    const message = `${count(waiting, 'message')} not delivered, the oldest for ${Math.round(oldestSeconds)} s`;
    return fail('outbox', message, 'a worker with the relay must run, and Temporal answer: `plumbline worker`');
  }
  return ok('outbox', waiting === 0 ? 'empty' : `${count(waiting, 'message')} on the way`);
}

async function checkAccounts(db: Db, going: readonly RoundId[]): Promise<Check[]> {
  // Others may have been asked at what is long gone.
  const rounds = await Promise.all(going.slice(0, ROUNDS_ASKED_FOR).map((roundId) => readRound(db, roundId)));
  const inUse = new Set<AccountId>(rounds.flatMap(({ spec }) => accountsOf(spec)));
  return Promise.all((await listAccounts(db)).map((account) => checkAccount(account, inUse.has(account.id))));
}

async function checkAccount(account: AccountNow, inUse: boolean): Promise<Check> {
  const name = `account of ${account.keyVariable}`;
  const what = `${account.baseUrl} (${account.id}), ${count(account.concurrency, 'call')} at once${account.simulated ? ', SIMULATED' : ''}`;
  if (account.blockedCode) {
    const hint =
      account.blockedCode === 'missing-key'
        ? `the workers do not have ${account.keyVariable}: set it where they run (in .env, if you like), and start them again`
        : `mend the key or the quota behind ${account.keyVariable}; then \`plumbline round retry ROUND\`, or the next round, tries it again`;
    return fail(name, `${what}: blocked (${account.blockedCode})`, hint);
  }
  if (!account.simulated && !process.env[account.keyVariable]) {
    const hint = 'workers need it: set it where they run (in .env, if you like)';
    return warn(name, `${what}: ${account.keyVariable} is not set here`, hint);
  }
  const away = inUse ? await whyAway(account.baseUrl) : undefined;
  if (away) return warn(name, `${what}: ${away}`, 'start it, or look at the network between: running rounds need it');
  const wait = account.waitSeconds > 0 ? `; told to wait, calls again in ${Math.ceil(account.waitSeconds)} s` : '';
  return ok(name, what + wait);
}

async function checkRounds(db: Db, rounds: readonly RoundSummary[], going: readonly RoundId[]): Promise<Check[]> {
  const troubled = rounds.filter((round) => round.needsAttention);
  const checks = [
    ...troubled.map(({ roundId, needsAttention }) =>
      warn(`round ${roundId}`, `needs attention: ${needsAttention}`, `plumbline round show ${roundId}`),
    ),
    ...(await starvedRounds(db, going)),
    ...(await failedRounds(
      db,
      rounds.filter(({ deadlineAt }) => Date.parse(deadlineAt) > Date.now()).map(({ roundId }) => roundId),
    )),
  ];
  return checks.length > 0 ? checks : [ok('rounds', 'none needs attention')];
}

async function starvedRounds(db: Db, going: readonly RoundId[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const roundId of going.slice(0, ROUNDS_ASKED_FOR)) {
    const starved = await countStarved(db, await readRound(db, roundId));
    const message = `${count(starved, 'open item')} that nobody is left to label`;
    if (starved > 0) checks.push(warn(`round ${roundId}`, message, 'invite somebody: plumbline labeller invite'));
  }
  return checks;
}

/** Items that would get their completion once somebody mends what is wrong: a round can end without a word of them. */
async function failedRounds(db: Db, inTime: readonly RoundId[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const roundId of inTime.slice(0, ROUNDS_ASKED_FOR)) {
    const failed = (await failedItems(db, roundId)).filter(({ mendable }) => mendable(false));
    const items = failed.reduce((sum, one) => sum + one.items, 0);
    const codes = [...new Set(failed.map(({ code }) => code))].join(', ');
    const hint = `once what is wrong is mended: plumbline round retry ${roundId}`;
    if (items > 0) checks.push(warn(`round ${roundId}`, `${count(items, 'item')} failed (${codes})`, hint));
  }
  return checks;
}

async function checkQuarantine(db: Db): Promise<Check> {
  const waiting = await countQuarantined(db);
  if (waiting === 0) return ok('quarantine', 'empty');
  const keepers = (await listPeople(db)).filter((one) => !one.removedAt && one.roles.includes(QUARANTINE_ROLE));
  const who = keepers.map((one) => one.name).join(', ');
  const hint =
    keepers.length > 0
      ? `${who} may look: plumbline quarantine list --as NAME`
      : `nobody may look at it yet: plumbline person add NAME --role ${QUARANTINE_ROLE}`;
  return warn('quarantine', `${count(waiting, 'item')} that may be illegal`, hint);
}

async function checkRefusals(db: Db): Promise<Check> {
  const refused = await recentRefusals(db, REFUSALS);
  if (refused.length === 0) return ok('refused acts', `none in the last ${REFUSALS.hours} hours`);
  const names = await namesOf(db, [...new Set(refused.map(({ actor }) => actor))]);
  const told = refused.map(({ at, actor, action, subject, detail }) => {
    const code = typeof detail.code === 'string' ? ` (${detail.code})` : '';
    return `${at.toISOString()} ${harmlessLine(names.get(actor) ?? actor)} ${action} ${harmlessLine(subject)}${code}`;
  });
  const message = `newest of the last ${REFUSALS.hours} hours: ${told.join('; ')}`;
  return warn(
    'refused acts',
    message,
    'somebody tried what their role does not allow, what came too late, or what does not exist',
  );
}
