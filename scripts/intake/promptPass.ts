/** One reading of prompt files from their beginning to their end. */
import type { Problem } from '../../domain/problems';
import type { NewPrompt } from '../../domain/prompts';
import { LineFault } from './lineFault';
import { FileFault } from './promptBytes';
import { entriesOf, type PromptEntry } from './promptEntries';
import { Faults } from './promptFaults';
import { type LinePrompt, promptOfFields } from './promptFields';
import type { PromptFile } from './promptFile';
import { SeenTexts } from './promptIds';
import { FieldMap } from './promptMapping';
import { Places } from './promptPlaces';

export interface PassOptions {
  fields: Readonly<Record<string, string>>;
  delimiter?: string | undefined;
  check?: ((prompt: NewPrompt) => void) | undefined;
}

export interface PlacedPrompt {
  prompt: NewPrompt;
  file: PromptFile;
  line: number;
}

export class Pass {
  readonly faults = new Faults();
  /** The file that is being read. */
  at: PromptFile | undefined;
  private readonly map: FieldMap;
  private readonly ids = new SeenTexts();
  private readonly places = new Places();

  constructor(
    private readonly files: readonly PromptFile[],
    private readonly options: PassOptions,
  ) {
    this.map = new FieldMap(options.fields);
  }

  /** Fields that were mapped and that no row has; then nothing else that is wrong says anything. */
  get missing(): Problem[] {
    return this.map.missing().map(({ ours, message, hint }) => ({
      kind: 'prompts',
      message: `${message}, which is to be ${ours}`,
      hint,
      at: this.files
        .map(({ shown }) => shown)
        .slice(0, 3)
        .join(', '),
    }));
  }

  /** Every prompt that is none of the bad rows, in the files' order. */
  async *prompts(): AsyncGenerator<PlacedPrompt> {
    for (const file of this.files) {
      this.at = file;
      yield* this.promptsOf(file);
    }
  }

  private async *promptsOf(file: PromptFile): AsyncGenerator<PlacedPrompt> {
    const faultsBefore = this.faults.all.total;
    let rows = 0;
    let blank: number | undefined;
    let reached = 0;
    try {
      for await (const entry of entriesOf(file, { fields: this.map, delimiter: this.options.delimiter })) {
        reached = entry.line;
        if (!entry.read) {
          blank ??= reached;
          continue;
        }
        if (blank !== undefined) this.faults.row(file, blank, new LineFault('', 'is empty, with prompts after it'));
        blank = undefined;
        rows += 1;
        const prompt = this.promptOf(file, entry);
        if (prompt) yield { prompt, file, line: reached };
      }
    } catch (error) {
      if (!(error instanceof FileFault)) throw error;
      const far = reached > 0 ? `; it was read as far as line ${reached}` : '';
      this.faults.file(file, error.message + far, error.hint);
    }
    if (rows === 0 && this.faults.all.total === faultsBefore) this.faults.file(file, 'has no prompts');
  }

  private promptOf(file: PromptFile, { line, read, last = false }: PromptEntry): NewPrompt | undefined {
    const found = this.faults.catching(file, line, () => this.checked(file, line, read), last);
    if (!found) return undefined;
    const prompt = { ...found, position: this.places.add(file, line) };
    const fits = this.faults.catching(file, line, () => this.options.check?.(prompt) ?? true, true);
    return fits ? prompt : undefined;
  }

  /** @throws LineFault */
  private checked(file: PromptFile, line: number, read: PromptEntry['read']): LinePrompt | undefined {
    if (!read) return undefined;
    const lineId = this.files.length > 1 ? `${file.label}:${line}` : String(line);
    const found = promptOfFields(read(), lineId, this.map);
    const before = this.ids.add(found.externalId, this.places.size);
    if (before === undefined) return found;
    const there =
      this.places.fileOf(before) === file ? `line ${this.places.lineOf(before)}` : this.places.shown(before);
    throw new LineFault('id', `is the same as in ${there}`);
  }
}
