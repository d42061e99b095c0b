import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { type AdminHttp, type AdminHttpOptions, startAdminHttp } from '../../src/admin/http/index.ts';
import { OperatorError } from '../../src/errors/index.ts';

let open: AdminHttp[] = [];
let logged: string[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.close()));
  open = [];
  logged = [];
});

async function start(options: Partial<AdminHttpOptions> = {}): Promise<AdminHttp> {
  const started = await startAdminHttp({
    host: '127.0.0.1',
    port: 0,
    live: () => true,
    ready: () => true,
    metricsText: () => 'erlmcp_up 1\n',
    log: { error: (message) => logged.push(message) },
    ...options,
  });
  open.push(started);
  return started;
}

interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; host?: string } = {},
): Promise<Reply> {
  const request = httpRequest({
    port,
    path,
    method: options.method ?? 'GET',
    headers: options.host === undefined ? {} : { host: options.host },
    signal: AbortSignal.timeout(20_000),
  });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}

describe('what is answered', () => {
  test('health and metrics', async () => {
    const { port } = await start({ ready: () => ({ ok: true, release: '2.1.0' }) });
    const live = await ask(port, '/health/live');
    expect([live.status, live.body]).toEqual([200, '{"ok":true}\n']);
    expect(live.headers['content-type']).toBe('application/json; charset=utf-8');
    const ready = await ask(port, '/health/ready?probe=kubelet');
    expect([ready.status, JSON.parse(ready.body)]).toEqual([200, { ok: true, release: '2.1.0' }]);
    const metrics = await ask(port, '/metrics');
    expect([metrics.status, metrics.body]).toEqual([200, 'erlmcp_up 1\n']);
    expect(metrics.headers['content-type']).toContain('version=0.0.4');
  });

  test('503 from a node that is not ready, or not alive', async () => {
    const { port } = await start({
      live: async () => false,
      ready: () => ({ ok: false, reason: 'no runner' }),
    });
    expect(await ask(port, '/health/live')).toMatchObject({ status: 503, body: '{"ok":false}\n' });
    expect(await ask(port, '/health/ready')).toMatchObject({
      status: 503,
      body: '{"ok":false,"reason":"no runner"}\n',
    });
  });

  test('503 and a line in the log where the answer fails or does not come', async () => {
    const { port } = await start({
      live: () => {
        throw new Error('boom');
      },
      ready: () => new Promise(() => {}),
      deadlineMs: 30,
    });
    expect((await ask(port, '/health/live')).status).toBe(503);
    expect((await ask(port, '/health/ready')).status).toBe(503);
    expect(logged).toHaveLength(2);
  });

  test('404 elsewhere, 405 for what would change something, no body for HEAD', async () => {
    const { port } = await start();
    for (const path of ['/', '/health', '/health/live/', '/mcp', '/__proto__']) {
      expect((await ask(port, path)).status).toBe(404);
    }
    const posted = await ask(port, '/metrics', { method: 'POST' });
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);
    const head = await ask(port, '/metrics', { method: 'HEAD' });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '12']);
  });
});

describe('the Host header', () => {
  test.each([
    ['localhost', 200],
    ['LOCALHOST:9090', 200],
    ['127.0.0.1:9090', 200],
    ['[::1]:9090', 200],
    ['metrics.example', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['evil.example:9090', 403],
    ['localhost:evil', 403],
    ['localhost@evil.example', 403],
    ['10.0.0.7:9090', 403],
  ])('on loopback: %s', async (host, status) => {
    const { port } = await start({ allowedHosts: ['Metrics.example'] });
    expect((await ask(port, '/health/live', { host })).status).toBe(status);
  });

  test('none at all', async () => {
    const { port } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /health/live HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('open to others: their addresses, but no name that could be rebound', async () => {
    const { port } = await start({ host: '0.0.0.0' });
    expect((await ask(port, '/health/live', { host: '10.0.0.7:9090' })).status).toBe(200);
    expect((await ask(port, '/health/live', { host: '[fe80::1]:9090' })).status).toBe(200);
    expect((await ask(port, '/health/live', { host: 'evil.example' })).status).toBe(403);
  });
});

describe('opening and closing', () => {
  const refusal = async (options: Partial<AdminHttpOptions>): Promise<OperatorError> => {
    const error = await start(options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(OperatorError);
    return error as OperatorError;
  };

  test('a port in use is named, with what to do', async () => {
    const { port } = await start();
    const error = await refusal({ port });
    expect(error.reason).toBe(`{eaddrinuse, ${port}}`);
    expect(error.message).toContain('ERLMCP_ADMIN_PORT');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = (other.address() as AddressInfo).port;
    expect((await refusal({ port: taken })).reason).toBe(`{eaddrinuse, ${taken}}`);
    other.close();
  });

  test('an address of another machine', async () => {
    const error = await refusal({ host: '192.0.2.1', port: 0 });
    expect(error.reason).toBe('{eaddrnotavail, 0, "192.0.2.1"}');
    expect(error.message).toContain('"bind"');
  });

  test('closing lets an answer go out, cuts who never asks, and frees the port', async () => {
    const asked = Promise.withResolvers<void>();
    const started = await start({
      ready: async () => {
        asked.resolve();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return true;
      },
    });
    const silent = connect(started.port, '127.0.0.1');
    await once(silent, 'connect');
    const answer = ask(started.port, '/health/ready');
    await asked.promise;
    const closed = Promise.all([started.close(), started.close(), once(silent, 'close')]);
    expect((await answer).status).toBe(200);
    await closed;
    await start({ port: started.port });
  });
});
