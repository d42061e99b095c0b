/** Where a command writes: plain text, with colours only for a terminal that may have them. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { watchReader } from './reader.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export interface Terminal {
  /** A person reads the output. */
  readonly interactive: boolean;
  /** Lines that were written can be drawn over. */
  readonly canRedraw: boolean;
  /** A person can be asked. */
  readonly canAsk: boolean;
  /** Aborts when nobody reads the output any more. Whoever goes on by itself ends by it. */
  readonly closed: AbortSignal;
  print(text: string): void;
  /** Without a line feed at its end. */
  printPart(text: string): void;
  printError(text: string): void;
  /** Resolves when a slow reader has caught up, or has gone. */
  drained(): Promise<void>;
  size(): { columns: number; rows: number };
  /** Returns a function that stops it. */
  onResize(listener: () => void): () => void;
  style(style: Style, text: string): string;
}

/** A terminal that is narrower breaks lines, or does not know its width. */
const MIN_COLUMNS = 40;

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const smart = env.TERM !== 'dumb' && !env.NO_COLOR;
  const interactive = stdout.isTTY === true && smart;
  const closed = new AbortController();
  survivePipe(stdout, () => closed.abort());
  survivePipe(stderr, () => {});
  return {
    interactive,
    canRedraw: interactive && stdout.columns >= MIN_COLUMNS,
    canAsk: stdin.isTTY === true && stdout.isTTY === true,
    get closed() {
      watchReader(stdout, closed);
      return closed.signal;
    },
    print: (text) => stdout.write(`${text}\n`),
    printPart: (text) => stdout.write(text),
    printError: (text) => stderr.write(`${text}\n`),
    drained: async () => {
      if (stdout.writableNeedDrain && !closed.signal.aborted)
        await once(stdout, 'drain', { signal: closed.signal }).catch(() => {});
    },
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    onResize: (listener) => {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
    style: (style, text) => (interactive ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** `erlmcpctl … | head -1` is no error: a command that answers once goes on, so that its exit code stays true. */
function survivePipe(stream: NodeJS.WriteStream, onClosed: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return onClosed();
    // A disk that is full, say.
    if (stream !== process.stderr)
      process.stderr.write(
        `erlmcpctl: {write_failed, "${error.code}"}: The output could not be written: ${error.message}. Write it elsewhere.\n`,
      );
    process.exit(1);
  });
}
