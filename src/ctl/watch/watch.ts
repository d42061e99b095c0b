/**
 * Asks again and again, as watch(1): on a terminal each answer is drawn over the last, elsewhere they follow each other. A failure
 * is shown in place of an answer, and the watch goes on: a person watches a node that is started again. It ends by Ctrl-C or
 * when nobody reads its output any more, with the exit code of the last answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '../exit-codes.ts';
import { failureLine, toFailure } from '../failure.ts';
import type { Answer, Invocation } from '../invocation.ts';
import { KeptConnection } from './kept-connection.ts';
import { drawOnScreen } from './screen.ts';

export interface WatchOptions {
  invocation: Invocation;
  /** Between an answer and the next request. */
  seconds: number;
  next: (connection: KeptConnection) => Promise<Answer>;
}

interface Frame {
  /** Without its last line feed. */
  text: string;
  exitCode: number;
}

export async function watch(options: WatchOptions): Promise<number> {
  const { invocation, seconds } = options;
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.on('SIGINT', onSignal);
  const connection = new KeptConnection(invocation.home);
  const show = shower(invocation, seconds);
  try {
    return await repeat(
      () => frameOf(options, connection),
      show.frame,
      seconds,
      AbortSignal.any([interrupt.signal, invocation.terminal.closed]),
    );
  } finally {
    process.off('SIGINT', onSignal);
    connection.close();
    show.end();
  }
}

async function repeat(
  next: () => Promise<Frame>,
  show: (text: string) => Promise<void>,
  seconds: number,
  signal: AbortSignal,
): Promise<number> {
  let exitCode: number = EXIT.interrupted;
  const ended = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined)),
  );
  while (!signal.aborted) {
    const frame = await Promise.race([next(), ended]);
    if (frame === undefined) break;
    exitCode = frame.exitCode;
    await Promise.race([show(frame.text), ended]);
    await delay(seconds * 1000, undefined, { signal }).catch(() => {});
  }
  return exitCode;
}

async function frameOf({ invocation, next }: WatchOptions, connection: KeptConnection): Promise<Frame> {
  const { json } = invocation;
  try {
    const { document, text, aside, exitCode } = await next(connection);
    const shown = json ? JSON.stringify(document) : text();
    return { text: aside && !json ? `${aside}\n${shown}` : shown, exitCode };
  } catch (error) {
    const failure = toFailure(error);
    const text = json ? JSON.stringify({ error: failure }) : `erlmcpctl: ${failureLine(failure)}`;
    return { text, exitCode: failure.exit_code };
  }
}

interface Shower {
  frame: (text: string) => Promise<void>;
  end: () => void;
}

function shower({ terminal, json, home, commandLine }: Invocation, seconds: number): Shower {
  if (!json && terminal.canRedraw) {
    return drawOnScreen(terminal, { left: `Every ${seconds} s: erlmcpctl ${commandLine}`, middle: home });
  }
  const heading = (): string => (json ? '' : `--- ${new Date().toISOString()}\n`);
  return {
    frame: (text) => {
      terminal.print(`${heading()}${text}`);
      return terminal.drained();
    },
    end: () => {},
  };
}
