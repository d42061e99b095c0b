/** What a command of erlmcpctl is made of. */
import type { Command } from 'commander';
import type { MethodName, ParamsOf, ResultOf } from '../control/methods.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { ANSWER_MS, ControlClient } from './client.ts';
import { EXIT } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';

export interface Invocation {
  readonly home: string;
  readonly json: boolean;
  readonly args: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
}

export interface CtlCommand {
  /** Shown under the options by `--help`. */
  readonly help: string;
  /** Adds arguments and options to the command's declaration. */
  configure?(command: Command): void;
  /** Resolves with the exit code. */
  run(invocation: Invocation): Promise<number>;
}

interface Query<M extends MethodName> {
  params?: (invocation: Invocation) => ParamsOf<M>;
  render: (result: ResultOf<M>, terminal: Terminal) => string;
  exitCode?: (result: ResultOf<M>) => number;
}

/** The `run` of a command that asks once and prints the answer. */
export function query<M extends MethodName>(method: M, { params, render, exitCode }: Query<M>) {
  return async (invocation: Invocation): Promise<number> => {
    const wanted = params?.(invocation) ?? ({} as ParamsOf<M>);
    const result = await ask(invocation.home, method, wanted);
    printResult(invocation, method, result, render);
    return exitCode?.(result) ?? EXIT.ok;
  };
}

/** One request on a connection of its own, answered within ANSWER_MS or not at all. */
export async function ask<M extends MethodName>(
  home: string,
  method: M,
  params: ParamsOf<M>,
): Promise<ResultOf<M>> {
  const giveUp = performance.now() + ANSWER_MS;
  const client = await ControlClient.connect(home);
  try {
    return await client.request(method, params, Math.max(giveUp - performance.now(), 1));
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
function readable(method: string, render: () => string): string {
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
