/**
 * Runs the TypeScript of one console, in a process of its own: whatever an expression does to it, the node goes on, and can
 * end it. V8's own REPL mode runs the expressions, so that `await` works at the top, and `let`, `const` and classes live on. The
 * functions of the console are messages to the node.
 */
import { Session } from 'node:inspector';
import { stripTypeScriptTypes } from 'node:module';
import { format, inspect } from 'node:util';
import { createContext } from 'node:vm';
import { SHELL } from './syntax.ts';
import type { ChildData, FromChild, ToChild } from './typescript-messages.ts';

const CONTEXT = 'console';
/** The first message says how the console is. */
const { runMs, maxText, maxValue, functions } = await new Promise<ChildData>((resolve) =>
  process.once('message', (data) => resolve(data as ChildData)),
);
process.on('disconnect', () => process.exit());

/** What V8 says of a value, where it is no object. */
interface Remote {
  type: string;
  value?: unknown;
  unserializableValue?: string;
  objectId?: string;
}

interface Evaluated {
  result: Remote;
  exceptionDetails?: { exception?: Remote; text: string };
}

const send = (message: FromChild): void => void process.send!(message);

/** Calls of functions that the node has not answered. */
const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let lastCall = 0;
/** Lines of `console.log` and the like of the expression that runs. */
let printed: string[] = [];
let printedLength = 0;

const scope: Record<string, unknown> = {
  ...modules(),
  console: consoleOf(),
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  queueMicrotask,
  structuredClone,
  performance,
  Buffer,
  URL,
  URLSearchParams,
  TextEncoder,
  TextDecoder,
  AbortController,
  AbortSignal,
};
createContext(scope, { name: CONTEXT });

const session = new Session();
session.connect();
let contextId = 0;
session.on('Runtime.executionContextCreated', ({ params: { context } }) => {
  if (context.name === CONTEXT) contextId = context.id;
});
session.post('Runtime.enable');
/** Where the values of expressions are put, to be had as what they are. V8 passes values within one context only. */
const shelf: { value?: unknown } = {};
Object.defineProperty(scope, Symbol.for('erlmcp.shelf'), { value: shelf });

/** What nobody waits for must not end the process. */
const onStray = (error: unknown): void => void printed.push(`Uncaught ${describe(error)}`);
process.on('unhandledRejection', onStray);
process.on('uncaughtException', onStray);

process.on('message', (data) => {
  const message = data as ToChild;
  if (message.type === 'answer') settle(message);
  else void evaluate(message.source);
});

function settle({ id, ok, value, name, message }: Extract<ToChild, { type: 'answer' }>): void {
  const call = waiting.get(id);
  waiting.delete(id);
  if (ok) call?.resolve(value);
  else call?.reject(Object.assign(new Error(message), { name: name ?? 'Error' }));
}

/** The functions of the shell are called without their module too. */
function modules(): Record<string, unknown> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const { module, name } of functions) {
    const call = (...args: unknown[]): Promise<unknown> => {
      const id = ++lastCall;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        send({ type: 'call', id, module, name, args });
      });
    };
    Object.defineProperty(call, 'name', { value: name });
    found[module] ??= {};
    found[module][name] = call;
  }
  if (found.ets) found.ets.foldl = foldl(found.ets as unknown as Ets);
  return { ...found, ...found[SHELL] };
}

interface Ets {
  info(table: string): Promise<{ keypos: string }>;
  tab2list(table: string, after?: unknown): Promise<Record<string, unknown>[]>;
}

/** `ets:foldl/3`: rows come in pages, so that a table may be larger than what a console holds. */
function foldl(ets: Ets) {
  return async (step: (row: unknown, acc: unknown) => unknown, start: unknown, table: string) => {
    const { keypos } = await ets.info(table);
    let acc = start;
    let rows = await ets.tab2list(table);
    while (rows.length > 0) {
      for (const row of rows) acc = await step(row, acc);
      rows = await ets.tab2list(table, rows.at(-1)?.[keypos]);
    }
    return acc;
  };
}

function consoleOf(): Record<string, unknown> {
  const write = (...args: unknown[]): void => {
    const line = format(...args);
    if (printedLength < maxText) printed.push(line);
    printedLength += line.length + 1;
  };
  return { log: write, info: write, warn: write, error: write, debug: write };
}

const post = (method: string, params: object): Promise<Evaluated> =>
  new Promise((resolve, reject) =>
    session.post(method, params, (error, result) =>
      error ? reject(error) : resolve(result as unknown as Evaluated),
    ),
  );

async function evaluate(source: string): Promise<void> {
  printed = [];
  printedLength = 0;
  try {
    const value = await valueOfScript(toJavaScript(source));
    const text = value === undefined ? '' : describe(value);
    send({
      type: 'done',
      text: [...printed, ...(text === '' ? [] : [text])].join('\n').slice(0, maxText),
      value: plain(value),
    });
  } catch (error) {
    send({ type: 'failed', ...failureOf(error) });
  }
}

async function valueOfScript(expression: string): Promise<unknown> {
  const params = { expression, replMode: true, contextId, timeout: runMs };
  const { result, exceptionDetails } = await post('Runtime.evaluate', params).catch(() => {
    throw Object.assign(new Error('it ran for too long'), { name: 'Timeout' });
  });
  if (exceptionDetails)
    throw await take(exceptionDetails.exception ?? { type: 'string', value: exceptionDetails.text });
  return await take(result);
}

/** Without its types. `{a: 1}` is an object to whoever types it, and a block to V8. */
function toJavaScript(source: string): string {
  const text = source.trim();
  if (text.startsWith('{') && text.endsWith('}')) {
    try {
      return stripTypeScriptTypes(`(${text})`);
    } catch {
      // A block, then.
    }
  }
  return stripTypeScriptTypes(source);
}

/** The value itself, by way of the shelf. */
async function take(remote: Remote): Promise<unknown> {
  if (remote.objectId === undefined && remote.unserializableValue === undefined) return remote.value;
  if (remote.objectId === undefined) return fromLiteral(remote.unserializableValue!);
  const functionDeclaration = 'function (value) { this.value = value; }';
  const shelfId = await idOfShelf();
  await post('Runtime.callFunctionOn', {
    functionDeclaration,
    objectId: shelfId,
    arguments: [{ objectId: remote.objectId }],
  });
  session.post('Runtime.releaseObject', { objectId: remote.objectId });
  const { value } = shelf;
  delete shelf.value;
  return value;
}

async function idOfShelf(): Promise<string> {
  const { result } = await post('Runtime.evaluate', {
    expression: "globalThis[Symbol.for('erlmcp.shelf')]",
    contextId,
  });
  return result.objectId!;
}

const fromLiteral = (text: string): unknown =>
  text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);

const describe = (value: unknown): string =>
  inspect(value, { depth: 6, maxArrayLength: 1_000, maxStringLength: 10_000, breakLength: 80 });

/** What can be sent as JSON; undefined for all else. */
function plain(value: unknown): unknown {
  try {
    const json = JSON.stringify(value, (_key, entry) => (typeof entry === 'bigint' ? String(entry) : entry));
    return json === undefined || json.length > maxValue ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** An error may come from either side of the context, or be no error at all. */
function failureOf(error: unknown): { name: string; message: string } {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  if (typeof name === 'string' && typeof message === 'string') return { name, message };
  return { name: 'Thrown', message: describe(error) };
}

send({ type: 'ready' });
