/** How a command is declared: its words, its flags with their twins in the environment, an example, and what it does. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { failureOf } from './failures';
import { Output } from './output';

export interface Flag {
  /** As commander writes it: `--seed <n>`. */
  flags: string;
  text: string;
  /** Its twin, where the name is not the flag's own. */
  env?: string;
  required?: boolean;
  default?: string;
  choices?: readonly string[];
  /** May be given more than once; its twin has a value on each line. */
  repeats?: boolean;
}

export interface Leaf {
  /** As commander writes it: `start <spec>`. */
  usage: string;
  text: string;
  flags?: readonly Flag[];
  /** What comes after `plumbline` in an example. */
  examples: readonly [string, ...string[]];
  /** Takes `--as`: somebody does this, and it is recorded. */
  acts?: boolean;
  /** Takes `--dry-run`. */
  mutates?: boolean;
  run(call: Call): Promise<number | undefined>;
}

/** One call of a command: its words and flags as given. */
export interface Call {
  args: readonly string[];
  output: Output;
  /** The value of `--name value`; an empty one is none. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  on(name: string): boolean;
}

const JSON_FLAG: Flag = { flags: '--json', text: 'only JSON lines on stdout' };
const DRY_RUN: Flag = { flags: '--dry-run', text: 'say what would happen, and change nothing' };
const AS: Flag = {
  flags: '--as <person>',
  text: 'who does this, by name or id; left out: the only operator there is',
  env: 'PLUMBLINE_PERSON',
};

/** A noun that commands are gathered under. @param example what comes after `plumbline` in an example. */
export function addNoun(program: Command, name: string, text: string, example: string): Command {
  return program
    .command(name)
    .description(text)
    .addHelpText('after', exampleText([example]));
}

export function addLeaf(parent: Command, leaf: Leaf): void {
  const command = parent.command(leaf.usage).description(leaf.text);
  const flags = [...(leaf.flags ?? []), ...(leaf.acts ? [AS] : []), ...(leaf.mutates ? [DRY_RUN] : []), JSON_FLAG];
  for (const flag of flags) command.addOption(optionOf(flag));
  command.addHelpText('after', exampleText(leaf.examples));
  command.action(async () => {
    const output = new Output(command.getOptionValue('json') === true);
    try {
      process.exitCode = (await leaf.run(callOf(command, output))) ?? 0;
    } catch (error) {
      const failure = failureOf(error);
      output.fail(failure);
      process.exitCode = failure.exitCode;
    }
  });
}

function exampleText(examples: readonly string[]): string {
  return `\nExample:\n${examples.map((example) => `  $ plumbline ${example}`).join('\n')}`;
}

function optionOf({ flags, text, env, required, choices, repeats, ...rest }: Flag): Option {
  const option = new Option(flags, repeats ? `${text} (may be repeated)` : text);
  // `--no-group X` has values of its own: commander would take them for values of `--group`.
  if (flags.includes('<')) option.negate = false;
  if (choices) option.choices(choices);
  if (rest.default !== undefined) option.default(rest.default);
  if (repeats)
    option.argParser((value: string, before?: string[]) => [...(before ?? []), ...readLines(value, choices)]);
  return option.env(env ?? twinOf(option)).makeOptionMandatory(required ?? false);
}

function twinOf(option: Option): string {
  return `PLUMBLINE_${option.name().replaceAll('-', '_').toUpperCase()}`;
}

function readLines(value: string, choices?: readonly string[]): string[] {
  const lines = value.split('\n').filter((line) => line !== '');
  if (lines.every((line) => choices?.includes(line) ?? true)) return lines;
  throw new InvalidArgumentError(`Allowed choices are ${choices?.join(', ')}.`);
}

function callOf(command: Command, output: Output): Call {
  const given = (name: string): unknown => command.getOptionValue(name);
  return {
    args: command.args,
    output,
    value: (name) => {
      const value = given(name);
      return typeof value === 'string' && value !== '' ? value : undefined;
    },
    values: (name) => {
      const values = given(name);
      return Array.isArray(values) ? values.map(String) : [];
    },
    on: (name) => given(name) === true,
  };
}
