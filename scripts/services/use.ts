import type { Layout } from './layout';
import { type FileLock, share, tryExclusive, tryShared } from './locks';

/**
 * Who uses the services: each user shares a lock on one file until it lets go or ends, however it ends. So the last one
 * can be told, and nobody stops the services under another.
 */
export interface Use {
  /** True if nobody else used the services when this use began. */
  readonly alone: boolean;
  /** Lets go. True if nobody else uses the services now. */
  end(): boolean;
}

/** Begins a use. The caller holds the services' lock, as everybody does who begins or ends one. */
export function beginUse(layout: Layout): Use {
  const only = tryExclusive(layout.usersFile);
  if (only) share(only);
  const held = only ?? tryShared(layout.usersFile);
  return { alone: only !== undefined, end: () => endUse(layout, held) };
}

function endUse(layout: Layout, held: FileLock | undefined): boolean {
  held?.release();
  const last = tryExclusive(layout.usersFile);
  last?.release();
  return last !== undefined;
}
