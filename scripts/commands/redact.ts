import type { Command } from 'commander';
import { withDatabase } from '../finding';
import { addLeaf } from '../leaf';
import { redact } from '../redaction/redact';

export function addRedactCommand(program: Command): void {
  addLeaf(program, {
    usage: 'redact <hash>',
    text: 'erases a text for good and leaves a tombstone: figures and measurements still hold. A hash may be its first 8 characters or more; the id of an item lists the hashes of its texts',
    flags: [{ flags: '--why <text>', text: 'the reason, which stands in its place from then on' }],
    examples: [
      'redact 0f8b5c1e-3d0a-8b52-9c3e-2f1f6f0a7c11',
      'redact 9f86d081 --dry-run',
      'redact 9f86d081 --why "asked for by the person named in it"',
    ],
    acts: true,
    mutates: true,
    run: (call) => withDatabase((db) => redact(db, call)),
  });
}
