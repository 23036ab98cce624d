import type { Command } from 'commander';
import type { Db } from '../../db/connection';
import { cancelRound } from '../../db/rounds/cancel';
import { listRounds, resolveRoundId } from '../../db/rounds/list';
import { showRound } from '../../db/rounds/show';
import type { RoundId } from '../../domain/ids';
import { actingPerson } from '../acting';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';
import { table } from '../output';
import { amend } from '../rounds/amend';
import { start } from '../rounds/start';
import { describeMeasurements, describeRound } from '../rounds/view';
import { watchRound } from '../rounds/watch';

const ROUND = 'an id, the beginning of one, or latest';

export function addRoundCommands(program: Command): void {
  const round = addNoun(program, 'round', 'evaluation rounds', 'round start round.yaml --watch');
  addLeaf(round, {
    usage: 'start <spec>',
    text: 'starts a round from its file; Temporal may be down, then it begins once it is up',
    flags: [
      { flags: '--seed <n>', text: 'draws the sample; left out: the spec’s, else a random one' },
      { flags: '--set <key=value>', text: 'lays a setting over the spec’s, such as prompts.sample=20', repeats: true },
      { flags: '--key <text>', text: 'names this start: a second one with the same key gives the same round' },
      { flags: '--keys-elsewhere', text: 'the model keys are with the workers only: do not look for them here' },
      { flags: '--watch', text: 'then watch it' },
    ],
    examples: ['round start round.yaml --watch', 'round start round.yaml --seed 7 --set overlap=5 --json'],
    acts: true,
    mutates: true,
    run: start,
  });
  addLeaf(round, {
    usage: 'watch <round>',
    text: `shows a round’s progress until it ends (${ROUND}); Ctrl-C leaves the round running`,
    examples: ['round watch latest', 'round watch latest --json'],
    run: (call) => withDatabase(async (db) => watchRound(db, await meant(db, call), call.output)),
  });
  addLeaf(round, {
    usage: 'show <round>',
    text: `where a round stands and its newest result (${ROUND})`,
    flags: [
      { flags: '--measurements', text: 'its measurements side by side, each with the capability table it rests on' },
    ],
    examples: ['round show latest', 'round show latest --measurements', 'round show latest --json'],
    run: (call) => withDatabase((db) => show(db, call)),
  });
  addLeaf(round, {
    usage: 'amend <round>',
    text: `measures a round by another capability table (${ROUND}): no label changes, its result does; on record, and a guarantee ends`,
    flags: [
      { flags: '--capability <table>', text: 'a table of the round’s manual, such as starter@2', required: true },
      { flags: '--why <text>', text: 'the reason, for the record', required: true },
    ],
    examples: ['round amend latest --capability starter@2 --why "counting is known for all chat models" --as Rosa'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => amend(db, call)),
  });
  addLeaf(round, {
    usage: 'list',
    text: 'the newest rounds',
    flags: [{ flags: '--limit <n>', text: 'how many at most', default: '20' }],
    examples: ['round list', 'round list --limit 100 --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(round, {
    usage: 'cancel <round>',
    text: `calls a round off (${ROUND}); its labels stay, its leases are released`,
    flags: [{ flags: '--why <text>', text: 'the reason, for the record' }],
    examples: ['round cancel latest --why "wrong model"', 'round cancel latest --dry-run'],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => cancel(db, call)),
  });
}

function meant(db: Db, call: Call): Promise<RoundId> {
  return resolveRoundId(db, call.args[0] ?? '');
}

async function show(db: Db, call: Call): Promise<undefined> {
  const roundId = await meant(db, call);
  const view = await showRound(db, roundId);
  if (!view) throw new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
  call.output.record(view, call.on('measurements') ? describeMeasurements(view) : describeRound(view));
}

async function list(db: Db, call: Call): Promise<undefined> {
  const limit = Number(call.value('limit'));
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) {
    const message = 'takes a whole number from 1 to 100000';
    throw new CommandError({ kind: 'usage', message, at: '--limit' }, EXIT.wrongUsage);
  }
  const rounds = await listRounds(db, { limit });
  const rows = rounds.map(({ roundId, name, status, items, createdAt, startedBy, needsAttention }) => [
    roundId,
    name,
    status,
    String(items),
    createdAt.slice(0, 16).replace('T', ' '),
    startedBy,
    needsAttention ?? '',
  ]);
  const headings = ['round', 'name', 'status', 'items', 'started (UTC)', 'by', 'needs attention'];
  call.output.records(rounds, rows.length > 0 ? table(headings, rows) : 'no rounds yet');
}

async function cancel(db: Db, call: Call): Promise<undefined> {
  const roundId = await meant(db, call);
  const why = call.value('why');
  const deed = { action: 'round.cancel', subject: roundId, roundId, roles: ['operator'] as const };
  const actor = await actingPerson(db, call, deed);
  const result = await cancelRound(db, { roundId, by: actor.id, why, dryRun: call.on('dryRun') });
  if (result.kind === 'unknown-round')
    throw new CommandError({ kind: result.kind, message: `round ${roundId} is gone` });
  if (result.kind === 'ended') {
    const message = `round ${roundId} is ${result.status}: there is nothing to call off`;
    throw new CommandError({ kind: 'round-ended', message });
  }
  const said = {
    cancelled: `called ${roundId} off`,
    'would-cancel': `would call ${roundId} off`,
    'already-cancelled': `${roundId} was called off before`,
  };
  call.output.record({ event: result.kind, roundId }, said[result.kind]);
}
