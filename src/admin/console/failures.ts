/** What a function of the console throws that is no OperatorError yet: the end of a process, or a runner's answer, with its reason. */
import { OperatorError, Tuple, tuple } from '../../errors/index.ts';
import { literal } from './literal.ts';
import { errorTerm } from './problems.ts';

export function asOperatorError(error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const { reason, message } = (error ?? {}) as { reason?: unknown; message?: unknown };
  const sentence = typeof message === 'string' ? message : String(error);
  if (typeof reason !== 'string') return withTerm(tuple('error', sentence), sentence, error);
  const known = literal(reason);
  const term = known === undefined ? undefined : errorTerm(known);
  const behind = sentence.startsWith(`${reason}: `) ? sentence.slice(reason.length + 2) : sentence;
  return withTerm(term instanceof Tuple ? term : tuple('error', reason), behind, error);
}

const withTerm = (term: Tuple, sentence: string, cause: unknown): OperatorError =>
  new OperatorError(term, `${sentence.replace(/\.$/, '')}.`, 'help(). lists what can be asked.', { cause });
