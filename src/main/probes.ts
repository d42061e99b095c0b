/** What pre-flight asks of the machine, and the smoke test of the node: each item is really exercised. */
import { OperatorError, tuple } from '../errors/index.ts';
import {
  diskFree,
  type Health,
  type HealthCheck,
  MIN_DISK_MB,
  memoryFree,
} from '../observability/health/index.ts';
import type { Probe } from '../upgrade/index.ts';
import { dataBytes } from './backup.ts';
import { probeHttp } from './mcp-probe.ts';
import type { NodeParts } from './node-parts.ts';

/** What they look at, read anew in each run. */
export type ProbeParts = Pick<NodeParts, 'home' | 'paths' | 'transports' | 'health' | 'registry'>;

const MB = 1024 * 1024;

/** `{disk_free, "12 MB", ">= 100 MB"}` and what to do. */
const fromCheck = (name: string, limit: string, check: () => HealthCheck | Promise<HealthCheck>): Probe => ({
  name,
  limit,
  run: async () => {
    const { limit: asked, read } = await check();
    const { status = 'healthy', value, message } = await read();
    if (status === 'healthy') return String(value);
    throw new OperatorError(
      tuple(name, String(value), String(asked)),
      `The machine has ${value}, and ${asked} is needed.`,
      message ?? 'Make room, or try again with --force.',
    );
  },
});

export function preFlightProbes(parts: ProbeParts): Probe[] {
  return [
    fromCheck('disk_free', `>= ${MIN_DISK_MB} MB and the copies`, async () =>
      diskFree(parts.home, MIN_DISK_MB + Math.ceil((await dataBytes(parts.paths.data)) / MB)),
    ),
    fromCheck('memory_free', '>= 512 MB', () => memoryFree()),
    { name: 'listeners', limit: 'reachable', run: () => reachable(parts) },
    // Of the tables every row is read next, so that a damaged one is named.
    { name: 'node_health', limit: 'not unhealthy', run: () => healthy(parts.health, 'tables') },
  ];
}

async function reachable({ transports }: ProbeParts): Promise<string> {
  const closed = transports.list().filter(({ state }) => state !== 'open');
  const [first] = closed;
  if (first)
    throw new OperatorError(
      tuple('transport_closed', first.name),
      `Transport ${first.name} is ${first.state}.`,
      `Open it with: erlmcpctl restart ${first.name}`,
    );
  return await probeHttp(transports.mcpUrl);
}

/** What is said of the node, but for one check. @throws `{node_unhealthy, Checks}` */
export async function healthy(health: Health, except?: string): Promise<string> {
  const { status, score, checks } = await health.check();
  const bad = checks
    .filter((check) => check.status === 'unhealthy' && check.name !== except)
    .map(({ name }) => name);
  if (bad.length === 0) return `${status}, score ${score}`;
  throw new OperatorError(
    tuple('node_unhealthy', bad),
    `The node is unhealthy: ${bad.join(', ')}.`,
    'See: erlmcpctl health',
  );
}
