/** The servers that are measured, each in a process of its own; a node serves both eras and counts twice. */
import { fileURLToPath } from 'node:url';
import { startChild, whenReady } from '../child.ts';
import { startNode } from '../node-under-test.ts';
import { VERSION } from '../peers/tool.ts';
import { type Era, openSession } from './requests.ts';

export interface Target {
  name: string;
  label: string;
  era: Era;
  port: number;
  /** One that the calls take in turn; a single `undefined` where the server has no sessions. */
  sessions: (string | undefined)[];
}

export interface Running {
  targets: Target[];
  stop: () => Promise<void>;
}

const SESSIONS = 64;

const openSessions = (port: number): Promise<(string | undefined)[]> =>
  Promise.all(Array.from({ length: SESSIONS }, () => openSession(port)));

async function startPeer(file: string): Promise<{ port: number; stop: () => Promise<void> }> {
  const child = startChild(process.execPath, [fileURLToPath(new URL(`../peers/${file}`, import.meta.url))]);
  const port = await whenReady(child, file, () => /^(\d+)\n/.exec(child.output())?.[1]);
  return { port: Number(port), stop: () => child.stop() };
}

async function echo(): Promise<Running> {
  const { port, stop } = await startPeer('echo.ts');
  const label = 'bare node:http echo';
  return { targets: [{ name: 'echo', label, era: '2025', port, sessions: [undefined] }], stop };
}

async function sdkV1(): Promise<Running> {
  const { port, stop } = await startPeer('sdk-v1.ts');
  const label = 'SDK v1, sessions';
  return {
    targets: [{ name: 'sdk-v1', label, era: '2025', port, sessions: await openSessions(port) }],
    stop,
  };
}

async function sdkV2(): Promise<Running> {
  const { port, stop } = await startPeer('sdk-v2.ts');
  const label = 'SDK v2, createMcpHandler';
  return { targets: [{ name: 'sdk-v2', label, era: '2026', port, sessions: [undefined] }], stop };
}

async function erlmcp(): Promise<Running> {
  const { httpPort: port, stop } = await startNode({ release: VERSION });
  const sessions = await openSessions(port);
  return {
    targets: [
      { name: 'erlmcp-2025', label: 'erlmcp node, 2025 sessions', era: '2025', port, sessions },
      { name: 'erlmcp-2026', label: 'erlmcp node, 2026-07-28', era: '2026', port, sessions: [undefined] },
    ],
    stop,
  };
}

const STARTERS = { echo, 'sdk-v1': sdkV1, 'sdk-v2': sdkV2, erlmcp };
export type ServerName = keyof typeof STARTERS;
export const SERVER_NAMES = Object.keys(STARTERS) as ServerName[];

export async function startServers(names: readonly ServerName[]): Promise<Running> {
  const running: Running[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(running.map((server) => server.stop()));
  };
  try {
    for (const name of names) running.push(await STARTERS[name]());
  } catch (error) {
    await stop();
    throw error;
  }
  return { targets: running.flatMap(({ targets }) => targets), stop };
}
