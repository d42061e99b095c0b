import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StdioTransport, startStdio } from '../../src/host/transports/stdio/index.ts';
import { FakeGateway, FakeStore } from './support/fake-gateway.ts';

let home: string;
let path: string;
const open: StdioTransport[] = [];

const start = async (at = path): Promise<StdioTransport> => {
  const none = (): void => {};
  const transport = await startStdio({
    gateway: new FakeGateway(new FakeStore()),
    path: at,
    log: { info: none, warn: none, error: none },
    upgrading: () => false,
  });
  open.push(transport);
  return transport;
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'stdio-'));
  path = join(home, 'run', 'stdio.sock');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
  rmSync(home, { recursive: true, force: true });
});

describe('the socket', () => {
  it('is for its user only, and gone when the transport is closed', async () => {
    const transport = await start();
    expect(transport.address).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'run')).mode & 0o777).toBe(0o700);
    await transport.restart();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await transport.close();
    expect(existsSync(path)).toBe(false);
  });

  it('that a dead process left is replaced', async () => {
    mkdirSync(join(home, 'run'));
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script]), 'exit');
    expect(existsSync(path)).toBe(true);
    await start();
  });

  it('of a living process is not', async () => {
    await start();
    await expect(start()).rejects.toThrow(`{socket_in_use, "${path}"}`);
    expect(existsSync(path)).toBe(true);
  });

  it('does not replace a file that is none', async () => {
    mkdirSync(join(home, 'run'));
    writeFileSync(path, 'mine');
    await expect(start()).rejects.toThrow(`{not_a_socket, "${path}"}`);
    expect(existsSync(path)).toBe(true);
  });

  it('whose path is too long for the system is refused with limit and path', async () => {
    const long = join(home, 'x'.repeat(120), 'run', 'stdio.sock');
    const limit = process.platform === 'darwin' ? 103 : 107;
    await expect(start(long)).rejects.toThrow(`{socket_path_too_long, "${long}", ${long.length}, ${limit}}`);
  });

  it.skipIf(process.getuid?.() === 0)('in a folder that can not be written is refused', async () => {
    mkdirSync(join(home, 'run'));
    chmodSync(join(home, 'run'), 0o500);
    await expect(start()).rejects.toThrow(`{socket_unusable, "${path}", "EACCES"}`);
    chmodSync(join(home, 'run'), 0o700);
  });
});
