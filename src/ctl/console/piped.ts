/** A console without a terminal: expressions come line by line, values go out without a prompt, failures to stderr. */
import { createInterface } from 'node:readline';
import { EXIT } from '../exit-codes.ts';
import { failureLine, toFailure } from '../failure.ts';
import type { Terminal } from '../output/terminal.ts';
import { Expressions, isQuit } from './expressions.ts';
import { type NodeConsole, NodeGone } from './node-console.ts';

/** Resolves with 1 where an expression failed, after all of them. Rejects with NodeGone. */
export async function runPiped(console: NodeConsole, terminal: Terminal, program: string): Promise<number> {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const typed = new Expressions();
  let exitCode: number = EXIT.ok;
  const runAll = async (expressions: readonly string[]): Promise<boolean> => {
    for (const expression of expressions) {
      if (isQuit(expression)) return true;
      if (!(await runOne(console, expression, terminal, program))) exitCode = EXIT.failed;
    }
    return false;
  };
  try {
    for await (const line of lines) if (await runAll(typed.push(line))) return exitCode;
    await runAll(typed.rest());
    return exitCode;
  } finally {
    lines.close();
  }
}

async function runOne(
  console: NodeConsole,
  expression: string,
  terminal: Terminal,
  program: string,
): Promise<boolean> {
  try {
    const text = await console.evaluate(expression);
    if (text !== '') terminal.print(text);
    return true;
  } catch (error) {
    if (error instanceof NodeGone) throw error;
    terminal.printError(`${program}: ${failureLine(toFailure(error))}`);
    return false;
  }
}
