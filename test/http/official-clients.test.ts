/** The official clients' own reading of the protocol: how they reconnect, resume and cancel. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, onTestFinished, test } from 'vitest';
import { answer, type Call, json, progress } from './fake-gateway.ts';
import { type NodeUnderTest, start, until } from './node-under-test.ts';

const INFO = { name: 'test', version: '1' };
const RETRY_MS = 50;

/** Answers as a server with tools: `stream` tells of progress and hangs, `fail` of progress and fails. */
function serve(node: NodeUnderTest): void {
  node.gateway.onRequest = (call) => {
    const { method } = call.message;
    if (method === 'initialize') node.gateway.initialize(call);
    else if (method === 'server/discover') answer(call, DISCOVERED);
    else if (method === 'tools/call') callTool(call);
  };
}

const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: 'private',
};

function callTool(call: Call): void {
  const { id, params } = call.message;
  call.exchange.related(progress(1));
  if (params?.name !== 'fail') return;
  const error = { code: -32602, message: 'that failed' };
  call.exchange.respond(json({ jsonrpc: '2.0', id, error }), 200);
}

const note = (n: number): Buffer =>
  json({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: n } });

async function connected() {
  const node = await start({ limits: { retryMs: RETRY_MS } });
  serve(node);
  const gets: number[] = [];
  const counting: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (init?.method === 'GET') gets.push(response.status);
    return response;
  };
  const transport = new StreamableHTTPClientTransport(new URL(node.transport.address.url), {
    fetch: counting,
  });
  const client = new Client(INFO);
  onTestFinished(() => client.close());
  const notes: unknown[] = [];
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void notes.push(params.data),
  );
  await client.connect(transport as Parameters<Client['connect']>[0]);
  const session = node.gateway.sessions.get(transport.sessionId!)!;
  await until(() => session.sink !== undefined, 'the GET stream');
  return { node, client, session, notes, gets };
}

test('v1: a stream that a restart closed is resumed, and nothing is lost or told twice', async () => {
  const { node, client, session, notes } = await connected();
  const call = client.callTool({ name: 'stream' });
  await until(() => node.gateway.calls.at(-1)?.message.method === 'tools/call', 'the call');
  session.sink?.emit(note(1));
  await until(() => notes.length === 1, 'a note');
  await node.transport.restart();
  session.sink?.emit(note(2));
  answer(node.gateway.calls.at(-1)!, { content: [{ type: 'text', text: 'done' }] });
  expect((await call).content).toEqual([{ type: 'text', text: 'done' }]);
  await until(() => notes.length > 1, 'what came meanwhile');
  session.sink?.emit(note(3));
  await until(() => notes.length > 2, 'what comes after');
  expect(notes).toEqual([1, 2, 3]);
});

test('v1: a stream that ended with an error is not asked for again and again', async () => {
  const { client, gets } = await connected();
  await expect(client.callTool({ name: 'fail' })).rejects.toThrow('that failed');
  // This client takes an error for no end of the stream, and comes back: it is to be told that there is no more.
  await until(() => gets.length > 1, 'it to come back');
  expect(gets).toEqual([200, 405]);
  await expect(client.callTool({ name: 'fail' })).rejects.toThrow('that failed');
  await until(() => gets.length > 2, 'it to come back');
  expect(gets).toEqual([200, 405, 405]);
});

test('v1: the session is ended by its client', async () => {
  const { node, client, session } = await connected();
  await (client.transport as StreamableHTTPClientTransport).terminateSession();
  expect(node.gateway.sessions.has(session.id)).toBe(false);
  expect(node.transport.streams).toBe(0);
});

test('v2: a request of 2026-07-28 is answered, and cancelled by closing its response', async () => {
  const node = await start();
  serve(node);
  const client = new ModernClient(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  onTestFinished(() => client.close());
  await client.connect(new ModernTransport(new URL(node.transport.address.url)));
  const abort = new AbortController();
  const call = client.callTool({ name: 'stream' }, { signal: abort.signal });
  const rejected = expect(call).rejects.toThrow();
  await until(() => node.transport.streams === 1, 'the stream');
  abort.abort();
  await rejected;
  await until(() => node.gateway.abandoned.length === 1, 'the call to be abandoned');
  await expect(client.callTool({ name: 'fail' })).rejects.toThrow('that failed');
  expect(node.gateway.sessions.size).toBe(0);
});
