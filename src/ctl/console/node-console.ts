/**
 * A console of a node, seen from here. Each expression has a connection of its own, so that a console may lie idle for as long as its
 * user likes; its id is what keeps the variables together.
 */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { ParamsOf, ResultOf } from '../../control/methods.ts';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ConnectionLost } from '../client.ts';
import { ask } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printable } from '../output/format.ts';

/** Under what name uses are logged. */
export const ownUser = (): string => userInfo().username;

export class NodeConsole {
  readonly #home: string;
  readonly #user: string;
  readonly #id = randomUUID();

  constructor(home: string, user: string) {
    this.#home = home;
    this.#user = user;
  }

  /** Throws OperatorError where no node answers, or where it is not the one that is meant. */
  open(target: Pick<ParamsOf<'console_open'>, 'remsh' | 'cookie'> = {}): Promise<ResultOf<'console_open'>> {
    return ask(this.#home, 'console_open', { ...target, user: this.#user });
  }

  /** What is to be shown. Throws OperatorError or RemoteError; NodeGone where the console can't go on. */
  async evaluate(expression: string): Promise<string> {
    try {
      const params = { expression, console: this.#id, user: this.#user };
      return safeText((await ask(this.#home, 'eval', params)).text);
    } catch (error) {
      throw isGone(error) ? new NodeGone(this.#home, error) : error;
    }
  }

  /** Nothing where the node does not answer: the line can be typed all the same. */
  async complete(line: string): Promise<ResultOf<'console_complete'>> {
    return await ask(this.#home, 'console_complete', { line, console: this.#id }).catch(() => ({
      completions: [],
      prefix: '',
    }));
  }
}

export class NodeGone extends OperatorError {
  constructor(home: string, cause: unknown) {
    super(
      tuple('nodedown', home),
      `The node of the home ${home} has gone; the console is closed.`,
      'Start it with `erlmcp start`, then open another console.',
      { cause, exitCode: EXIT.notReachable },
    );
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof ConnectionLost || (error instanceof OperatorError && error.exitCode === EXIT.notReachable);

/** What an expression prints may hold anything: a terminal must not obey it. */
export const safeText = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
