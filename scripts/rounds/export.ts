/** `round export`: a round's archive. */
import { recordAct } from '../../db/audit';
import type { Db } from '../../db/connection';
import { type ArchiveFile, readArchive } from '../../db/export/archive';
import { resolveRoundId } from '../../db/rounds/list';
import { canonicalJson } from '../../domain/text';
import { version } from '../../package.json';
import { actingPerson } from '../acting';
import type { Call } from '../leaf';
import { count, type Output } from '../output';
import { ArchiveFolder, type WrittenFile } from './exportFolder';
import { README } from './exportText';

const TOLD_MS = 2_000;

export async function exportRound(db: Db, call: Call): Promise<undefined> {
  const roundId = await resolveRoundId(db, call.args[0] ?? '');
  // Not an act on the round: its archive would then hold the record of itself.
  const deed = { action: 'round.export', subject: roundId };
  const actor = await actingPerson(db, call, { ...deed, roles: ['operator', 'researcher'] });
  const to = call.value('to') ?? '';
  const folder = new ArchiveFolder(to);
  await folder.begin(call.on('force'));
  try {
    const files: WrittenFile[] = [await folder.write(textFile('README.txt', README))];
    const head = await readArchive(db, roundId, async (file) => {
      files.push(await folder.write({ ...file, lines: told(file, call.output) }));
    });
    const manifest = { ...head, plumbline: version, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
    const { sha256 } = await folder.write(textFile('manifest.json', canonicalJson(manifest)));
    await folder.finish();
    await recordAct(db, { actor: actor.id, ...deed, detail: { manifest: sha256 } });
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const record = { event: 'exported', roundId, to, manifest: sha256, bytes, leftOut: head.leftOut, files };
    const { quarantined, redacted } = head.leftOut;
    const without = quarantined + redacted > 0 ? `; ${count(quarantined + redacted, 'text')} left out` : '';
    call.output.record(
      record,
      `wrote ${count(files.length + 1, 'file')} to ${to}${without}\nmanifest.json is sha256 ${sha256}`,
    );
  } catch (error) {
    await folder.abandon();
    throw error;
  }
}

function textFile(name: string, text: string): ArchiveFile {
  async function* lines() {
    yield [text.trimEnd()];
  }
  return { name, lines: lines() };
}

/** Says on stderr how far it is, where that takes a while. */
async function* told({ name, lines }: ArchiveFile, output: Output): AsyncGenerator<string[]> {
  let rows = 0;
  let last = Date.now();
  for await (const page of lines) {
    yield page;
    rows += page.length;
    if (Date.now() - last < TOLD_MS) continue;
    last = Date.now();
    output.note(`${name}: ${count(rows, 'row')}`);
  }
  if (!name.endsWith('.json')) output.note(`${name}: ${count(rows, 'row')}, written`);
}
