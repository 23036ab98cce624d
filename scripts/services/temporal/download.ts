import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { asServiceError } from '../errors';
import { runCommand } from '../run-command';
import { CLI_VERSION, cachePath, type Fetching, keepCommand } from './cached';

const ANSWER_MS = 20_000;
const DOWNLOAD_MS = 5 * 60_000;

/** What temporal.download answers: an archive's address, and which file in it is the command. */
const downloadInfo = z.object({ archiveUrl: z.url({ protocol: /^https$/ }), fileToExtract: z.string().min(1) });

/**
 * The command from where the SDK itself downloads it (sdk-core, ephemeral_server). Undefined, after a line that says
 * why, where that cannot be reached: many networks allow package registries and nothing else.
 */
export async function downloadCommand({ env, progress }: Fetching): Promise<string | undefined> {
  const folder = mkdtempSync(`${cachePath(env)}.new-`);
  try {
    const { archiveUrl, fileToExtract } = await askWhere();
    progress(`downloading the temporal command ${CLI_VERSION} (once)`);
    const archive = join(folder, 'archive.tar.gz');
    await download(archiveUrl, archive);
    const unpacked = await runCommand('tar', ['-xzf', archive, '-C', folder, '--', fileToExtract], {
      withinMs: 60_000,
    });
    if (unpacked.code !== 0) throw new Error(`tar: ${unpacked.output.trim()}`);
    return await keepCommand(join(folder, fileToExtract), env);
  } catch (error) {
    const known = asServiceError(error, 'the temporal command could not be downloaded');
    if (known !== error) throw known;
    progress(`the temporal command could not be downloaded from temporal.download (${reason(error)})`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askWhere(): Promise<z.infer<typeof downloadInfo>> {
  const url = new URL(`https://temporal.download/cli/v${CLI_VERSION}`);
  url.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch);
  url.searchParams.set('platform', process.platform);
  url.searchParams.set('format', 'tar.gz');
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return downloadInfo.parse(await response.json());
}

async function download(url: string, file: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
}

/** fetch hides what happened in its error's cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
