/** `erlmcp stdio`: what an MCP client launches. Its stdout carries JSON-RPC only; its own words go to stderr, a line each. */
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { OperatorError } from '../errors/operator-error.ts';
import { requireSocketPath } from '../errors/socket-path.ts';
import { Bridge } from './bridge.ts';
import { ClientWriter } from './client-writer.ts';
import { LineReader } from './lines.ts';

export interface BridgeOptions {
  /** The node's home folder, as an absolute path. */
  home: string;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  /** How long the node may be away until requests are answered with an error. Default 30,000 ms. */
  offlineMs?: number;
  /** How long answers are waited for once the client has closed stdin. Default 1,500 ms, less than official clients wait before they kill. */
  drainMs?: number;
  /** Limit of one line. Default 10 MiB, as in the official SDK. */
  maxLineBytes?: number;
  /** What is kept for a host that does not take it, in bytes. Default 16 MiB. */
  maxHeldBytes?: number;
}

const MIB = 1024 * 1024;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Runs until the client closes stdin, reads no more, or a signal comes. @returns the exit code. */
export async function runBridge(options: BridgeOptions): Promise<number> {
  const { home, stdin, stdout, stderr } = options;
  const path = join(home, 'run', 'stdio.sock');
  const say = (text: string): void => {
    stderr.write(`erlmcp stdio: ${text.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  };
  // The client may close stderr; what is said there then is for nobody.
  stderr.on('error', () => {});
  try {
    requireSocketPath(path);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    say(error.message);
    return error.exitCode;
  }
  const maxLineBytes = options.maxLineBytes ?? 10 * MIB;
  const { promise: over, resolve: end } = Promise.withResolvers<number>();
  const { drainMs = 1_500 } = options;
  const client = new ClientWriter(stdout, { drained: () => bridge.drained(), gone: () => end(0) });
  const bridge = new Bridge(
    {
      home,
      path,
      offlineMs: options.offlineMs ?? 30_000,
      maxLineBytes,
      maxHeldBytes: options.maxHeldBytes ?? 16 * MIB,
    },
    { client, say, readClient: (reading) => (reading ? stdin.resume() : stdin.pause()) },
  );
  const lines = new LineReader(bridge, maxLineBytes);
  stdin.on('data', (chunk: Buffer) => lines.push(chunk));
  stdin.on('end', () => {
    lines.end();
    end(drainMs);
  });
  stdin.on('error', () => end(drainMs));
  const signalled = onSignals(() => end(drainMs));
  try {
    bridge.start();
    await bridge.end(await over);
    return 0;
  } finally {
    stdin.pause();
    signalled.off();
  }
}

/** The first signal ends in order, a second one at once. */
function onSignals(first: () => void): { off(): void } {
  let signalled = false;
  const listener = (): void => {
    if (signalled) process.exit(1);
    signalled = true;
    first();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    off: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
