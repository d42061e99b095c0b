/**
 * The TypeScript of one console, seen from the node: a process that keeps its variables. An expression that does not end is cut, by V8
 * while it runs, and with the process and its variables when it waits for what never comes.
 */
import { OperatorError } from '../../errors/index.ts';
import type { Call, ConsoleFunctions } from './functions.ts';
import { type HelperProcess, holdNode, sendTo, startHelper } from './helper-process.ts';
import { exception, timeout } from './problems.ts';
import type { ChildData, FromChild, ToChild } from './typescript-messages.ts';
import { fromResult, toTerm } from './values.ts';

export interface TypeScriptLimits {
  /** How long an expression may run before it first waits. */
  runMs: number;
  /** How long it may take in all. */
  settleMs: number;
  memoryMb: number;
  /** Characters of output. */
  maxText: number;
  /** Characters and elements of a value beyond which it is told as text only. */
  maxValue: number;
}

export interface TypeScriptResult {
  text: string;
  value: unknown;
}

const FORGOTTEN = 'The variables of this console in TypeScript are forgotten.';

const WHY_ENDED: Readonly<Record<string, string>> = { SIGABRT: 'it took more memory than it may have' };

type Done = Extract<FromChild, { type: 'done' | 'failed' }>;

export class TypeScriptConsole {
  readonly #functions: ConsoleFunctions;
  readonly #limits: TypeScriptLimits;
  #child: Promise<HelperProcess> | undefined;

  constructor(functions: ConsoleFunctions, limits: TypeScriptLimits) {
    this.#functions = functions;
    this.#limits = limits;
  }

  /** One at a time. Throws OperatorError. */
  async evaluate(source: string, call: Call): Promise<TypeScriptResult> {
    const giveUp = performance.now() + this.#limits.settleMs;
    const child = await this.#running();
    const done = await this.#answer(child, source, call, giveUp - performance.now());
    if (done.type === 'done') return { text: done.text, value: done.value };
    if (done.name === 'Timeout') throw timeout(this.#limits.runMs, 'It was cut; the console goes on.');
    throw exception(done.name, done.message);
  }

  /** Ends the process; a later expression begins a new one. */
  close(): void {
    void this.#child?.then(
      (child) => child.kill('SIGKILL'),
      () => {},
    );
    this.#child = undefined;
  }

  #running(): Promise<HelperProcess> {
    this.#child ??= this.#start();
    return this.#child;
  }

  async #start(): Promise<HelperProcess> {
    const { runMs, maxText, maxValue, memoryMb } = this.#limits;
    const functions = this.#functions.list.map(({ module, name }) => ({ module, name }));
    const child = startHelper('typescript-process', memoryMb);
    child.once('exit', () => {
      this.#child = undefined;
    });
    holdNode(child, true);
    sendTo(child, { runMs, maxText, maxValue, functions } satisfies ChildData);
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('error', reject);
      child.once('exit', () => reject(new Error('the process of the console could not be started')));
    });
    return child;
  }

  #answer(child: HelperProcess, source: string, call: Call, waitMs: number): Promise<Done> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('error', onError).off('exit', onExit);
        holdNode(child, false);
        settle();
      };
      const onMessage = (data: unknown): void => {
        const message = data as FromChild;
        if (message.type === 'call') void this.#serve(child, message, call);
        else if (message.type !== 'ready') end(() => resolve(message));
      };
      const onError = (error: Error): void =>
        end(() => reject(exception(error.name, error.message, FORGOTTEN)));
      const onExit = (_code: number | null, signal: string | null): void =>
        end(() => reject(exception('Exit', WHY_ENDED[signal ?? ''] ?? 'its process has ended', FORGOTTEN)));
      const timer = setTimeout(() => {
        end(() => reject(timeout(this.#limits.settleMs, FORGOTTEN)));
        this.close();
      }, waitMs);
      child.on('message', onMessage).on('error', onError).on('exit', onExit);
      holdNode(child, true);
      sendTo(child, { type: 'evaluate', source } satisfies ToChild);
    });
  }

  async #serve(
    child: HelperProcess,
    { id, module, name, args }: Extract<FromChild, { type: 'call' }>,
    call: Call,
  ): Promise<void> {
    const terms = args.map((argument) => toTerm(argument));
    const answer = await this.#functions.call(module, name, terms, call).then(
      (term): ToChild => valueAnswer(id, () => fromResult(term)),
      (error: unknown) => errorAnswer(id, error),
    );
    sendTo(child, answer);
  }
}

function valueAnswer(id: number, value: () => unknown): ToChild {
  try {
    return { type: 'answer', id, ok: true, value: value() };
  } catch (error) {
    return errorAnswer(id, error);
  }
}

function errorAnswer(id: number, error: unknown): ToChild {
  if (error instanceof OperatorError)
    return {
      type: 'answer',
      id,
      ok: false,
      name: error.reason,
      message: `${error.sentence} ${error.remedy}`,
    };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { type: 'answer', id, ok: false, name, message };
}
