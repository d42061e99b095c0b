/** The lines that were typed into consoles: ERLMCP_HISTORY, or else `~/.erlmcp_history`, for its owner alone. An empty variable keeps none. */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const HISTORY_LINES = 1_000;
/** A file that has more is cut to its newest lines when a console opens. */
const MAX_LINES = 5_000;
const MODE = 0o600;

export class History {
  readonly #path: string;
  #failed = false;

  constructor(path: string = process.env.ERLMCP_HISTORY ?? join(homedir(), '.erlmcp_history')) {
    this.#path = path;
  }

  /** The newest first, as readline has it. A file that can not be read counts as empty. */
  load(): string[] {
    const lines = this.#read();
    if (lines.length > MAX_LINES)
      this.#write(() => writeFileSync(this.#path, asText(lines.slice(-HISTORY_LINES)), { mode: MODE }));
    return lines.slice(-HISTORY_LINES).reverse();
  }

  /** Other consoles may append at the same time. A history that can not be kept is no reason to stop. */
  append(line: string): void {
    if (line.trim() !== '') this.#write(() => appendFileSync(this.#path, `${line}\n`, { mode: MODE }));
  }

  #read(): string[] {
    if (this.#path === '') return [];
    try {
      const text = readFileSync(this.#path, 'utf8');
      this.#write(() => chmodSync(this.#path, MODE));
      return text.split('\n').filter((line) => line !== '');
    } catch {
      return [];
    }
  }

  #write(write: () => void): void {
    if (this.#failed || this.#path === '') return;
    try {
      write();
    } catch {
      this.#failed = true;
    }
  }
}

const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
