/** `report`: a round's result for people to read, to keep and to check. */

import type { Db } from '../../db/connection';
import { type Report, readReport } from '../../db/report/read';
import { resolveRoundId } from '../../db/rounds/list';
import type { RoundId } from '../../domain/ids';
import { version } from '../../package.json';
import { CommandError, EXIT } from '../failures';
import { withDatabase } from '../finding';
import type { Call } from '../leaf';
import { csvOf } from './csv';
import { writableTarget, writeWhole } from './target';
import { describeReport } from './text';

/** Files are looked at first: a round that took minutes to read is not lost to a wrong name. */
export async function report(call: Call): Promise<undefined> {
  const [html, csv] = (['html', 'csv'] as const).map((flag) => targetOf(call, flag));
  if (html !== undefined && html === csv) {
    const message = 'the page and the table cannot be one file';
    throw new CommandError({ kind: 'usage', message, at: '--csv' }, EXIT.wrongUsage);
  }
  await withDatabase(async (db) => {
    const roundId = await resolveRoundId(db, call.args[0] ?? '');
    const read = await reportOf(db, roundId, { examples: call.on('examples') });
    if (html !== undefined) await writePage(read, html);
    if (csv !== undefined) writeWhole(csv, csvOf(read), '--csv');
    const files = [html, csv].flatMap((file) => file ?? []);
    call.output.record(files.length > 0 ? { ...read, files } : read, describeReport(read, files));
  });
}

/** @throws CommandError for an id that no round has. */
export async function reportOf(db: Db, roundId: RoundId, { examples = true } = {}): Promise<Report> {
  const read = await readReport(db, roundId, { version, examples });
  if (!read) throw new CommandError({ kind: 'unknown-round', message: `round ${roundId} is gone` });
  return read;
}

/** One page that needs nothing beside it. @param file the whole path; overwritten where it is there. */
export async function writePage(read: Report, file: string): Promise<void> {
  const { reportPage }: typeof import('./page') = require('./page');
  writeWhole(file, await reportPage(read), '--html');
}

function targetOf(call: Call, flag: 'html' | 'csv'): string | undefined {
  const given = call.value(flag);
  return given === undefined ? undefined : writableTarget(given, `--${flag}`);
}
