/** What a node says of itself, and what its clients find. */
import type { DemoClient } from '../../bench/demo/clients/client.ts';
import type { StatusResult } from '../../src/control/types.ts';
import { ControlClient } from '../../src/ctl/client.ts';
import { eventually, type TestNode } from '../support/test-node.ts';

const CALL_MS = 30_000;
const SETTLED_MS = 40_000;

export interface Whoami {
  readonly version: string;
  readonly pid: number;
}

/** What all clients are told; throws where they are not told the same. */
export async function whoami(clients: readonly DemoClient[]): Promise<Whoami> {
  const answers = await Promise.all(clients.map((client) => client.call('whoami', {}, CALL_MS)));
  const seen = new Set(answers.map(({ version, pid }) => `${version} of pid ${pid}`));
  if (seen.size !== 1) throw new Error(`clients are served by ${[...seen].join(' and ')}`);
  return { version: String(answers[0]!.version), pid: Number(answers[0]!.pid) };
}

const AT_REST: ReadonlySet<string> = new Set(['idle', 'completed', 'failed']);
/** What may be there beside the active one: the way back, and calls that finish. */
const KEPT: ReadonlySet<string> = new Set(['parked', 'warm']);

/** Resolves when nothing is under way any more: one runner is active, all clients reach it, and others are only kept for the way back. */
export function settled(node: TestNode, clients: readonly DemoClient[]): Promise<Whoami> {
  return eventually(
    'a node at rest',
    async () => {
      const status = await statusOf(node.home);
      const found = await whoami(clients);
      const complaint = unrest(status, found, node.runners());
      if (complaint !== undefined) throw new Error(complaint);
      return found;
    },
    SETTLED_MS,
  );
}

/** As `erlmcpctl status` has it. */
async function statusOf(home: string): Promise<StatusResult> {
  const client = await ControlClient.connect(home);
  try {
    // Without an end by the clock, which is another one here where it is moved.
    return await client.request('status', {}, Number.POSITIVE_INFINITY);
  } finally {
    client.close();
  }
}

function unrest(
  { upgrade, phase, versions, runners }: StatusResult,
  found: Whoami,
  recorded: number[],
): string | undefined {
  if (phase !== null || !AT_REST.has(upgrade.status)) return `the upgrade is ${upgrade.status} (${phase})`;
  const active = runners.filter(({ role }) => role === 'active');
  const others = runners.filter(({ role }) => role !== 'active' && !KEPT.has(role));
  if (active.length !== 1) return `${active.length} runners are active`;
  if (others.length > 0)
    return `there are runners ${others.map(({ pid, role }) => `${pid} (${role})`).join(', ')}`;
  const said = [versions.release, upgrade.current_version, active[0]!.version, found.version];
  if (new Set(said).size !== 1) return `the active version is ${said.join(', ')}`;
  if (active[0]!.pid !== found.pid) return `runner ${active[0]!.pid} is active, and ${found.pid} answers`;
  if (recorded.length !== runners.length) return `run/ names ${recorded.length} runners of ${runners.length}`;
  return undefined;
}
