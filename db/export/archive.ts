/**
 * A round's archive: all that its result rests on, of one moment, as files of canonical JSON. Nothing in it tells when it
 * was written: the same round gives the same bytes.
 */
import { sql } from 'drizzle-orm';
import type { RoundId } from '../../domain/ids';
import { canonicalJson, type Json } from '../../domain/text';
import type { Db, Tx } from '../connection';
import journal from '../migrations/meta/_journal.json';
import { readRound } from '../rounds/read';
import { pagesOf } from './cursor';
import { rowsFiles } from './files';
import { QUARANTINED, textsOfRound } from './hidden';
import { capabilityRecord, manualRecord, roundRecord } from './round';

export interface ArchiveFile {
  name: string;
  /** In the order in which they are to be written. */
  lines: AsyncIterable<string[]>;
}

export interface ArchiveHead {
  format: 'plumbline-archive/1';
  roundId: RoundId;
  specHash: string;
  seed: string;
  /** The newest migration of the database's schema. */
  schema: string;
  /** Texts of which only the hash is in it. */
  leftOut: { quarantined: number; redacted: number };
}

/** Gives the files one after the other: each is to be written before the next is asked for. */
export function readArchive(
  db: Db,
  roundId: RoundId,
  write: (file: ArchiveFile) => Promise<void>,
): Promise<ArchiveHead> {
  return db.transaction(
    async (tx) => {
      const round = await readRound(tx, roundId);
      await write({ name: 'round.json', lines: once(await roundRecord(tx, round)) });
      await write({ name: 'manual.json', lines: once(await manualRecord(tx, round)) });
      await write({ name: 'capability.json', lines: once(await capabilityRecord(tx, round)) });
      for (const { name, query, page } of rowsFiles(roundId)) {
        await write({ name, lines: asLines(pagesOf(tx, query, page)) });
      }
      const { specHash, seed } = round;
      const schema = journal.entries.at(-1)?.tag ?? '';
      return { format: FORMAT, roundId, specHash, seed, schema, leftOut: await leftOut(tx, roundId) };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

const FORMAT = 'plumbline-archive/1';

async function* once(record: unknown): AsyncGenerator<string[]> {
  yield [canonicalJson(record)];
}

async function* asLines(pages: AsyncIterable<Json[]>): AsyncGenerator<string[]> {
  for await (const page of pages) yield page.map(canonicalJson);
}

async function leftOut(tx: Tx, roundId: RoundId): Promise<ArchiveHead['leftOut']> {
  const [row] = await tx.execute<ArchiveHead['leftOut']>(sql`
    with quarantined as materialized (${QUARANTINED})
    select count(*) filter (where t.redacted_at is not null)::int as redacted,
      count(*) filter (where t.redacted_at is null and t.hash in (select hash from quarantined))::int as quarantined
    from texts t where t.hash in (${textsOfRound(roundId)})`);
  return { quarantined: row?.quarantined ?? 0, redacted: row?.redacted ?? 0 };
}
