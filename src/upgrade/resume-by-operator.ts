/** What an operator's `resume_supervisors` came to while an operation ran, told before whoever asked stops waiting. */
import { OperatorError, tuple } from '../errors/index.ts';
import type { ResumedProcesses } from '../wire/index.ts';
import { messageOf, reasonOf } from './failure.ts';

export interface ResumeOutcome extends ResumedProcesses {
  outcome: 'aborted' | 'completed' | 'nothing';
  /** That serves. */
  version: string;
}

export const NONE_RESUMED: ResumedProcesses = { resumed: [], restarted: [], busy: [] };

const LIMIT_MS = 4_000;

export async function inTime<T>(version: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(takingBack(version)), LIMIT_MS);
  try {
    return await Promise.race([work, late.promise]);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      tuple('resume_failed', version),
      `The servers could not be resumed: ${reasonOf(error)}: ${messageOf(error).replace(/\.?$/, '.')}`,
      'The upgrade is taken back; follow it with: erlmcpctl upgrade --status',
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

const takingBack = (version: string): OperatorError =>
  new OperatorError(
    tuple('taking_back', version),
    `The upgrade to ${version} is being ended, and has not ended after ${LIMIT_MS / 1_000} s.`,
    'Follow it with: erlmcpctl upgrade --status',
    { exitCode: 124 },
  );
