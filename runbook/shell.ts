/**
 * One bash for a section, as an operator has one terminal: folder, variables and jobs stay from command to command. Standard output
 * and error come in the order in which they are written. After each command the shell prints a mark with its exit code.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Ran {
  output: string[];
  status: number;
}

export interface RunOptions {
  limitMs: number;
  /** Text that the command reads. Default: nothing. */
  input?: string;
  /** Asked after each piece of output; when it says yes, the command is interrupted as by Ctrl-C. */
  enough?: (output: readonly string[]) => boolean;
}

export class CommandLimit extends Error {
  readonly output: string[];

  constructor(limitMs: number, output: string[]) {
    super(`it has not ended after ${limitMs / 1000} s`);
    this.output = output;
  }
}

const VARIABLE_MS = 30_000;
const MARK = '\u001e';
const MARK_LINE = new RegExp(`${MARK}(\\d+)${MARK}\\n$`);

export class Shell {
  readonly #bash: ChildProcess;
  readonly #folder: string;
  #text = '';
  #status = 0;
  #onText: () => void = () => {};

  /** @param folder for its own two files */
  constructor(folder: string, cwd: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env, detached: true, stdio: 'pipe' });
    this.#bash.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
      this.#onText();
    });
    this.#bash.once('exit', () => this.#onText());
    // Ctrl-C ends the command that runs, and not the shell.
    this.#bash.stdin?.on('error', () => {}).write('exec 2>&1; set -o pipefail; trap : INT\n');
  }

  async run(command: string, options: RunOptions): Promise<Ran> {
    const [file, input] = [join(this.#folder, 'command'), join(this.#folder, 'input')];
    writeFileSync(file, `${command}\n`);
    writeFileSync(input, options.input ?? '');
    this.#text = '';
    const call = `(exit ${this.#status}); . '${file}' <'${input}'; printf '${MARK}%d${MARK}\\n' "$?"\n`;
    this.#bash.stdin?.write(call);
    const ended = await this.#ended(options);
    this.#status = ended.status;
    return ended;
  }

  /** Of a variable of the session; undefined where it is not set. */
  async variable(name: string): Promise<string | undefined> {
    const status = this.#status;
    const { output } = await this.run(`printf '%s' "\${${name}-${MARK}}"`, { limitMs: VARIABLE_MS });
    this.#status = status;
    return output.join('\n') === MARK ? undefined : output.join('\n');
  }

  #ended({ limitMs, enough }: RunOptions): Promise<Ran> {
    return new Promise((resolve, reject) => {
      let interrupted = false;
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        this.#onText = () => {};
        act();
      };
      const late = (): void => settle(() => reject(new CommandLimit(limitMs, linesOf(this.#text))));
      const timer = setTimeout(late, limitMs);
      this.#onText = () => {
        const [mark, status] = MARK_LINE.exec(this.#text) ?? [];
        if (mark !== undefined)
          return settle(() =>
            resolve({ output: linesOf(this.#text.slice(0, -mark.length)), status: Number(status) }),
          );
        if (this.#bash.exitCode !== null || this.#bash.signalCode !== null)
          return settle(() => reject(new Error(`the shell has ended:\n${this.#text}`)));
        if (interrupted || !enough?.(linesOf(this.#text))) return;
        interrupted = true;
        this.#signal('SIGINT');
      };
    });
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#bash.pid!, signal);
    } catch {
      // It has ended.
    }
  }

  /** Ends the shell and what still runs in it. */
  end(): void {
    this.#signal('SIGKILL');
  }
}

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};
