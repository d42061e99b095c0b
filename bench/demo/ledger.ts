/** What the node has promised to the clients, to be held against what it says later. Nothing is written here before its answer is in. */
import type { DemoClient } from './clients/client.ts';

export interface Whoami {
  version: string;
  pid: number;
}

export class Ledger {
  readonly #notes = new Map<string, string>();
  readonly #ids: string[] = [];
  readonly #counts: number[] = [];

  noteAdded(id: string, text: string): void {
    if (this.#notes.has(id)) throw new Error(`note ${id} was given out twice`);
    this.#notes.set(id, text);
    this.#ids.push(id);
  }

  counted(count: number): void {
    this.#counts.push(count);
  }

  get notesWritten(): number {
    return this.#ids.length;
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Any note written so far. */
  someNote(): string | undefined {
    return this.#ids[Math.floor(Math.random() * this.#ids.length)];
  }

  textOf(id: string): string | undefined {
    return this.#notes.get(id);
  }

  /** How many notes are there with their text, read back one by one. */
  async notesFound(clients: readonly DemoClient[]): Promise<number> {
    const left = [...this.#notes];
    let found = 0;
    const read = async (client: DemoClient): Promise<void> => {
      for (let next = left.pop(); next; next = left.pop()) {
        const [id, text] = next;
        const note = await client.call('note_get', { id }, 10_000).catch(() => undefined);
        if (note?.text === text) found++;
      }
    };
    await Promise.all(clients.map(read));
    return found;
  }

  /** Counts that came twice, and those between the first and the last that never came. */
  counterFaults(): { increments: number; repeated: number; skipped: number } {
    const seen = new Set(this.#counts);
    const [first, last] = this.#counts.length ? [Math.min(...seen), Math.max(...seen)] : [1, 0];
    return {
      increments: this.#counts.length,
      repeated: this.#counts.length - seen.size,
      skipped: last - first + 1 - seen.size,
    };
  }
}
