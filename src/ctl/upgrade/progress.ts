/** Shows an operation while it runs. It only draws: nothing of the operation depends on it. */
import type { UpgradeEvent } from '../../control/types.ts';
import { duration, printable } from '../output/format.ts';
import type { Terminal } from '../output/terminal.ts';

export interface Progress {
  event(event: UpgradeEvent): void;
  /** Something about the following itself: a lost connection, say. */
  notice(text: string): void;
  /** Ends the drawing, whatever has not been reported stays as it is. Resolves when nothing more is written. */
  finish(): Promise<void>;
}

export const silentProgress: Progress = {
  event: () => {},
  notice: () => {},
  finish: async () => {},
};

const TELL_MS = 10_000;

/** `pre_flight_checks ... done 120 ms`: the first half when it starts, the second when it ends. */
export class PlainProgress implements Progress {
  readonly #terminal: Terminal;
  #open: string | undefined;
  #toldAt = performance.now();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  event({ phase, state, ms, message }: UpgradeEvent): void {
    if (this.#open !== phase) this.#begin(phase);
    if (state === 'running') this.#tell(message ?? '');
    if (state === 'started' || state === 'running') return;
    const time = ms === undefined ? '' : ` ${duration(ms)}`;
    const detail = message ? ` (${printable(message)})` : '';
    this.#terminal.print(`${state}${time}${detail}`);
    this.#open = undefined;
  }

  /** A log of an upgrade is no place for a line each second. */
  #tell(message: string): void {
    const now = performance.now();
    if (now - this.#toldAt < TELL_MS) return;
    this.#toldAt = now;
    this.#terminal.printPart(`${printable(message)} ... `);
  }

  notice(text: string): void {
    this.#closeLine();
    this.#terminal.print(text);
  }

  async finish(): Promise<void> {
    this.#closeLine();
  }

  #begin(phase: string): void {
    this.#closeLine();
    this.#terminal.printPart(`${phase} ... `);
    this.#open = phase;
  }

  #closeLine(): void {
    if (this.#open !== undefined) this.#terminal.print('');
    this.#open = undefined;
  }
}
