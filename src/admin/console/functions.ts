/** The functions that an expression can call, by module, name and number of arguments: the same ones in Erlang and in TypeScript. */
import type { ControlContext } from '../control-handlers.ts';
import { asOperatorError } from './failures.ts';
import { undef } from './problems.ts';
import { SHELL } from './syntax.ts';
import type { Term } from './terms.ts';

/** One use of a function. */
export interface Call {
  /** Aborts when nobody waits for the value any more. */
  readonly signal: AbortSignal;
  /** To pass on to methods of the control API. */
  readonly context: ControlContext;
  /** A line for the operator above the value. */
  print(line: string): void;
  /** A line for the operator below the value. */
  note(line: string): void;
}

export interface ConsoleFunction {
  readonly module: string;
  readonly name: string;
  /** For `help()` and completion; `Table` and `Process` complete to names of those. */
  readonly args: readonly string[];
  readonly summary: string;
  run(args: readonly Term[], call: Call): Term | Promise<Term>;
}

export const signatureOf = ({ module, name, args }: ConsoleFunction): string =>
  `${module === SHELL ? '' : `${module}:`}${name}(${args.join(', ')})`;

export class ConsoleFunctions {
  readonly list: readonly ConsoleFunction[];
  readonly #byName: ReadonlyMap<string, ConsoleFunction>;

  constructor(list: readonly ConsoleFunction[]) {
    this.list = list;
    this.#byName = new Map(list.map((entry) => [nameOf(entry.module, entry.name, entry.args.length), entry]));
  }

  /** Throws `{undef, 'module:name/arity'}`, and what the function throws. */
  async call(module: string, name: string, args: readonly Term[], call: Call): Promise<Term> {
    const found =
      this.#byName.get(nameOf(module, name, args.length)) ??
      // As Erlang imports them.
      (module === SHELL ? this.#byName.get(nameOf('erlang', name, args.length)) : undefined);
    if (found === undefined) throw undef(nameOf(module, name, args.length), this.#nearest(module, name));
    try {
      return await found.run(args, call);
    } catch (error) {
      throw asOperatorError(error);
    }
  }

  #nearest(module: string, name: string): string {
    const siblings = this.list.filter((entry) => entry.module === module);
    const same = siblings.filter((entry) => entry.name === name);
    const offered = same.length > 0 ? same : siblings;
    if (offered.length === 0) return 'help(). lists the modules and functions.';
    return `There ${offered.length === 1 ? 'is' : 'are'} ${offered.map(signatureOf).join(', ')}.`;
  }
}

const nameOf = (module: string, name: string, arity: number): string =>
  module === SHELL ? `${name}/${arity}` : `${module}:${name}/${arity}`;
