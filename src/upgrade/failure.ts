/** How a phase fails: with the reason as the runbook prints it, whatever threw. */
import { OperatorError, type Tuple, tuple } from '../errors/index.ts';
import { CallError } from '../wire/index.ts';

/** A reason that arrived printed: it stays as it is. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof OperatorError || error instanceof CallError) return error.reason;
  return `{error, ${JSON.stringify(error instanceof Error ? error.message : String(error))}}`;
};

export const messageOf = (error: unknown): string => {
  if (error instanceof OperatorError) return `${error.sentence} ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
};

export const aborted = (why: string): OperatorError =>
  new OperatorError(
    tuple('aborted', why),
    `The operation was ended by ${why}.`,
    'The version before it serves.',
  );

/** An operator has ended it by `resume_supervisors`. */
export const resumedByOperator = (version: string): OperatorError =>
  new OperatorError(
    tuple('resumed_by_operator', version),
    'The operation was ended by erlmcpctl resume_supervisors.',
    'The version before it serves.',
  );

export const cancelled = (version: string): OperatorError =>
  new OperatorError(
    tuple('cancelled', version),
    'The operation was ended by erlmcpctl upgrade --cancel.',
    'The version before it serves.',
  );

/** Ended by somebody's word, not by a fault. */
export const isGivenUp = (error: unknown): boolean =>
  /^{(aborted|resumed_by_operator|cancelled)\b/.test(reasonOf(error));

export const refuse = (term: Tuple, sentence: string, remedy: string): OperatorError =>
  new OperatorError(term, sentence, remedy);

/** Waits for `work`, but not beyond the operation's end. */
export function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
