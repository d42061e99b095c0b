/**
 * The consoles of a node. One that has an id keeps its variables until it was not used for 30 minutes, or 16 others are newer; one
 * expression at a time. Every expression is logged before it runs.
 */

import { readInput } from '../../control/console-input.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { type Bindings, evaluate } from './evaluate.ts';
import type { Call, ConsoleFunctions } from './functions.ts';
import { parse } from './parser.ts';
import { printed } from './printed.ts';
import { timeout, tooLong } from './problems.ts';
import { isLarger, type Term } from './terms.ts';
import { TypeScriptConsole, type TypeScriptLimits } from './typescript.ts';
import { fromTerm, type Json, toJson } from './values.ts';

export interface ConsoleLimits extends TypeScriptLimits {
  consoles: number;
  idleMs: number;
  /** Characters of an expression. */
  maxExpression: number;
}

export const LIMITS: ConsoleLimits = {
  consoles: 16,
  idleMs: 30 * 60_000,
  maxExpression: 64 * 1024,
  maxValue: 256 * 1024,
  runMs: 2_000,
  settleMs: 4_000,
  memoryMb: 128,
  maxText: 1024 * 1024,
};

export interface Evaluation {
  expression: string;
  console?: string | undefined;
  user?: string | undefined;
}

export interface Evaluated {
  text: string;
  language: 'erlang' | 'typescript';
  value: Json;
}

/** For the node's log: who used the console for what. */
export type ConsoleLog = (message: string, fields: Readonly<Record<string, string>>) => void;

const LOGGED_CHARACTERS = 500;
const SWEEP_MS = 60_000;

interface Console {
  readonly bindings: Bindings;
  readonly typescript: TypeScriptConsole;
  usedAt: number;
  busy: boolean;
}

export class Consoles {
  readonly #functions: ConsoleFunctions;
  readonly #limits: ConsoleLimits;
  readonly #log: ConsoleLog;
  /** The one that was used last stands last. */
  readonly #consoles = new Map<string, Console>();

  constructor(functions: ConsoleFunctions, log: ConsoleLog, limits: Partial<ConsoleLimits> = {}) {
    this.#functions = functions;
    this.#log = log;
    this.#limits = { ...LIMITS, ...limits };
    setInterval(() => this.#sweep(), Math.min(SWEEP_MS, this.#limits.idleMs)).unref();
  }

  /** Throws OperatorError for whatever is wrong with the expression. */
  async evaluate({ expression, console: id, user = '' }: Evaluation): Promise<Evaluated> {
    const label = id === undefined ? {} : { console: id };
    this.#log(`Console: ${oneLine(expression)}`, { user: oneLine(user), ...label });
    if (expression.length > this.#limits.maxExpression) throw tooLong(this.#limits.maxExpression);
    const used = id === undefined ? this.#create() : this.#take(id);
    if (used.busy) throw consoleBusy(id ?? '');
    used.busy = true;
    try {
      return await this.#run(expression, used);
    } finally {
      used.busy = false;
      used.usedAt = Date.now();
      if (id === undefined) used.typescript.close();
    }
  }

  /** Names of the variables that a console has in Erlang. */
  variables(id: string | undefined): string[] {
    return id === undefined ? [] : [...(this.#consoles.get(id)?.bindings.keys() ?? [])];
  }

  get count(): number {
    return this.#consoles.size;
  }

  async #run(expression: string, used: Console): Promise<Evaluated> {
    const gone = new AbortController();
    const [above, below]: [string[], string[]] = [[], []];
    const { signal } = gone;
    const call: Call = {
      signal,
      context: { signal, notify: () => {} },
      print: (line) => void above.push(line),
      note: (line) => void below.push(line),
    };
    const { language } = readInput(expression);
    try {
      const { text, value } =
        language === 'erlang'
          ? await this.#erlang(expression, used.bindings, call)
          : await used.typescript.evaluate(expression, call);
      const lines = [...above, ...(text === '' ? [] : [this.#cut(text)]), ...below];
      return { text: lines.join('\n'), language, value: toJson(value) };
    } finally {
      gone.abort(new Error('nobody waits for the value any more'));
    }
  }

  async #erlang(source: string, bindings: Bindings, call: Call): Promise<{ text: string; value: unknown }> {
    const texts: string[] = [];
    let value: Term | undefined;
    const run = async (): Promise<void> => {
      for (const expression of parse(source)) {
        value = await evaluate(expression, bindings, this.#functions, call);
        texts.push(await printed(value, call.signal));
      }
    };
    await this.#within(run());
    const told = value !== undefined && !isLarger(value, this.#limits.maxValue);
    return { text: texts.join('\n'), value: told ? fromTerm(value!) : null };
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const { settleMs } = this.#limits;
    const remedy = 'What it has begun goes on in the node; see log/erlmcp.log.';
    const timer = setTimeout(() => reject(timeout(settleMs, remedy)), settleMs);
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #cut(text: string): string {
    const { maxText } = this.#limits;
    return text.length <= maxText
      ? text
      : `${text.slice(0, maxText)}\n... and ${text.length - maxText} more characters.`;
  }

  #create(): Console {
    const typescript = new TypeScriptConsole(this.#functions, this.#limits);
    return { bindings: new Map(), typescript, usedAt: Date.now(), busy: false };
  }

  #take(id: string): Console {
    const used = this.#consoles.get(id) ?? this.#create();
    this.#consoles.delete(id);
    this.#consoles.set(id, used);
    for (const [other, { busy }] of this.#consoles) {
      if (this.#consoles.size <= this.#limits.consoles) break;
      if (!busy && other !== id) this.#forget(other, `${this.#limits.consoles} consoles are newer`);
    }
    return used;
  }

  #sweep(): void {
    for (const [id, { busy, usedAt }] of this.#consoles)
      if (!busy && Date.now() - usedAt >= this.#limits.idleMs) this.#forget(id, 'it was not used for long');
  }

  #forget(id: string, why: string): void {
    this.#consoles.get(id)?.typescript.close();
    this.#consoles.delete(id);
    this.#log(`Console forgotten: ${why}`, { console: id });
  }
}

/** Without control characters, and no longer than a log wants it. */
export function oneLine(text: string): string {
  const line = text
    .slice(0, LOGGED_CHARACTERS * 4)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .trim();
  return line.length > LOGGED_CHARACTERS ? `${line.slice(0, LOGGED_CHARACTERS)}…` : line;
}

const consoleBusy = (id: string): OperatorError =>
  new OperatorError(
    tuple('console_busy', id),
    'This console still runs an expression.',
    'Wait for it, or open another console.',
  );
