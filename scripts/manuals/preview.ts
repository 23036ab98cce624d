/** `capability show --preview`: what a table would change in a round, before anybody decides on it. */
import type { Db } from '../../db/connection';
import { readManual, type StoredManual } from '../../db/manuals/read';
import { previewTable, type TablePreview } from '../../db/measurement/preview';
import { resolveRoundId } from '../../db/rounds/list';
import { readRound } from '../../db/rounds/read';
import { tableMisfit } from '../../db/rounds/terms';
import { type CapabilityTable, hashTable } from '../../domain/capability';
import type { RoundId } from '../../domain/ids';
import { CommandError, EXIT } from '../failures';
import { readCapability } from '../intake/capability';
import type { Call } from '../leaf';
import { table } from '../output';
import { percent } from '../rounds/result';
import { tell } from './init';
import { meantTable } from './meant';

export async function preview(db: Db, call: Call, ref: string): Promise<undefined> {
  const roundId = await resolveRoundId(db, ref);
  const round = await readRound(db, roundId);
  if (round.manualRevision === null || round.form === 'verdict') {
    const message = `round ${roundId} asks by the form ${round.form}: no verdict of it rests on a capability table`;
    const hint = 'a round that rests on one has manual: NAME in its spec';
    throw new CommandError({ kind: 'no-derivation', message, hint, at: '--preview' }, EXIT.wrongUsage);
  }
  const stored = await readManual(db, round.manualRevision);
  const { name, content } = await previewed(db, call, stored);
  const found = await previewTable(db, round, content);
  const record = { event: 'preview', roundId, table: name, hash: hashTable(content), byModel: found };
  call.output.record(record, describe(roundId, name, found));
}

/** The table of a file that is not imported yet, or a stored one. */
async function previewed(
  db: Db,
  call: Call,
  stored: StoredManual,
): Promise<{ name: string; content: CapabilityTable }> {
  const file = call.value('file');
  if (file !== undefined) {
    const { table: content, notices } = readCapability(file, stored.manual);
    tell(call.output, notices);
    return { name: file, content };
  }
  const found = await meantTable(db, call.args[0] ?? stored.manual.name);
  const misfit = tableMisfit(found, stored);
  if (misfit) throw new CommandError(misfit, EXIT.wrongUsage);
  return { name: `${found.table.manual}@${found.revision}`, content: found.table };
}

function describe(roundId: RoundId, name: string, found: readonly TablePreview[]): string {
  const bounds = ({ bounds: { lower, upper } }: TablePreview['before']) =>
    `${percent(lower.estimate)} to ${percent(upper.estimate)}`;
  const rows = found.map(({ model, items, changed, before, after }) => [
    model,
    String(items),
    String(changed),
    bounds(before),
    bounds(after),
  ]);
  const moves = found.flatMap(({ model, moves: ofModel }) =>
    ofModel.map(({ from, to, items }) => `  ${model}: ${items} from ${from} to ${to}`),
  );
  return [
    `by ${name} the verdicts of ${roundId} would be these; nothing is changed yet`,
    '',
    table(['model', 'items', 'verdicts changed', 'bounds now', 'bounds by this table'], rows),
    ...moves,
    '',
    'to measure by it: plumbline round amend ROUND --capability TABLE --why TEXT (import a file first)',
  ].join('\n');
}
