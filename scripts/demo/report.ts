/** The demo's report, kept beside what else this folder keeps. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Db } from '../../db/connection';
import type { RoundId } from '../../domain/ids';
import { stateFolder } from '../finding';
import { reportOf, writePage } from '../report';

export interface WrittenReport {
  file: string;
  /** As a browser opens it. */
  url: string;
}

export async function writeReport(db: Db, roundId: RoundId): Promise<WrittenReport> {
  const folder = path.join(stateFolder(), 'reports');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${roundId}.html`);
  await writePage(await reportOf(db, roundId), file);
  return { file, url: pathToFileURL(file).href };
}
