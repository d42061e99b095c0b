/** Every way in which a command can fail, brought into one form: a term, a sentence, the next step, the exit code. */
import type { ErrorBody } from '../control/json-rpc.ts';
import { OperatorError, printTerm, tuple } from '../errors/index.ts';
import { EXIT } from './exit-codes.ts';
import { printable } from './output/format.ts';

export interface Failure {
  term: string;
  message: string;
  remedy: string;
  exit_code: number;
}

/** The node answered with an error. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly failure: Failure;

  constructor(body: ErrorBody) {
    super(body.message);
    const data: Partial<ErrorBody['data']> = body.data ?? {};
    this.failure = {
      term: data.term ?? printTerm(tuple('control_error', body.code)),
      message: body.message,
      remedy: data.remedy ?? '',
      exit_code: data.exit_code ?? EXIT.failed,
    };
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof RemoteError) return error.failure;
  if (error instanceof OperatorError) {
    return {
      term: error.reason,
      message: error.sentence,
      remedy: error.remedy,
      exit_code: error.exitCode,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    term: printTerm(tuple('internal_error', 'erlmcpctl')),
    message,
    remedy: '',
    exit_code: EXIT.failed,
  };
}

export const failureLine = ({ term, message, remedy }: Failure): string =>
  printable(`${term}: ${message} ${remedy}`.replaceAll('\n', ' ')).trimEnd();
