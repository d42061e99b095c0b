/** `5-10 minutes` or `10 minutes`: how long a scenario takes, as the runbook promises. */
import { RunbookFailure } from './failure.ts';

export interface Estimate {
  text: string;
  /** Upper bound. */
  seconds: number;
}

export function estimateOf(text: string, line: number): Estimate {
  const [, low, high] = /^(\d+)(?:-(\d+))? minutes$/.exec(text) ?? [];
  if (low === undefined)
    throw new RunbookFailure(line, `\`${text}\` is no estimate such as \`5-10 minutes\` or \`10 minutes\`.`);
  return { text, seconds: Number(high ?? low) * 60 };
}
