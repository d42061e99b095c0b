/** Why a process or a call ended, as a reason in Erlang's notation that can cross between OS processes as text. */

/** An atom that needs no quotes, a pid, or the term that stands for a key of a registry. */
const BARE_ATOM = /^(?:[a-z][A-Za-z0-9_@]*|<\d+\.\d+\.0>|\{via, .*\})$/s;

/** Prints a name as an Erlang atom: bare where Erlang allows it, else quoted. */
export const printAtom = (name: string): string =>
  BARE_ATOM.test(name) ? name : `'${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** The failure of a call, or the end of a process. `reason` is what a monitor, a supervisor and a caller see. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  /** In Erlang's notation: `normal`, `shutdown`, `killed`, `{noproc, counter}`, `{timeout, counter}`. */
  readonly reason: string;

  constructor(reason: string, message: string = reason, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
  }
}

/** The `codeChange` of a server that was handed over has thrown `cause`. It ends as it would by that, but says which server it is. */
export class CodeChangeFailed extends ExitError {
  readonly server: string;

  constructor(server: string, cause: ExitError) {
    super(cause.reason, cause.message, { cause });
    this.server = server;
  }
}

/** `exitTuple('noproc', 'counter', 'sentence')`: an error whose reason is `{noproc, counter}`. */
export const exitTuple = (tag: string, name: string, message: string, cause?: unknown): ExitError =>
  new ExitError(`{${tag}, ${printAtom(name)}}`, `{${tag}, ${printAtom(name)}}: ${message}`, { cause });

const snakeCase = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase() || 'error';

/** The exit that a thrown value stands for: `throw new TypeError('no')` is `{type_error, "no"}`. */
export function exitOf(thrown: unknown): ExitError {
  if (thrown instanceof ExitError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const reason = `{${snakeCase(error.name)}, ${JSON.stringify(error.message)}}`;
  return new ExitError(reason, error.message, { cause: thrown });
}

/** An exit that is no failure: `normal`, `shutdown` and `{shutdown, _}`, as OTP's supervisors judge it. */
export const isNormalExit = (reason: string): boolean =>
  reason === 'normal' || reason === 'shutdown' || reason.startsWith('{shutdown,');
