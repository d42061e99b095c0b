/** The official SDK's stateful server under the same load, deployed anew in the two usual ways: ended and started again, and by pm2. */
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../node-under-test.ts';
import { LoadProcess } from './load-process.ts';
import { PeerProcess } from './peer-process.ts';
import { Pm2 } from './pm2.ts';
import { AFTER_MS, BEFORE_MS, type Window, windowOf } from './window.ts';

const REST_MS = 1_000;
/** Until a deploy is over for the clients, new sessions opened. */
const SETTLE_MS = 5_000;

/** A server that can be replaced by a fresh one on the same port. */
export interface Deployed {
  redeploy(): Promise<void>;
  stop(): Promise<void>;
}

export const WAYS = {
  restart: { label: 'SDK v2, SIGTERM and start', start: (port: number) => PeerProcess.start(port) },
  pm2: { label: 'SDK v2, pm2 reload', start: (port: number) => Pm2.start(port) },
} as const satisfies Record<string, { label: string; start: (port: number) => Promise<Deployed> }>;

export interface Deploy extends Window {
  readonly ms: number;
}

export interface PeerTimings {
  readonly way: keyof typeof WAYS;
  readonly label: string;
  readonly sessions: number;
  readonly deploys: Deploy[];
}

async function deploy(server: Deployed, load: LoadProcess): Promise<Deploy> {
  await pause(REST_MS);
  await load.collect();
  await pause(BEFORE_MS);
  const from = Date.now();
  await server.redeploy();
  const to = Date.now();
  await pause(Math.max(AFTER_MS, SETTLE_MS));
  const collected = await load.collect();
  return { ...windowOf(collected, { from, at: from, to }), ms: to - from };
}

export async function measurePeer(
  way: keyof typeof WAYS,
  sessions: number,
  { rate, rounds }: { rate: number; rounds: number },
): Promise<PeerTimings> {
  const { label, start } = WAYS[way];
  console.log(`${label}, ${sessions} sessions …`);
  const port = await freePort();
  const server = await start(port);
  try {
    const load = await LoadProcess.start({ port, sessions, rate });
    try {
      const deploys: Deploy[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const found = await deploy(server, load);
        console.log(
          `  ${(found.ms / 1000).toFixed(1)} s: ${found.failed} of ${found.requests} failed, ${found.sessionsLost} sessions lost, silent for ${found.silenceMs.toFixed(0)} ms, until ${found.silenceEndMs.toFixed(0)} ms after its start`,
        );
        deploys.push(found);
      }
      return { way, label, sessions, deploys };
    } finally {
      await load.stop();
    }
  } finally {
    await server.stop();
  }
}
