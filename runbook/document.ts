/**
 * Reads the runbook. What it executes and compares is told by the language of a fence: `bash` and `erlang` are executed, `text` is what
 * the block right before it prints, and a fence without a language is a picture. Any other language is refused, so that no command
 * can hide from being executed.
 */
import { bashCommands, type Command, consoleLines } from './commands.ts';
import { type Estimate, estimateOf } from './estimate.ts';
import { RunbookFailure } from './failure.ts';
import { unknownWildcards } from './wildcards.ts';

export interface Block {
  language: 'bash' | 'erlang';
  /** Of its fence, from 1. */
  line: number;
  commands: Command[];
  output: Output | undefined;
}

export interface Output {
  /** Of its first line. */
  line: number;
  lines: string[];
}

export interface Section {
  title: string;
  line: number;
  kind: 'scenario' | 'workflow' | 'other';
  blocks: Block[];
  estimate: Estimate | undefined;
  /** Words of which each failed request has to contain one; undefined: the section does not speak of clients. */
  clientsMayFailWith: string[] | undefined;
}

interface Fence {
  language: string;
  line: number;
  lines: string[];
}

export function parseRunbook(text: string): Section[] {
  const sections: Section[] = [newSection('', 1)];
  let fence: Fence | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const section = sections.at(-1)!;
    const opening = /^\s*```(\S*)\s*$/.exec(line);
    if (fence && opening) {
      if (opening[1])
        throw new RunbookFailure(fence.line, 'This fence is not closed before the next one opens.');
      addFence(section, fence);
      fence = undefined;
    } else if (opening) fence = { language: opening[1] ?? '', line: index + 1, lines: [] };
    else if (fence) fence.lines.push(line);
    else if (/^#{1,3} /.test(line)) sections.push(newSection(line.replace(/^#+ /, ''), index + 1));
    else readProse(section, line, index + 1);
  }
  if (fence) throw new RunbookFailure(fence.line, 'This fence is never closed.');
  return sections;
}

function newSection(title: string, line: number): Section {
  const kind = /^(Scenario|Workflow) \d+: /.exec(title)?.[1]?.toLowerCase() ?? 'other';
  return {
    title,
    line,
    kind: kind as Section['kind'],
    blocks: [],
    estimate: undefined,
    clientsMayFailWith: undefined,
  };
}

function readProse(section: Section, line: string, at: number): void {
  const [, label, text = ''] = /^\*\*(Time Estimate|Clients)\*\*: (.+)$/.exec(line) ?? [];
  if (label === 'Time Estimate') section.estimate = estimateOf(text, at);
  if (label === 'Clients')
    section.clientsMayFailWith = [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

function addFence(section: Section, { language, line, lines }: Fence): void {
  if (language === 'bash' || language === 'erlang') {
    const commands = language === 'bash' ? bashCommands(lines, line + 1) : consoleLines(lines, line + 1);
    section.blocks.push({ language, line, commands, output: undefined });
  } else if (language === 'text') addOutput(section, line, lines);
  else if (language !== '')
    throw new RunbookFailure(
      line,
      `\`${language}\` is no language of the runbook: bash, erlang, text, or none.`,
    );
}

function addOutput(section: Section, line: number, lines: string[]): void {
  const block = section.blocks.at(-1);
  if (!block || block.output)
    throw new RunbookFailure(line, 'This output belongs to no block: a command has to stand before it.');
  for (const [index, shown] of lines.entries())
    for (const name of unknownWildcards(shown))
      throw new RunbookFailure(line + 1 + index, `<${name}> is no wildcard.`);
  block.output = { line: line + 1, lines };
}
