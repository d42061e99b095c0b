import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alive, eventually, makeHome, run, startNode, TestNode } from '../support/test-node.ts';

async function home(options: Parameters<typeof makeHome>[0] = {}): Promise<TestNode> {
  const node = await makeHome(options);
  onTestFinished(() => node.remove());
  return node;
}

describe('the first boot', () => {
  it('takes the only package, and later boots the active release', async () => {
    const node = await home({ packages: ['2.1.0'] });
    await node.start();
    await node.erlmcp('stop');
    rmSync(join(node.home, 'packages'), { recursive: true });
    await node.start();
    expect((await node.ctlJson<{ release: string }>('version')).release).toBe('2.1.0');
    const health = (path: string) => fetch(`http://127.0.0.1:${node.adminPort}${path}`);
    expect((await health('/health/live')).status).toBe(200);
    expect((await health('/health/ready')).status).toBe(200);
  });

  it('asks which of several packages is meant', async () => {
    const node = await home();
    const started = await node.erlmcp('start');
    expect(started.code).toBe(1);
    expect(started.stderr).toContain('{several_packages, ["2.1.0", "3.0.0"]}');
    expect(started.stderr).toContain('--release');
  });

  it('names a version that has no package', async () => {
    const node = await home();
    const started = await node.erlmcp('start', '--release', '7.0.0');
    expect(started).toMatchObject({ code: 1 });
    expect(started.stderr).toContain('{package_not_found, "7.0.0"');
  });
});

describe('a start is refused', () => {
  it('when the node runs already, which goes on', async () => {
    const node = await startNode();
    const { pid } = node;
    const second = await node.erlmcp('start');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`{already_running, ${pid}}`);
    expect(alive(pid)).toBe(true);
    expect((await node.ctl('status')).code).toBe(0);
  });

  it('when a port is in use', async () => {
    for (const variable of ['ERLMCP_HTTP_PORT', 'ERLMCP_ADMIN_PORT']) {
      const node = await home();
      const port = Number(node.env[variable]);
      const other = createServer().listen(port, '127.0.0.1');
      await new Promise((resolve) => other.once('listening', resolve));
      const started = await node.erlmcp('start', '--release', '2.1.0');
      other.close();
      expect(started.code).toBe(1);
      expect(started.stderr).toContain(`{eaddrinuse, ${port}}`);
      expect(node.runners()).toEqual([]);
    }
  });

  it('when the home can not be written, or is too deep for a socket', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'erlmcp-boot-'));
    onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
    writeFileSync(join(parent, 'file'), '');
    const inFile = await run('bin/erlmcp', ['start'], {
      ...process.env,
      ERLMCP_HOME: join(parent, 'file', 'home'),
    });
    expect(inFile.code).toBe(1);
    expect(inFile.stderr).toContain('{home_not_writable,');
    const deep = join(parent, 'x'.repeat(120));
    const base = await home({ packages: ['2.1.0'] });
    mkdirSync(deep);
    const node = new TestNode(deep, base.httpPort, base.adminPort);
    await run('/bin/cp', ['-r', join(base.home, 'packages'), deep], process.env);
    const started = await node.erlmcp('start');
    expect(started.code).toBe(1);
    expect(started.stderr).toMatch(/socket_path_too_long/);
  });

  it('when the configuration has a key that is not known, with its line', async () => {
    const node = await home({ packages: ['2.1.0'] });
    writeFileSync(join(node.home, 'erlmcp.json'), '{\n  "http": {\n    "prot": 80\n  }\n}\n');
    const started = await node.erlmcp('start');
    expect(started.code).toBe(1);
    expect(started.stderr).toContain('{bad_config, "erlmcp.json", 3, "http.prot"}');
  });
});

it('a stale pid file is no reason to refuse', async () => {
  const node = await home({ packages: ['2.1.0'] });
  mkdirSync(join(node.home, 'run'));
  writeFileSync(join(node.home, 'run/erlmcp.pid'), `${process.pid}\n12345\n`);
  await node.start();
  expect((await node.ctl('status')).code).toBe(0);
});

it('foreground ends in order on SIGTERM, with nothing left', async () => {
  const node = await home({ packages: ['2.1.0'] });
  const running = node.erlmcp('foreground');
  await eventually('the node to serve', async () => (await node.ctl('status')).code === 0);
  const pids = [node.pid, ...node.runners()];
  process.kill(node.pid, 'SIGTERM');
  expect((await running).code).toBe(0);
  expect(pids.some(alive)).toBe(false);
});
