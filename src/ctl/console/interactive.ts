/**
 * The console on a terminal. Lines are taken up in their order, one expression at a time. Ctrl-C drops what is typed, or stops waiting for
 * the node; Ctrl-D and `q().` leave. Nothing that is done here ends the node.
 */
import { createInterface, type Interface } from 'node:readline';
import { EXIT } from '../exit-codes.ts';
import { failureLine, toFailure } from '../failure.ts';
import type { Terminal } from '../output/terminal.ts';
import { Expressions, isQuit } from './expressions.ts';
import { HISTORY_LINES, History } from './history.ts';
import { type NodeConsole, NodeGone } from './node-console.ts';

/** Resolves with 0 when the user leaves; rejects with NodeGone. */
export function runInteractive(console: NodeConsole, terminal: Terminal, node: string): Promise<number> {
  return new Interactive(console, terminal, node).run();
}

const NOT_WAITED_FOR =
  'The console does not wait any more; what the expression has begun goes on in the node.';

class Interactive {
  readonly #console: NodeConsole;
  readonly #terminal: Terminal;
  readonly #node: string;
  readonly #typed = new Expressions();
  readonly #history = new History();
  readonly #lines: Interface;
  readonly #ended = Promise.withResolvers<number>();
  /** Lines that wait for the expression that runs. */
  readonly #waiting: string[] = [];
  #running = false;
  #number = 1;
  #interrupt: (() => void) | undefined;

  constructor(console: NodeConsole, terminal: Terminal, node: string) {
    this.#console = console;
    this.#terminal = terminal;
    this.#node = node;
    this.#lines = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: this.#history.load(),
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        void console.complete(line).then(({ completions, prefix }) => done(null, [completions, prefix]));
      },
    });
  }

  async run(): Promise<number> {
    this.#lines.on('line', (line) => {
      this.#history.append(line);
      this.#waiting.push(line);
      void this.#takeUp();
    });
    this.#lines.on('SIGINT', () => this.#onInterrupt());
    this.#lines.on('close', () => {
      this.#interrupt?.();
      this.#ended.resolve(EXIT.ok);
    });
    this.#prompt();
    try {
      return await this.#ended.promise;
    } finally {
      this.#lines.close();
    }
  }

  #prompt(): void {
    const first = `(${this.#node})${this.#number}> `;
    this.#lines.setPrompt(this.#typed.pending ? '.. '.padStart(first.length) : first);
    this.#lines.prompt();
  }

  async #takeUp(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      for (const expression of this.#typed.push(line)) {
        if (isQuit(expression)) return this.#lines.close();
        if (!(await this.#evaluate(expression))) return;
      }
      this.#prompt();
    }
    this.#running = false;
  }

  /** False where the console can't go on. */
  async #evaluate(expression: string): Promise<boolean> {
    this.#number += 1;
    const interrupted = Promise.withResolvers<string>();
    this.#interrupt = () => interrupted.resolve(NOT_WAITED_FOR);
    try {
      const text = await Promise.race([this.#console.evaluate(expression), interrupted.promise]);
      if (text !== '') this.#terminal.print(text);
      return true;
    } catch (error) {
      if (error instanceof NodeGone) this.#ended.reject(error);
      else this.#terminal.print(this.#terminal.style('red', `** ${failureLine(toFailure(error))}`));
      return !(error instanceof NodeGone);
    } finally {
      this.#interrupt = undefined;
    }
  }

  #onInterrupt(): void {
    this.#waiting.length = 0;
    this.#typed.drop();
    this.#terminal.print('');
    // What stands in the line is readline's own; it draws its prompt with it.
    if (this.#interrupt) this.#lines.setPrompt('');
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    if (this.#interrupt) this.#interrupt();
    else this.#prompt();
  }
}
