/**
 * Calls that an application names as examples of its read-only tools: a new runner makes them to itself before the switch, so that
 * the code behind them is compiled when the first client comes.
 */
export interface ToolExample {
  /** A tool that is annotated `readOnlyHint: true`; another one is not called. */
  tool: string;
  /**
   * What it is called with, default `{}`; or a function that finds it, in the tables say, anew for each call. undefined: there is nothing to
   * call it with now.
   */
  arguments?: ExampleArguments | (() => ExampleArguments | undefined);
}

export type ExampleArguments = Record<string, unknown>;

/** @returns what is wrong with them, as part of a sentence */
export function problemOfExamples(examples: unknown, hasMcp: boolean): string | undefined {
  if (!Array.isArray(examples)) return 'examples must be a list of { tool, arguments }';
  const wrong = examples.findIndex((example: unknown) => !isExample(example));
  if (wrong >= 0)
    return `examples[${wrong}] must be { tool, arguments }: the name of a tool, and an object or a function that returns one`;
  return examples.length > 0 && !hasMcp
    ? 'examples are calls of the tools of its mcp factory, which it has not'
    : undefined;
}

function isExample(example: unknown): example is ToolExample {
  if (!isObject(example)) return false;
  const { tool, arguments: args } = example;
  return typeof tool === 'string' && (args === undefined || typeof args === 'function' || isObject(args));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws what the application's function does, or a `TypeError` where it returns neither an object nor undefined */
export function argumentsOf({ tool, arguments: given = {} }: ToolExample): ExampleArguments | undefined {
  const args: unknown = typeof given === 'function' ? given() : given;
  if (args === undefined || isObject(args)) return args;
  throw new TypeError(`the arguments of the example of ${tool} must be an object, or undefined`);
}
