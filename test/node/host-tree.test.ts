/** The host's own supervision tree, booted in this process so that its processes can be made to fail. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { bootNode, type RunningNode } from '../../src/main/node.ts';
import { exit, processes } from '../../src/otp/index.ts';
import { SessionClient } from '../support/mcp.ts';
import { eventually, makeHome, type TestNode } from '../support/test-node.ts';

interface Booted {
  home: TestNode;
  node: RunningNode;
  stopped: Promise<number>;
}

async function boot(): Promise<Booted> {
  const home = await makeHome();
  const { promise: stopped, resolve } = Promise.withResolvers<number>();
  const node = await bootNode({ home: home.home, release: '2.1.0', env: home.env, onStopped: resolve });
  onTestFinished(async () => {
    await node.stop('the test is over');
    await home.remove();
  });
  return { home, node, stopped };
}

const pids = (): Map<string, string> => new Map(processes.list().map(({ name, pid }) => [name ?? pid, pid]));

/** Kills a process, and waits until one of its name runs again. Returns the names of all that run anew. */
async function kill(name: string): Promise<string[]> {
  const before = pids();
  exit(name, 'kill');
  await eventually(`${name} again`, () => {
    const pid = processes.whereis(name);
    return pid !== undefined && pid !== before.get(name) && processes.info(name)?.status === 'waiting';
  });
  await eventually('a quiet tree', () => [...before.keys()].every((known) => processes.whereis(known)));
  const after = pids();
  return [...before.keys()].filter((known) => after.get(known) !== before.get(known)).sort();
}

describe('the tree of the host', () => {
  it('opens a transport that failed again on its port, with its sessions, and touches nothing else', async () => {
    const { home } = await boot();
    const client = await SessionClient.open(home.url);
    await client.call('counter_increment');
    expect(await kill('erlmcp_http')).toEqual(['erlmcp_http']);
    expect(home.log('error')).toContain('[ERROR] Process erlmcp_http has ended: killed');
    expect(await client.call('counter_increment')).toMatchObject({ count: 2 });
  });

  it('starts all that hangs on sessions anew when these fail, and the sessions go on', async () => {
    const { home } = await boot();
    const client = await SessionClient.open(home.url);
    for (const count of [1, 2]) expect(await client.call('counter_increment')).toEqual({ count });
    const anew = await kill('erlmcp_sessions');
    expect(anew).toEqual(expect.arrayContaining(['erlmcp_router', 'erlmcp_http', 'erlmcp_runners']));
    // The same session, without another initialize, and a counter that has begun anew.
    await eventually('the node serves', async () => (await client.call('whoami')) !== undefined);
    expect(await client.call('counter_increment')).toEqual({ count: 1 });
  });

  it('restarts the runners alone, and requests wait for them', async () => {
    const { home } = await boot();
    const client = await SessionClient.open(home.url);
    expect(await kill('erlmcp_runners')).toEqual(['erlmcp_runners', 'erlmcp_upgrade_coordinator']);
    expect(await client.call('counter_increment')).toMatchObject({ count: 1 });
  });

  it('ends the node with code 1 when it fails again and again', async () => {
    const { home, stopped } = await boot();
    onTestFinished(
      processes.onChange(({ type, name }) => {
        if (type === 'registered' && name === 'erlmcp_metrics') queueMicrotask(() => exit(name, 'kill'));
      }),
    );
    exit('erlmcp_metrics', 'kill');
    expect(await stopped).toBe(1);
    expect(home.log('error')).toMatch(
      /S1: the node's supervision tree has ended: .*reached_max_restart_intensity/,
    );
    expect(processes.list()).toEqual([]);
  });
});
