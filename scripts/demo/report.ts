/** The demo's report, kept beside what else this folder keeps. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Db } from '../../db/connection';
import type { RoundId } from '../../domain/ids';
import { stateFolder } from '../finding';
import { reportOf, writePage } from '../report';
import { carelessInWords } from '../report/words';

export interface WrittenReport {
  file: string;
  /** As a browser opens it. */
  url: string;
  /** Who of the labellers stands out, in a sentence. */
  careless: string;
  standOut: { name: string; signs: readonly string[] }[];
  /** Items that are contested for what those answered. */
  madeContested: number;
}

export async function writeReport(db: Db, roundId: RoundId): Promise<WrittenReport> {
  const folder = path.join(stateFolder(), 'reports');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${roundId}.html`);
  const read = await reportOf(db, roundId);
  await writePage(read, file);
  const standOut = read.labellers
    .filter(({ signs }) => signs.length > 0)
    .map(({ name, labellerId, signs }) => ({ name: name ?? labellerId, signs }));
  const { madeContested } = read;
  return { file, url: pathToFileURL(file).href, careless: carelessInWords(read), standOut, madeContested };
}
