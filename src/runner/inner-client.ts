/**
 * A client inside the runner: asks the application's own server what it offers, and answers probe traffic, through
 * the same channels that clients use.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type McpServerFactory,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import type { Replay, Surface, ToolSurface } from '../wire/index.ts';
import type { Incoming, Outgoing } from './json-rpc.ts';
import type { ChannelPort } from './port.ts';
import { SessionChannel } from './session-channel.ts';
import { SharedChannel } from './shared-channel.ts';

const REVISION_2025 = '2025-11-25';
const REVISION_2026 = '2026-07-28';
const ANSWER_DEADLINE_MS = 10_000;
const METHOD_NOT_FOUND = -32601;
const CLIENT_INFO = { name: 'erlmcp', version: '1' };

const INITIALIZE = { protocolVersion: REVISION_2025, capabilities: {}, clientInfo: CLIENT_INFO };

/** What a session is rebuilt from whose client has said this to a server that answered with `protocolVersion`. */
export const replayOf = (protocolVersion: string): Partial<Replay> => ({
  protocolVersion,
  initialize: { jsonrpc: '2.0', id: 1, method: 'initialize', params: INITIALIZE },
  initialized: { jsonrpc: '2.0', method: 'notifications/initialized' },
});

const ENVELOPE = {
  [PROTOCOL_VERSION_META_KEY]: REVISION_2026,
  [CLIENT_INFO_META_KEY]: CLIENT_INFO,
  [CLIENT_CAPABILITIES_META_KEY]: {},
};

interface Deliverer {
  deliver(request: number, message: Incoming): void;
}

export class InnerClient {
  readonly #answers = new Map<number, (answer: Outgoing) => void>();
  readonly #meta: Record<string, unknown> | undefined;
  #channel: Deliverer | undefined;
  #close: () => Promise<void> = async () => {};
  #next = 1;

  private constructor(meta: Record<string, unknown> | undefined) {
    this.#meta = meta;
  }

  /** @param replay builds the instance of a session that is there already; only in the era of 2025 */
  static async open(
    factory: McpServerFactory,
    era: '2025' | '2026',
    replay: Partial<Replay> = {},
  ): Promise<InnerClient> {
    const client = new InnerClient(era === '2026' ? ENVELOPE : undefined);
    const port: ChannelPort = {
      response: (request, json) => client.#answers.get(request)?.(JSON.parse(json) as Outgoing),
      related: () => {},
      emit: () => {},
      settled: () => {},
    };
    if (era === '2026') {
      const shared = new SharedChannel(port);
      shared.open(factory, () => {});
      client.#channel = shared;
      client.#close = () => shared.close();
      return client;
    }
    const session = new SessionChannel('inner', port, 'inner.');
    await session.open(() => factory({ era: 'legacy' }), {
      sessionId: 'inner',
      protocolVersion: '',
      requests: [],
      ...replay,
    });
    client.#channel = session;
    client.#close = async () => session.product?.close();
    return client;
  }

  /** Rejects where there is no answer within the time. */
  request(
    method: string,
    params: Record<string, unknown> = {},
    deadlineMs = ANSWER_DEADLINE_MS,
  ): Promise<Outgoing> {
    const request = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(request);
        reject(new Error(`the application's server gave no answer to ${method} in ${deadlineMs} ms`));
      }, deadlineMs);
      this.#answers.set(request, (answer) => {
        clearTimeout(timer);
        this.#answers.delete(request);
        resolve(answer);
      });
      const full = this.#meta ? { ...params, _meta: this.#meta } : params;
      this.#channel?.deliver(request, { jsonrpc: '2.0', id: request, method, params: full });
    });
  }

  initialize(): Promise<Outgoing> {
    return this.request('initialize', INITIALIZE);
  }

  close(): Promise<void> {
    return this.#close();
  }
}

const LISTS = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
} as const;

type Lists = Record<keyof typeof LISTS, Record<string, unknown>[]>;

/** All pages of a list; empty where the server does not offer it. Throws what the server answers otherwise. */
export async function readList(
  client: InnerClient,
  method: string,
  member: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor: unknown;
  do {
    const answer = await client.request(method, cursor === undefined ? {} : { cursor });
    if (answer.error?.code === METHOD_NOT_FOUND) return items;
    if (answer.error) throw new Error(answer.error.message);
    items.push(...((answer.result?.[member] as Record<string, unknown>[] | undefined) ?? []));
    cursor = answer.result?.nextCursor;
  } while (cursor !== undefined);
  return items;
}

/** What the application's server offers to a client. */
export async function readSurface(factory: McpServerFactory): Promise<Surface> {
  const client = await InnerClient.open(factory, '2025');
  try {
    const hello = await client.initialize();
    const lists: Lists = { tools: [], prompts: [], resources: [], resourceTemplates: [] };
    const unread: NonNullable<Surface['unread']> = {};
    for (const [name, method] of Object.entries(LISTS) as [keyof Lists, string][])
      await readList(client, method, name).then(
        (items) => {
          lists[name] = items;
        },
        (error: Error) => {
          unread[name] = error.message;
        },
      );
    const surface = {
      ...lists,
      tools: lists.tools.map(toolSurface),
      capabilities: hello.result?.capabilities,
    };
    return Object.keys(unread).length === 0 ? surface : { ...surface, unread };
  } finally {
    await client.close();
  }
}

function toolSurface(definition: Record<string, unknown>): ToolSurface {
  const annotations = (definition.annotations ?? {}) as { readOnlyHint?: boolean; idempotentHint?: boolean };
  return {
    name: String(definition.name),
    readOnly: annotations.readOnlyHint === true,
    idempotent: annotations.idempotentHint === true,
    definition,
  };
}
