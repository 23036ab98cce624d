/** The folder of an archive: written beside its place under another name, and renamed when it is whole. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { ArchiveFile } from '../../db/export/archive';
import { CommandError, EXIT } from '../failures';
import { shownPath } from '../intake/files';
import { codeOf } from '../intake/manual/folder';

export interface WrittenFile {
  name: string;
  rows: number;
  bytes: number;
  sha256: string;
}

const OURS = /^(?:[a-z_]+\.jsonl|(?:round|manual|capability|manifest)\.json|README\.txt)$/;

export class ArchiveFolder {
  private readonly target: string;
  private readonly partial: string;
  /** The archive that gives way, until the new one stands in its place. */
  private readonly replaced: string;

  constructor(given: string) {
    this.target = path.resolve(given);
    this.partial = `${this.target}.partial`;
    this.replaced = `${this.target}.replaced`;
  }

  /** What another export left unfinished is put back or cleared away. @throws CommandError where the archive cannot come to stand there. */
  async begin(force: boolean): Promise<void> {
    await this.tried(async () => {
      await this.putBack();
      const there = await entriesOf(this.target);
      if (there && there.length > 0 && !force) {
        const message = 'is not empty';
        throw wrong(
          message,
          this.target,
          'name a new folder; --force puts it in the place of an archive that is there',
        );
      }
      for (const folder of [this.target, this.partial]) await refuseStrangers(folder);
      if (there && there.length > 0) {
        await refuseStrangers(this.replaced);
        await rm(this.replaced, { recursive: true, force: true });
      }
      await rm(this.partial, { recursive: true, force: true });
      await mkdir(this.partial, { recursive: true });
    });
  }

  write({ name, lines }: ArchiveFile): Promise<WrittenFile> {
    return this.tried(async () => {
      const sha256 = createHash('sha256');
      const written = { name, rows: 0, bytes: 0 };
      const handle = await open(path.join(this.partial, name), 'wx');
      try {
        for await (const page of lines) {
          const part = Buffer.from(page.map((line) => `${line}\n`).join(''));
          await handle.appendFile(part);
          sha256.update(part);
          written.rows += page.length;
          written.bytes += part.length;
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      return { ...written, sha256: sha256.digest('hex') };
    });
  }

  async finish(): Promise<void> {
    await this.tried(async () => {
      const there = await entriesOf(this.target);
      if (there && there.length > 0) await rename(this.target, this.replaced);
      else if (there) await rmdir(this.target);
      await rename(this.partial, this.target);
      if (there && there.length > 0) await rm(this.replaced, { recursive: true, force: true });
    });
  }

  /** Leaves nothing half-written behind, and what was there where it was. */
  async abandon(): Promise<void> {
    await rm(this.partial, { recursive: true, force: true }).catch(() => undefined);
    await this.putBack().catch(() => undefined);
  }

  /** An export that was killed between its two renames has left the place empty and the older archive beside it. */
  private async putBack(): Promise<void> {
    if (await entriesOf(this.target)) return;
    const older = await entriesOf(this.replaced);
    if (older && older.length > 0 && older.every((name) => OURS.test(name))) await rename(this.replaced, this.target);
  }

  private async tried<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = codeOf(error);
      const reason = typeof code === 'string' ? REASONS[code] : undefined;
      if (reason === undefined) throw error;
      throw wrong(
        reason,
        this.target,
        code === 'ENOSPC' ? 'nothing is left of it; name one on another disk' : undefined,
        EXIT.failed,
      );
    }
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: 'cannot be written: the disk is full',
  EDQUOT: 'cannot be written: the disk quota is used up',
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'cannot be written: the disk is read-only',
  EFBIG: 'cannot be written: a file would be larger than is allowed here',
  EIO: 'cannot be written: the disk fails',
  ENAMETOOLONG: 'is too long a name for a folder',
  ENOTDIR: 'is no folder, or lies in none',
  EEXIST: 'is being written by somebody else',
  ENOTEMPTY: 'is being written by somebody else',
  ENOENT: 'was taken away while it was written',
};

async function entriesOf(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is no archive's is never removed. */
async function refuseStrangers(folder: string): Promise<void> {
  const stranger = (await entriesOf(folder))?.find((name) => !OURS.test(name));
  if (stranger === undefined) return;
  throw wrong(`holds what is no archive: ${stranger.slice(0, 60)}`, folder, 'name another folder');
}

function wrong(message: string, folder: string, hint?: string, exitCode: number = EXIT.wrongUsage): CommandError {
  return new CommandError(
    { kind: 'folder', message, at: `--to ${shownPath(folder)}`, ...(hint && { hint }) },
    exitCode,
  );
}
