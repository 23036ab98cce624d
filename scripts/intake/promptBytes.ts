/** The bytes of a prompt file, unpacked where it is packed. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** Why a file cannot be read to its end; how far it was read is told with it. */
export class FileFault extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const CHUNK_BYTES = 256 * 1024;

/** @throws FileFault for a gzip that is cut short or damaged. */
export async function* bytesOf({ path, gzip }: { path: string; gzip: boolean }): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpacked = gzip ? pipeline(packed, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : packed;
  let bytes = 0;
  try {
    for await (const part of unpacked as AsyncIterable<Buffer>) {
      bytes += part.length;
      yield part;
    }
  } catch (error) {
    throw faultOf(error, bytes) ?? error;
  } finally {
    packed.destroy();
  }
}

function faultOf(error: unknown, bytes: number): FileFault | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const after = `after ${shownBytes(bytes)} of unpacked text`;
  if (code === 'Z_BUF_ERROR') {
    return new FileFault(`is a gzip that ends early, ${after}`, 'it was not written or copied whole: fetch it again');
  }
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new FileFault(`is a damaged gzip, ${after}`, '`gzip -t` says more; fetch it again');
  }
  return undefined;
}

function shownBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  return bytes < 1_024 ** 2 ? `${(bytes / 1_024).toFixed(1)} kB` : `${(bytes / 1_024 ** 2).toFixed(1)} MB`;
}
