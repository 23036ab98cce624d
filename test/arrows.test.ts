import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');

const ARROWS: [room: string, imported: string, allowed: boolean][] = [
  ['domain', '../db/connection', false],
  ['db', '../domain/ids', true],
  ['db', '../activities/generation', false],
  ['activities', '../db/connection', true],
  ['activities', '../workflows/ids', false],
  ['workflows', '../domain/ids', true],
  ['workflows', '../db/connection', false],
  ['workflows', '../activities/generation', false],
  ['workflows', '../activities/types', true],
  ['site', '../workers/relay', false],
  ['scripts', '../workflows/messages', true],
  ['scripts', '../activities/generation', false],
  ['workers', '../site/server/app', false],
  ['simulation', '../domain/forms', true],
  ['simulation', '../db/connection', false],
  ['simulation', '../scripts/finding', false],
  ['scripts', '../simulation/world/world', false],
];

let folder: string;
let said: string;

/** One file per arrow, linted by the project's own configuration in a folder of their own. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plumbline-arrows-'));
  const { vcs: _, $schema: __, ...config } = JSON.parse(readFileSync(path.join(ROOT, 'biome.json'), 'utf8'));
  writeFileSync(path.join(folder, 'biome.json'), JSON.stringify(config));
  ARROWS.forEach(([room, imported], i) => {
    mkdirSync(path.join(folder, room), { recursive: true });
    writeFileSync(
      path.join(folder, room, `arrow${i}.ts`),
      `import { thing } from '${imported}';\n\nexport { thing };\n`,
    );
  });
  const args = ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(path.join(ROOT, 'node_modules/.bin/biome'), args, { cwd: folder });
  said = `${stdout}${stderr}`;
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each(ARROWS.map((arrow, i) => [...arrow, i] as const))('%s may import %s: %p', (room, _imported, allowed, i) => {
  expect(said.includes(path.join(room, `arrow${i}.ts`))).toBe(!allowed);
});
