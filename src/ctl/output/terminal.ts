/** Where a command writes: plain text, with colours only for a terminal that may have them. */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export interface Terminal {
  /** A person reads the output. */
  readonly interactive: boolean;
  /** Lines that were written can be drawn over. */
  readonly canRedraw: boolean;
  /** A person can be asked. */
  readonly canAsk: boolean;
  print(text: string): void;
  /** Without a line feed at its end. */
  printPart(text: string): void;
  printError(text: string): void;
  style(style: Style, text: string): string;
}

/** A terminal that is narrower breaks lines, or does not know its width. */
const MIN_COLUMNS = 40;

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const smart = env.TERM !== 'dumb' && !env.NO_COLOR;
  const interactive = stdout.isTTY === true && smart;
  ignoreClosedPipe(stdout);
  ignoreClosedPipe(stderr);
  return {
    interactive,
    canRedraw: interactive && stdout.columns >= MIN_COLUMNS,
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    print: (text) => stdout.write(`${text}\n`),
    printPart: (text) => stdout.write(text),
    printError: (text) => stderr.write(`${text}\n`),
    style: (style, text) => (interactive ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** `erlmcpctl … | head -1` is no error: the command goes on, so that its exit code stays true. */
function ignoreClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
