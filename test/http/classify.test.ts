/** Our ladder against the official SDK's, which is the oracle for status, code and era. */
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify, type Route } from '../../src/host/transports/http/classify.ts';
import { isJsonType } from '../../src/host/transports/http/media-types.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const INFO = 'io.modelcontextprotocol/clientInfo';
const LEVEL = 'io.modelcontextprotocol/logLevel';
const TASK = 'io.modelcontextprotocol/related-task';

/** Any JSON, or what belongs there: so that most messages fail in one place only. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });

const text = fc.constantFrom('', 'a', 'tools/call', 'note');
const object = fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue({ maxDepth: 1 }));
const optional = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[] = []) =>
  fc.record(members, { requiredKeys: requiredKeys as never });

const version = mostly(
  fc.constantFrom('2026-07-28', '2026-07-28', '2025-11-25', '2027-01-01', '2025-06-18', 'draft', ''),
);
const capabilities = optional({
  experimental: mostly(fc.dictionary(text, mostly(object))),
  sampling: mostly(optional({ context: mostly(object), tools: mostly(object) })),
  elicitation: mostly(
    optional({ form: mostly(optional({ applyDefaults: mostly(fc.boolean()) })), url: mostly(object) }),
  ),
  roots: mostly(optional({ listChanged: mostly(fc.boolean()) })),
  extensions: mostly(fc.dictionary(text, mostly(object))),
  other: fc.jsonValue({ maxDepth: 1 }),
});
const icon = optional(
  {
    src: mostly(text),
    mimeType: mostly(text),
    sizes: mostly(fc.array(mostly(text), { maxLength: 2 })),
    theme: mostly(fc.constantFrom('light', 'dark')),
  },
  ['src'],
);
const clientInfo = optional(
  {
    name: mostly(text),
    version: mostly(text),
    title: mostly(text),
    icons: mostly(fc.array(mostly(icon), { maxLength: 2 })),
    websiteUrl: mostly(text),
    description: mostly(text),
  },
  ['name', 'version'],
);
const meta = optional({
  [VERSION]: version,
  [CAPABILITIES]: mostly(capabilities),
  [INFO]: mostly(clientInfo),
  [LEVEL]: mostly(fc.constantFrom('debug', 'info', 'emergency')),
  [TASK]: mostly(optional({ taskId: mostly(text) })),
  progressToken: mostly(fc.oneof(text, fc.integer())),
  other: fc.jsonValue({ maxDepth: 1 }),
});
const wholeEnvelope = { [VERSION]: '2026-07-28', [CAPABILITIES]: {} };
/** An envelope that is right but for what `meta` puts into it. */
const envelope = fc
  .tuple(meta, fc.boolean())
  .map(([some, whole]) => (whole ? { ...wholeEnvelope, ...some } : some));
const params = optional({ _meta: mostly(envelope), name: text, protocolVersion: version });
const id = mostly(fc.oneof(fc.integer(), text, fc.constantFrom(2 ** 53, 2 ** 53 - 1, 1.5)));
const method = mostly(fc.constantFrom('tools/call', 'initialize', 'notifications/x', ''));
const jsonrpc = fc.oneof(
  { weight: 20, arbitrary: fc.constant('2.0') },
  { weight: 1, arbitrary: fc.constant('1.0') },
);
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: optional({ jsonrpc, id, method, params: mostly(params) }, ['jsonrpc', 'id', 'method']),
  },
  { weight: 3, arbitrary: optional({ jsonrpc, method, params: mostly(params) }, ['jsonrpc', 'method']) },
  {
    weight: 2,
    arbitrary: optional({ jsonrpc, id, result: mostly(optional({ _meta: mostly(object), a: text })) }, [
      'jsonrpc',
    ]),
  },
  {
    weight: 2,
    arbitrary: optional({
      jsonrpc,
      id,
      error: mostly(optional({ code: mostly(fc.integer()), message: mostly(text) })),
    }),
  },
  {
    weight: 1,
    arbitrary: optional({
      jsonrpc,
      id,
      method,
      params: mostly(params),
      result: object,
      error: object,
      more: text,
    }),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const body = fc.oneof(
  { weight: 8, arbitrary: message },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }) },
);
const header = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const versionHeader = header(fc.constantFrom('2026-07-28', '2025-11-25', '2027-01-01', 'zzz', ''));
const methodHeader = header(fc.constantFrom('tools/call', 'initialize', 'notifications/x'));

/** What both say, in one form. Problems in an envelope are worded by each in its own way; keys are compared. */
function ours(route: Route): unknown {
  if (typeof route === 'string') return { route };
  const { status, code, data } = route;
  return { status, code, data: comparable(data) };
}

type Outcome = ReturnType<typeof classifyInboundRequest>;

function theirs(outcome: Outcome): unknown {
  if (outcome.kind === 'reject') {
    return { status: outcome.httpStatus, code: outcome.code, data: comparable(outcome.data) };
  }
  if (outcome.kind === 'modern') return { route: `modern_${outcome.messageKind}` };
  const legacy = {
    initialize: 'initialize',
    batch: 'session_batch',
    response: 'session_one_way',
    notification: 'session_one_way',
    'no-claim': 'session_request',
    'http-method': 'none',
  };
  return { route: legacy[outcome.reason] };
}

function comparable(data: unknown): unknown {
  const { envelope, mismatch } = (data ?? {}) as {
    envelope?: { key?: string; missing?: string[] };
    mismatch?: { header: string };
  };
  return { key: envelope?.key, missing: envelope?.missing, header: mismatch?.header };
}

test('decides every message as the SDK does', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(body, versionHeader, methodHeader, (value, protocolVersionHeader, mcpMethodHeader) => {
      const parsed = JSON.parse(JSON.stringify(value));
      const expected = theirs(
        classifyInboundRequest({
          httpMethod: 'POST',
          body: parsed,
          ...(protocolVersionHeader !== undefined && { protocolVersionHeader }),
          ...(mcpMethodHeader !== undefined && { mcpMethodHeader }),
        }),
      );
      expect(ours(classify(parsed, protocolVersionHeader, mcpMethodHeader))).toEqual(expected);
      const kind = JSON.stringify(expected, (key, v) => (key === 'key' || key === 'header' ? key : v));
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    // The same every time: what follows counts what was reached.
    { numRuns: 3_000, seed: 20_260_728 },
  );
  // The generator must reach all of the ladder, or the property says little.
  for (const route of [
    'initialize',
    'session_request',
    'session_one_way',
    'session_batch',
    'modern_request',
    'modern_notification',
  ]) {
    expect(seen.get(JSON.stringify({ route })), route).toBeGreaterThan(5);
  }
  for (const code of [-32600, -32602, -32020]) {
    const count = [...seen].filter(([kind]) => kind.includes(`${code}`)).reduce((sum, [, n]) => sum + n, 0);
    expect(count, String(code)).toBeGreaterThan(30);
  }
});

test.each([
  ['application/json', true],
  ['Application/JSON; charset=utf-8', true],
  ['application/json;', true],
  ['application/json; charset=', true],
  ['application/json; a="x,y"', true],
  ['text/plain; a=application/json', false],
  ['application/json, text/plain', false],
  ['application/jsonl', false],
  ['application/json+x', false],
  ['', false],
  [undefined, false],
])('takes %s for JSON: %s', async (header, expected) => {
  const { isJsonContentType } = await import('@modelcontextprotocol/server');
  expect(isJsonType(header)).toBe(expected);
  expect(isJsonContentType(header ?? null)).toBe(expected);
});
