/** `plumbline init`: a folder to start one's own round from. */
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ProblemsError, refuseIfAny } from '../../domain/problems';
import { PROMPTS } from '../demo/spec';
import { fileProblem, shownPath } from '../intake/files';
import type { Call } from '../leaf';
import { STARTER } from '../manuals/init';

const DEFAULT_FOLDER = 'my-round';
const SPEC = path.join(__dirname, 'round.yaml');
/** Of the shipped prompts, one in so many. */
const EVERY = 10;

interface Written {
  file: string;
  what: string;
  write(file: string): void;
}

export async function init({ args, output, on }: Call): Promise<undefined> {
  const folder = path.resolve(args[0] ?? DEFAULT_FOLDER);
  const name = nameOf(folder);
  const files = filesFor(name).map((one) => ({ ...one, at: path.join(folder, one.file) }));
  refuseExisting(files.map(({ at }) => at));
  const shown = files.map(({ at, what }) => `  ${shownPath(at)}${' '.repeat(2)}${what}`).join('\n');
  const record = { manual: name, files: files.map(({ at }) => at) };
  if (on('dryRun')) {
    output.record({ event: 'would-write', ...record }, `would write\n${shown}`);
    return;
  }
  write(folder, files);
  output.record({ event: 'written', ...record }, `wrote\n${shown}`);
  if (!output.json) output.note(nextSteps(shownPath(folder)));
}

function filesFor(name: string): Written[] {
  return [
    {
      file: 'round.yaml',
      what: 'the round’s spec: put in your models',
      write: (file) => writeFileSync(file, readFileSync(SPEC, 'utf8').replaceAll('my-round', name), FRESH),
    },
    {
      file: 'prompts.jsonl',
      what: 'some prompts, to replace by yours',
      write: (file) => writeFileSync(file, somePrompts(), FRESH),
    },
    { file: 'manual', what: 'what labellers go by, and the capability table', write: (file) => copyManual(file, name) },
  ];
}

const FRESH = { flag: 'wx' } as const;

function somePrompts(): string {
  const lines = readFileSync(PROMPTS, 'utf8').trimEnd().split('\n');
  return lines
    .filter((_, i) => i % EVERY === 0)
    .map((line) => `${line}\n`)
    .join('');
}

/** A manual is known by its name: this one is the folder's own. */
function copyManual(folder: string, name: string): void {
  cpSync(STARTER, folder, { recursive: true, errorOnExist: true, force: false });
  rename(path.join(folder, 'manual.md'), 'name: starter', `name: ${name}`);
  rename(path.join(folder, 'capability.yaml'), 'manual: starter', `manual: ${name}`);
}

function rename(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(`\n${from}\n`)) throw new Error(`${file} has another name`);
  writeFileSync(file, text.replace(`\n${from}\n`, `\n${to}\n`));
}

/** As a manual may be called: small letters, digits and hyphens. */
function nameOf(folder: string): string {
  const name = path
    .basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return /^[a-z]/.test(name) ? name : 'my-round';
}

function refuseExisting(files: readonly string[]): void {
  const there = files.filter((file) => existsSync(file));
  const hint = 'begin in another folder: plumbline init another-round';
  refuseIfAny(
    there.map((file) => ({
      kind: 'exists',
      message: 'is there already, and stays as it is',
      hint,
      at: shownPath(file),
    })),
  );
}

function write(folder: string, files: readonly (Written & { at: string })[]): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const { at, write: writeOne } of files) writeOne(at);
  } catch (error) {
    const problem = fileProblem(error, folder);
    const isFile = existsSync(folder) && !statSync(folder).isDirectory();
    throw problem ? ProblemsError.of(isFile ? { ...problem, message: 'is a file, not a folder' } : problem) : error;
  }
}

function nextSteps(folder: string): string {
  const into = folder === '' ? '' : `${folder}/`;
  const command = 'npx --no-install plumbline';
  return `
next:
  put OPENAI_BASE_URL and OPENAI_API_KEY into .env here, your models into ${into}round.yaml, your prompts into ${into}prompts.jsonl
  ${command} up --detach
  ${command} person add Rosa --role researcher
  ${command} manual init ${into}manual --as Rosa
  ${command} labeller invite --name Anna          (models x overlap people, better one or two more)
  ${command} round start ${into}round.yaml --watch`;
}
