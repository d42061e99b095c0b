/** Collects lines until what has been typed is complete. */
import { readInput } from '../../control/console-input.ts';

export class Expressions {
  #typed = '';

  /** Whether an expression has begun and is not complete. */
  get pending(): boolean {
    return this.#typed.trim() !== '';
  }

  /** The expressions that the line completes, one after the other. */
  push(line: string): string[] {
    this.#typed += `${line}\n`;
    const { complete, expressions } = readInput(this.#typed);
    if (!complete) return [];
    this.drop();
    return expressions.map((text) => text.trim()).filter((text) => text !== '');
  }

  /** What is left when nothing more comes. */
  rest(): string[] {
    const { expressions } = readInput(this.#typed);
    this.drop();
    return expressions.map((text) => text.trim()).filter((text) => text !== '');
  }

  drop(): void {
    this.#typed = '';
  }
}

/** Leaves the console, in either language. (In Erlang `q().` of a remote shell ends the node: here it never does.) */
export const isQuit = (expression: string): boolean => /^q\s*\(\s*\)\s*[.;]?$/.test(expression);
