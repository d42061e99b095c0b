/** A process that writes the ledger (fixtures/ledger-writer.ts). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { later, until } from './helpers.ts';

export class LedgerProcess {
  readonly child: ChildProcess;
  /** Number of the last transaction that it said was acknowledged. */
  acknowledged = 0;
  acknowledgements = 0;
  readonly failures: string[] = [];
  readonly #said = new Set<string>();
  readonly #closed: Promise<unknown>;

  constructor(script: string, dir: string, seed: number, writer: string) {
    this.child = spawn(process.execPath, [script, dir, String(seed), writer], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.stdin?.on('error', () => undefined);
    if (!this.child.stdout) throw new Error('the process has no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => this.#hear(line));
    this.#closed = once(this.child, 'close');
    later(() => this.kill());
  }

  tell(word: string): void {
    this.child.stdin?.write(`${word}\n`);
  }

  /** Forgets that it was said. */
  async heard(word: string): Promise<void> {
    await until(`the writer to say ${word}`, () => this.#said.has(word) || this.ended);
    if (!this.#said.delete(word)) throw new Error(`the writer ended before it said ${word}`);
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when it is gone and all that it said has been heard. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }

  #hear(line: string): void {
    const number = Number(line);
    if (line.startsWith('failed')) this.failures.push(line);
    else if (Number.isNaN(number)) this.#said.add(line);
    else {
      this.acknowledged = Math.max(this.acknowledged, number);
      this.acknowledgements++;
    }
  }
}
