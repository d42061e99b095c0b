import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { METHODS } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { SessionClient } from '../support/mcp.ts';
import { alive, eventually, run, startNode, type TestNode } from '../support/test-node.ts';

/** The runbook's own command line, with `erlmcpctl` on the path as it is installed. */
async function operator(node: TestNode, commandLine: string) {
  const bin = new URL('../../bin', import.meta.url).pathname;
  const env = { ...node.env, PATH: `${bin}:${node.env.PATH}` };
  return await run('/bin/sh', ['-c', `cd "$ERLMCP_HOME" && ${commandLine}`], env);
}

describe('the commands', () => {
  it('tell of the live node, to people and to programs', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');
    await client.call('counter_increment');

    expect((await operator(node, cites('command.status'))).stdout).toMatch(
      /release +2\.1\.0[\s\S]*next step +Nothing to do\./,
    );
    expect((await operator(node, cites('command.version'))).stdout).toContain('2.1.0');
    expect((await operator(node, cites('command.uptime'))).stdout).toMatch(/\d/);
    const health = await operator(node, cites('command.health'));
    expect(health.code).toBe(0);
    expect(health.stdout).toMatch(/healthy/);
    expect((await operator(node, cites('command.metrics'))).stdout).toMatch(/counter_increment +now +1 +0 /);
    expect((await operator(node, cites('command.transports'))).stdout, cites('scenario.4.1')).toMatch(
      new RegExp(`http +open +127\\.0\\.0\\.1:${node.httpPort}[\\s\\S]*stdio +open`),
    );
    expect((await operator(node, cites('command.registry'))).stdout).toMatch(
      /counter +process +runner 2\.1\.0/,
    );

    for (const method of [
      'status',
      'version',
      'uptime',
      'health',
      'metrics',
      'transports',
      'registry',
    ] as const)
      expect(() => METHODS[method].result.parse).not.toThrow();
    const status = METHODS.status.result.parse(await node.ctlJson('status'));
    expect(status.runners).toEqual([{ pid, version: '2.1.0', role: 'active', state: 'serving' }]);
    METHODS.health.result.parse(await node.ctlJson('health'));
    METHODS.metrics.result.parse(await node.ctlJson('metrics'));
    METHODS.registry.result.parse(await node.ctlJson('registry'));
    METHODS.transports.result.parse(await node.ctlJson('transports'));
  });

  it('say degraded when a part does not answer, and unhealthy when the node can not serve', async () => {
    const node = await startNode({ config: { runner: { restart_min_ms: 60_000, restart_max_ms: 60_000 } } });
    for (let round = 0; round < 2; round++) {
      const [pid] = await eventually('a runner', () =>
        node.runners().length === 1 ? node.runners() : undefined,
      );
      process.kill(pid!, 'SIGKILL');
      await eventually('its end', () => !alive(pid!));
    }
    const health = await eventually('unhealthy', async () => {
      const seen = await node.ctl('health');
      return seen.code === 1 ? seen : undefined;
    });
    expect(health.stdout).toMatch(/runner +unhealthy/);
    expect((await node.erlmcp('stop')).code).toBe(0);
    const gone = await node.ctl('status');
    expect(gone).toMatchObject({ code: 69, stdout: '' });
    expect(gone.stderr).toContain(node.home);
  });

  it('open a transport again and keep its sessions', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const before = await client.call('counter_increment');
    for (const name of ['http', 'stdio']) {
      const restarted = await node.ctl('restart', name);
      expect(restarted.code, cites('scenario.4.3')).toBe(0);
    }
    expect(before).toEqual({ count: 1 });
    expect(await client.call('counter_increment')).toEqual({ count: 2 });
    const status = await node.ctlJson<{ runners: { state: string }[] }>('status');
    expect(
      status.runners.map(({ state }) => state),
      cites('scenario.4.2'),
    ).toEqual(['serving']);
  });

  it('stop the node in order', async () => {
    const node = await startNode();
    const pids = [node.pid, ...node.runners()];
    expect((await node.ctl('stop', '--yes')).code).toBe(0);
    await eventually('the end of all processes', () => pids.every((pid) => !alive(pid)));
    expect(existsSync(join(node.home, 'run/erlmcp.sock'))).toBe(false);
  });
});

describe('the logs', () => {
  it('are where the runbook looks, and can be followed', async () => {
    const node = await startNode();
    for (const file of [
      cites('file.erlmcp'),
      cites('file.upgrade'),
      cites('file.error'),
      cites('file.console'),
    ])
      expect(existsSync(join(node.home, file)), file).toBe(true);
    const tail = spawn('/bin/sh', ['-c', `exec ${cites('command.tail_log')}`], { cwd: node.home });
    onTestFinished(() => void tail.kill());
    let seen = '';
    tail.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await eventually('the tail to start', () => seen.includes('Node serves'));
    await node.ctl('restart', 'stdio');
    await node.script('upgrade.sh', '9.9.9');
    await eventually('a line', () => seen.includes('Upgrade to 9.9.9 started'));
  });
});

describe('the package', () => {
  it('has the checksum that its sum file says', async () => {
    const node = await startNode();
    const sum = await run(
      '/bin/sh',
      ['-c', `cd "$ERLMCP_HOME/packages" && ${cites('command.sha256sum')}`],
      node.env,
    );
    const stated = readFileSync(join(node.home, 'packages/erlmcp-3.0.0.tar.gz.sha256'), 'utf8');
    expect(stated.trim()).toBe(sum.stdout.trim());
    expect(stated.trim().replace(/^[0-9a-f]{64}/, '<digest>')).toBe(cites('format.checksum'));
  });
});
