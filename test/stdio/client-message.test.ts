import { describe, expect, it } from 'vitest';
import { BadMessage, oversizedRequestId, parseClientMessage } from '../../src/bridge/client-message.ts';
import { parseClientMessage as parseAtHost } from '../../src/host/transports/stdio/client-message.ts';

const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

function refusal(value: unknown): [code: number, id: unknown] {
  try {
    parseClientMessage(bytes(value));
  } catch (error) {
    if (error instanceof BadMessage) return [error.code, error.id];
    throw error;
  }
  throw new Error('it was taken');
}

const claim = (version: unknown): object => ({
  _meta: { 'io.modelcontextprotocol/protocolVersion': version },
});

describe('a line of the client', () => {
  it.each([
    ['{', -32700, null],
    ['', -32700, null],
    ['null', -32600, null],
    ['7', -32600, null],
    [[{ jsonrpc: '2.0', id: 1, method: 'ping' }], -32600, null],
    [{ id: 1, method: 'ping' }, -32600, 1],
    [{ jsonrpc: '2.0', id: 1.5, method: 'ping' }, -32600, null],
    [{ jsonrpc: '2.0', id: null, method: 'ping' }, -32600, null],
    [{ jsonrpc: '2.0', id: {}, method: 'ping' }, -32600, null],
    [{ jsonrpc: '2.0', id: 1, method: 7 }, -32600, null],
    [{ jsonrpc: '2.0', id: 1, method: 'ping', params: [] }, -32600, 1],
    [{ jsonrpc: '2.0', id: 1 }, -32600, null],
    [{ jsonrpc: '1.0', id: 1, result: {} }, -32600, null],
  ])('%j is refused with %i', (value, code, id) => {
    expect(refusal(value)).toEqual([code, id]);
  });

  it('is a request, a notification or an answer', () => {
    const kind = (value: object): string => parseClientMessage(bytes({ jsonrpc: '2.0', ...value })).kind;
    expect(kind({ id: 1, method: 'ping' })).toBe('request');
    expect(kind({ method: 'notifications/initialized' })).toBe('notification');
    expect(kind({ id: 'a', result: {} })).toBe('response');
    expect(kind({ id: 'a', error: { code: 1, message: '' } })).toBe('response');
  });

  it.each([
    ['2026-07-28', true],
    ['2099-01-01', true],
    ['2025-11-25', false],
    [7, false],
    [undefined, false],
  ])('with the claim %s is without a session: %s, to the bridge and to the host', (version, sessionless) => {
    const raw = bytes({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: claim(version) });
    expect(parseClientMessage(raw).sessionless).toBe(sessionless);
    expect(parseAtHost(raw).sessionless).toBe(sessionless);
  });
});

describe('the id of a request over the limit', () => {
  const id = (line: string): unknown => oversizedRequestId(line.slice(0, 512), line.slice(-512));
  const long = 'x'.repeat(2_000);

  it('is found at the end, where the official SDKs put it', () => {
    const params = { text: long, id: 9 };
    expect(id(JSON.stringify({ method: 'tools/call', params, jsonrpc: '2.0', id: 7 }))).toBe(7);
    expect(id(JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params, id: 'a"b' }))).toBe('a"b');
  });

  it('is found at the start', () => {
    expect(
      id(JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { text: long, id: 9 } })),
    ).toBe(7);
  });

  it('is never one of inside, of a notification or of an answer', () => {
    expect(
      id(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/x', params: { text: long, id: 9 } })),
    ).toBe(undefined);
    expect(
      id(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/x', params: { text: `${long}"id":9}` } })),
    ).toBe(undefined);
    expect(id(JSON.stringify({ jsonrpc: '2.0', result: { text: long }, id: 3 }))).toBe(undefined);
    expect(id(JSON.stringify({ jsonrpc: '2.0', id: 3, result: { text: long } }))).toBe(undefined);
    expect(id('x'.repeat(2_000))).toBe(undefined);
  });
});
