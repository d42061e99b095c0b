/**
 * The TypeScript of one console, seen from the node: a process that keeps its variables. An expression that does not end is cut, by V8
 * while it runs, and with the process and its variables when it waits for what never comes.
 */
import { OperatorError } from '../../errors/index.ts';
import type { Call, ConsoleFunctions } from './functions.ts';
import { type HelperProcess, holdNode, sendTo, startHelper } from './helper-process.ts';
import { exception, timeout } from './problems.ts';
import type { FromWorker, ToWorker, WorkerData } from './typescript-messages.ts';
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

type Done = Extract<FromWorker, { type: 'done' | 'failed' }>;

export class TypeScriptConsole {
  readonly #functions: ConsoleFunctions;
  readonly #limits: TypeScriptLimits;
  #worker: Promise<HelperProcess> | undefined;

  constructor(functions: ConsoleFunctions, limits: TypeScriptLimits) {
    this.#functions = functions;
    this.#limits = limits;
  }

  /** One at a time. Throws OperatorError. */
  async evaluate(source: string, call: Call): Promise<TypeScriptResult> {
    const giveUp = performance.now() + this.#limits.settleMs;
    const worker = await this.#running();
    const done = await this.#answer(worker, source, call, giveUp - performance.now());
    if (done.type === 'done') return { text: done.text, value: done.value };
    if (done.name === 'Timeout') throw timeout(this.#limits.runMs, 'It was cut; the console goes on.');
    throw exception(done.name, done.message);
  }

  /** Ends the thread; a later expression begins a new one. */
  close(): void {
    void this.#worker?.then(
      (worker) => worker.kill('SIGKILL'),
      () => {},
    );
    this.#worker = undefined;
  }

  #running(): Promise<HelperProcess> {
    this.#worker ??= this.#start();
    return this.#worker;
  }

  async #start(): Promise<HelperProcess> {
    const { runMs, maxText, maxValue, memoryMb } = this.#limits;
    const functions = this.#functions.list.map(({ module, name }) => ({ module, name }));
    const worker = startHelper('typescript-process', memoryMb);
    worker.once('exit', () => {
      this.#worker = undefined;
    });
    holdNode(worker, true);
    sendTo(worker, { runMs, maxText, maxValue, functions } satisfies WorkerData);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the process of the console could not be started')));
    });
    return worker;
  }

  #answer(worker: HelperProcess, source: string, call: Call, waitMs: number): Promise<Done> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        holdNode(worker, false);
        settle();
      };
      const onMessage = (data: unknown): void => {
        const message = data as FromWorker;
        if (message.type === 'call') void this.#serve(worker, message, call);
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
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      holdNode(worker, true);
      sendTo(worker, { type: 'evaluate', source } satisfies ToWorker);
    });
  }

  async #serve(
    worker: HelperProcess,
    { id, module, name, args }: Extract<FromWorker, { type: 'call' }>,
    call: Call,
  ): Promise<void> {
    const terms = args.map((argument) => toTerm(argument));
    const answer = await this.#functions.call(module, name, terms, call).then(
      (term): ToWorker => valueAnswer(id, () => fromResult(term)),
      (error: unknown) => errorAnswer(id, error),
    );
    sendTo(worker, answer);
  }
}

function valueAnswer(id: number, value: () => unknown): ToWorker {
  try {
    return { type: 'answer', id, ok: true, value: value() };
  } catch (error) {
    return errorAnswer(id, error);
  }
}

function errorAnswer(id: number, error: unknown): ToWorker {
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
