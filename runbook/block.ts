/** Executes one block: each command has to exit 0, unless the next line asks for its exit code, and the output has to be what is shown. */
import { asksExitCode, type Command, isFollower } from './commands.ts';
import { compareOutput, findShown, variablesIn } from './compare.ts';
import { openingOf, typedInto } from './console.ts';
import type { Block } from './document.ts';
import { RunbookFailure } from './failure.ts';
import { CommandLimit, type Ran, type Shell } from './shell.ts';
import type { Stage } from './stage.ts';

export async function runBlock(block: Block, shell: Shell, stage: Stage): Promise<void> {
  const output =
    block.language === 'bash'
      ? await runCommands(block, shell, stage)
      : await runConsole(block, shell, stage);
  const typed = block.commands.map(({ text }) => text);
  if (block.output) compareOutput(block.output, output, await valuesFor(block, shell), typed);
}

async function runCommands(block: Block, shell: Shell, stage: Stage): Promise<string[]> {
  const [first] = block.commands;
  if (first && block.commands.some(({ text }) => isFollower(text)))
    return await follow(first, block, shell, stage);
  const output: string[] = [];
  for (const [index, command] of block.commands.entries()) {
    const ran = await runCommand(command, shell, stage);
    output.push(...ran.output);
    checkExit(command, ran, block, asksExitCode(block.commands[index + 1]?.text));
  }
  return output;
}

function checkExit({ text, line }: Command, { status, output }: Ran, block: Block, asked: boolean): void {
  if (asked && !block.output)
    throw new RunbookFailure(line, 'Who asks for the exit code has to show it: the block has no output.');
  if (status !== 0 && !asked) throw new RunbookFailure(line, `\`${text}\` exits ${status}.`, output);
}

/** Of a command that was interrupted, or ended in order. */
const ENDED_WELL: readonly number[] = [0, 130];

/** A command that never ends is followed until the shown lines have come, and interrupted. */
async function follow(command: Command, block: Block, shell: Shell, stage: Stage): Promise<string[]> {
  const { output: shown, commands } = block;
  const { text, line } = command;
  if (commands.length > 1)
    throw new RunbookFailure(line, 'A command that never ends has to stand alone in its block.');
  if (!shown) throw new RunbookFailure(line, `\`${text}\` never ends: show the lines that are waited for.`);
  const values = await valuesFor(block, shell);
  const { output, status } = await runCommand(command, shell, stage, {
    enough: (lines) => findShown(shown, lines, values) !== undefined,
  });
  if (!ENDED_WELL.includes(status)) throw new RunbookFailure(line, `\`${text}\` exits ${status}.`, output);
  return [...(findShown(shown, output, values) ?? output)];
}

async function runConsole(block: Block, shell: Shell, stage: Stage): Promise<string[]> {
  const { command, expressions } = openingOf(block);
  const ran = await runCommand(command, shell, stage, { input: typedInto(expressions) });
  if (ran.status !== 0) throw new RunbookFailure(block.line, `The console exits ${ran.status}.`, ran.output);
  return ran.output;
}

async function runCommand(
  command: Command,
  shell: Shell,
  { limitMs, onCommand }: Stage,
  how: { input?: string; enough?: (output: readonly string[]) => boolean } = {},
): Promise<Ran> {
  const started = performance.now();
  try {
    const ran = await shell.run(command.text, { limitMs, ...how });
    onCommand(command, performance.now() - started);
    return ran;
  } catch (error) {
    if (!(error instanceof CommandLimit)) throw error;
    throw new RunbookFailure(command.line, `\`${command.text}\`: ${error.message}.`, error.output);
  }
}

async function valuesFor(block: Block, shell: Shell): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const name of variablesIn(block.output?.lines ?? [])) {
    const value = await shell.variable(name);
    if (value === undefined)
      throw new RunbookFailure(
        block.output?.line ?? block.line,
        `$${name} stands in the output, and is not set.`,
      );
    values.set(name, value);
  }
  return values;
}
