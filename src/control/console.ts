/** Methods of the remote console: an expression in, what it gave out. */
import { z } from 'zod';
import { Version } from './values.ts';

/** Names a console, whose variables live on between its expressions. */
export const ConsoleId = z.string().min(1).max(64);

export const EvalParams = z.strictObject({
  expression: z.string(),
  /** Without it the expression has no variables but its own. */
  console: ConsoleId.optional(),
  /** Who asks, for the log. */
  user: z.string().max(255).optional(),
});

export const EvalResult = z.strictObject({
  /** As Erlang's shell prints it, or Node's. Empty where there is nothing to print, as after `let x = 1`. */
  text: z.string(),
  language: z.enum(['erlang', 'typescript']),
  /** The result as JSON; null where it can't be said so, or is larger than 256 KiB. */
  value: z.unknown(),
});

/** What the caller takes the node for: refused where it is another one. */
export const ConsoleOpenParams = z.strictObject({
  /** `erlmcp@127.0.0.1`. */
  remsh: z.string().max(300).optional(),
  cookie: z.string().max(300).optional(),
  user: z.string().max(255).optional(),
});

export const ConsoleOpenResult = z.strictObject({
  /** Of the node: `erlmcp@host`. */
  name: z.string(),
  release: Version,
});

export const ConsoleCompleteParams = z.strictObject({
  /** Up to the cursor. */
  line: z.string().max(10_000),
  console: ConsoleId.optional(),
});

export const ConsoleCompleteResult = z.strictObject({
  /** What may stand in the place of `prefix`. */
  completions: z.array(z.string()),
  /** The end of the line that they would replace. */
  prefix: z.string(),
});
