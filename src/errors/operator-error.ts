import { printTerm, type Tuple } from './term.ts';

/**
 * What an operator is told: the cause as the runbook writes it, one sentence, and the next step.
 * `message` is one line: `{no_upgrade_path, "2.0.0", "3.0.0"}: sentence. Next: step`.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly term: Tuple;
  readonly sentence: string;
  readonly remedy: string;
  readonly exitCode: number;

  /** @param exitCode of erlmcpctl and the scripts: 1 failed (default), 2 degraded, 64 usage, 69 node not reachable, 70 neither version serves, 124 no answer in time. */
  constructor(
    term: Tuple,
    sentence: string,
    remedy: string,
    options: { cause?: unknown; exitCode?: number } = {},
  ) {
    super(
      `${printTerm(term)}: ${sentence} ${remedy}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.term = term;
    this.sentence = sentence;
    this.remedy = remedy;
    this.exitCode = options.exitCode ?? 1;
  }

  /** The reason alone, in the runbook's form. */
  get reason(): string {
    return printTerm(this.term);
  }
}
