/**
 * How a command is declared. Nearly all of them ask one method of the control API and print its answer:
 *
 *     export const COLUMNS: readonly Column<Row>[] = [{ head: 'NAME', cell: ({ name }) => name }, …];
 *     export const command = query('processes', {
 *       help: 'Shown under the options.',
 *       render: ({ processes }, terminal) => table(terminal, processes, COLUMNS),
 *       list: rowsOf<Process>({
 *         at: 'processes',
 *         filters: [textFilter('--name <pattern>', 'name', ({ name }) => name)],
 *         sorts: { memory: ({ memory_bytes }) => memory_bytes },
 *       }),
 *     });
 *
 * - `query` reads: it has `--watch [seconds]`, and with a `list` (without `at` where the answer is an array) also the list's
 *   filters, `--sort` and `--limit`, which hold for `--json` too. A command does nothing for any of them.
 * - `action` changes something: asked once, never repeated, so it has none of these.
 * - A command with a table exports the columns that it draws as `COLUMNS`; of several tables all of them, one after another. Each head
 *   is a requirement of `test/column-requirements.ts`.
 * - A node that does not answer within ANSWER_MS is exit code 124; whoever asks several times passes one `deadline` to each `ask`.
 */
import type { MethodName, ParamsOf, ResultOf } from '../control/methods.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { ANSWER_MS, answerDeadline, ControlClient } from './client.ts';
import { EXIT } from './exit-codes.ts';
import type { Answer, CtlCommand, Invocation } from './invocation.ts';
import { applyList, declareList, type Listed, type RowList } from './list.ts';
import type { Terminal } from './output/terminal.ts';
import { watchOption } from './watch/option.ts';

export type { CtlCommand, Invocation } from './invocation.ts';
export { choiceFilter, rowsOf, textFilter } from './list.ts';

export interface Action<M extends MethodName> {
  /** Shown under the options by `--help`. */
  help: string;
  /** Adds arguments and options of the command's own. */
  configure?: CtlCommand['configure'];
  params?: (invocation: Invocation) => ParamsOf<M>;
  render: (result: ResultOf<M>, terminal: Terminal) => string;
  /** Default 0. */
  exitCode?: (result: ResultOf<M>) => number;
}

export interface Query<M extends MethodName, Row> extends Action<M> {
  list?: RowList<Row>;
  /** What is known without the node, which is not reachable or does not answer; `aside` says so, and goes to stderr. */
  fallback?: (
    invocation: Invocation,
    error: OperatorError,
  ) => Promise<{ result: ResultOf<M>; aside: string }>;
}

export function query<M extends MethodName, Row = unknown>(method: M, spec: Query<M, Row>): CtlCommand {
  const { list } = spec;
  return {
    help: spec.help,
    configure: (command) => {
      spec.configure?.(command);
      if (list) declareList(command, list);
      command.addOption(watchOption());
    },
    run: async (invocation) => {
      const seconds = invocation.options.watch;
      const params = spec.params?.(invocation) ?? ({} as ParamsOf<M>);
      if (typeof seconds !== 'number') return once(method, params, spec, invocation);
      const { watch } = await import('./watch/watch.ts');
      return watch({
        invocation,
        seconds,
        next: (connection) =>
          answerOf(method, spec, invocation, () => connection.request(method, params, ANSWER_MS)),
      });
    },
  };
}

async function once<M extends MethodName, Row>(
  method: M,
  params: ParamsOf<M>,
  spec: Query<M, Row>,
  invocation: Invocation,
): Promise<number> {
  const { home, json, terminal } = invocation;
  const answer = await answerOf(method, spec, invocation, () => ask(home, method, params));
  if (answer.aside) terminal.printError(answer.aside);
  terminal.print(json ? JSON.stringify(answer.document, null, 2) : answer.text());
  if (json && answer.note) terminal.printError(answer.note);
  return answer.exitCode;
}

async function answerOf<M extends MethodName, Row>(
  method: M,
  spec: Query<M, Row>,
  invocation: Invocation,
  request: () => Promise<ResultOf<M>>,
): Promise<Answer> {
  const { result: all, aside } = await withFallback(spec, invocation, request);
  const exitCode = spec.exitCode?.(all) ?? EXIT.ok;
  const { list } = spec;
  const { result, note }: Listed<ResultOf<M>> = list
    ? readable(method, () => applyList(list, all, invocation.options))
    : { result: all, note: undefined };
  const text = (): string => {
    const shown = readable(method, () => spec.render(result, invocation.terminal));
    return note === undefined ? shown : `${shown}\n${note}`;
  };
  return { document: result, text, note, aside, exitCode };
}

async function withFallback<M extends MethodName, Row>(
  { fallback }: Query<M, Row>,
  invocation: Invocation,
  request: () => Promise<ResultOf<M>>,
): Promise<{ result: ResultOf<M>; aside: string | undefined }> {
  try {
    return { result: await request(), aside: undefined };
  } catch (error) {
    if (!fallback || !(error instanceof OperatorError)) throw error;
    return fallback(invocation, error);
  }
}

export function action<M extends MethodName>(method: M, spec: Action<M>): CtlCommand {
  return {
    help: spec.help,
    ...(spec.configure ? { configure: spec.configure } : {}),
    run: async (invocation) => {
      const params = spec.params?.(invocation) ?? ({} as ParamsOf<M>);
      const result = await ask(invocation.home, method, params);
      printResult(invocation, method, result, spec.render);
      return spec.exitCode?.(result) ?? EXIT.ok;
    },
  };
}

/**
 * One request on a connection of its own, answered by the deadline or not at all.
 * @param deadline by `performance.now()`
 */
export async function ask<M extends MethodName>(
  home: string,
  method: M,
  params: ParamsOf<M>,
  deadline = answerDeadline(),
): Promise<ResultOf<M>> {
  const left = (): number => Math.max(deadline - performance.now(), 1);
  const client = await ControlClient.connect(home, left());
  try {
    return await client.request(method, params, left());
  } finally {
    client.close();
  }
}

export function printResult<T>(
  { json, terminal }: Invocation,
  method: string,
  result: T,
  render: (result: T, terminal: Terminal) => string,
): void {
  terminal.print(json ? JSON.stringify(result, null, 2) : readable(method, () => render(result, terminal)));
}

/** A node of another version may answer in another form. */
function readable<T>(method: string, render: () => T): T {
  try {
    return render();
  } catch (cause) {
    throw new OperatorError(
      tuple('unexpected_answer', method),
      "The node's answer does not have the form that this erlmcpctl knows.",
      'Use the erlmcpctl of the version that the node runs, or --json.',
      { cause },
    );
  }
}
