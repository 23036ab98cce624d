import type { Command } from 'commander';
import type { Db } from '../../db/connection';
import { resolveRoundId } from '../../db/rounds/list';
import { showRound } from '../../db/rounds/show';
import type { RoundId } from '../../domain/ids';
import { CommandError } from '../failures';
import { withDatabase } from '../finding';
import { addLeaf, addNoun, type Call } from '../leaf';
import { amend } from '../rounds/amend';
import { cancel } from '../rounds/cancel';
import { exportRound } from '../rounds/export';
import { list } from '../rounds/list';
import { pause, resume } from '../rounds/pause';
import { retry } from '../rounds/retry';
import { set } from '../rounds/set';
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
      { flags: '--watch', text: 'then watch it; without this the command returns at once, and the round goes on' },
    ],
    examples: ['round start round.yaml --watch', 'round start round.yaml --seed 7 --set overlap=5 --json'],
    acts: true,
    mutates: true,
    run: start,
  });
  addLeaf(round, {
    usage: 'watch <round>',
    text: `shows a round’s progress until it ends (${ROUND}): what it costs, what it waits for and who can help; Ctrl-C leaves the round running`,
    examples: ['round watch latest', 'round watch latest --json'],
    run: (call) => withDatabase(async (db) => watchRound(db, await meant(db, call), call.output)),
  });
  addLeaf(round, {
    usage: 'show <round>',
    text: `where a round stands, what it has cost and its newest result (${ROUND})`,
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
  addSteering(round);
  addLeaf(round, {
    usage: 'list',
    text: 'the newest rounds',
    flags: [
      { flags: '--limit <n>', text: 'how many at most', default: '20' },
      {
        flags: '--status <status>',
        text: 'those that are: opening, running, paused, measuring, done, cancelled, failed',
      },
      { flags: '--schedule <name>', text: 'the runs of a schedule' },
    ],
    examples: ['round list', 'round list --status paused', 'round list --limit 100 --json'],
    run: (call) => withDatabase((db) => list(db, call)),
  });
  addLeaf(round, {
    usage: 'export <round>',
    text: `writes a round’s archive, from which anyone recomputes its result (${ROUND}); what is in it: docs/archive.md`,
    flags: [
      { flags: '--to <dir>', text: 'a new folder', required: true },
      { flags: '--force', text: 'in place of an archive that is there' },
    ],
    examples: ['round export latest --to archive', 'round export latest --to archive --force --json'],
    acts: true,
    run: (call) => withDatabase((db) => exportRound(db, call)),
  });
}

/** What holds, adjusts and ends a round. */
function addSteering(round: Command): void {
  const steers = { acts: true, mutates: true } as const;
  const why = { flags: '--why <text>', text: 'the reason, for the record' };
  addLeaf(round, {
    usage: 'pause <round>',
    text: `lets a round stand still (${ROUND}): no calls, no leases; its deadline goes on`,
    flags: [{ ...why, required: true }],
    examples: ['round pause latest --why "the manual has a mistake"'],
    ...steers,
    run: (call) => withDatabase((db) => pause(db, call)),
  });
  addLeaf(round, {
    usage: 'resume <round>',
    text: `lets a round go on that was paused, or whose budget leaves room again (${ROUND})`,
    flags: [why],
    examples: ['round resume latest'],
    ...steers,
    run: (call) => withDatabase((db) => resume(db, call)),
  });
  addLeaf(round, {
    usage: 'set <round> <settings...>',
    text: `adjusts how a round is run (${ROUND}), on record: concurrency, deadline, budget, prices, wages, groups, lease, generation`,
    flags: [{ ...why, required: true }],
    examples: [
      'round set latest concurrency=40 deadline=+3d --why "two labellers are ill"',
      'round set latest budget.money=20 --why "approved by Rosa" --dry-run',
    ],
    ...steers,
    run: (call) => withDatabase((db) => set(db, call)),
  });
  addLeaf(round, {
    usage: 'retry <round>',
    text: `tries failed items again, once what made them fail is mended (${ROUND}): keys, quotas, endpoints`,
    flags: [
      { flags: '--failed', text: 'failed items: that is what it does anyway' },
      { flags: '--model <name>', text: 'only this model’s', repeats: true },
      { flags: '--all', text: 'also those that the provider refused for what they ask' },
    ],
    examples: ['round retry latest', 'round retry latest --model small --dry-run'],
    ...steers,
    run: (call) => withDatabase((db) => retry(db, call)),
  });
  addLeaf(round, {
    usage: 'cancel <round>',
    text: `calls a round off (${ROUND}); its labels stay, its leases are released`,
    flags: [why],
    examples: ['round cancel latest --why "wrong model"', 'round cancel latest --dry-run'],
    ...steers,
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
