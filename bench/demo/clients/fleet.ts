/** The clients of the demo, all made by other people: official SDKs v1 and v2, over HTTP and through `erlmcp stdio`. */
import type { DemoClient } from './client.ts';
import * as v1 from './sdk-v1.ts';
import * as v2 from './sdk-v2.ts';

export interface StdioCommand {
  command: string;
  args: string[];
  env: Record<string, string>;
}

export interface FleetSize {
  httpV1: number;
  httpV2: number;
  stdioV1: number;
  stdioV2: number;
}

/** 24 over HTTP, each with an open stream, and four more over stdio. */
export const FLEET: FleetSize = { httpV1: 16, httpV2: 8, stdioV1: 2, stdioV2: 2 };

const times = (count: number, connect: (index: number) => Promise<DemoClient>): Promise<DemoClient>[] =>
  Array.from({ length: count }, (_, index) => connect(index + 1));

export async function connectFleet(
  url: URL,
  stdio: StdioCommand,
  size: FleetSize = FLEET,
): Promise<DemoClient[]> {
  const connecting = [
    ...times(size.httpV1, (index) => v1.connectHttp(`SDK v1 over HTTP ${index}`, url)),
    ...times(size.httpV2, (index) => v2.connectHttp(`SDK v2 over HTTP ${index}`, url)),
    ...times(size.stdioV1, (index) => v1.connectStdio(`SDK v1 over stdio ${index}`, stdio)),
    ...times(size.stdioV2, (index) => v2.connectStdio(`SDK v2 over stdio ${index}`, stdio)),
  ];
  const settled = await Promise.allSettled(connecting);
  const clients = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = settled.find((result) => result.status === 'rejected');
  if (!failed) return clients;
  await closeFleet(clients);
  throw failed.reason;
}

export async function closeFleet(clients: readonly DemoClient[]): Promise<void> {
  await Promise.allSettled(clients.map((client) => client.close()));
}
