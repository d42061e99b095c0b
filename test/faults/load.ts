/**
 * Clients at work while a cell is played: the official SDKs over HTTP, each calling one tool after the other. What was acknowledged
 * is in the ledger, and what failed is here with the moment at which it failed. No call is sent again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoClient } from '../../bench/demo/clients/client.ts';
import { closeFleet, connectFleet } from '../../bench/demo/clients/fleet.ts';
import { Ledger } from '../../bench/demo/ledger.ts';
import { eventually } from '../support/test-node.ts';

const FLEET = { httpV1: 3, httpV2: 2, stdioV1: 0, stdioV2: 0 };
/** Of one client, between an answer and its next call. */
const PAUSE_MS = 30;
const IDLE_MS = 250;
/** Longer than any fault of the matrix keeps a caller waiting. A call that takes so long has not been answered. */
const CALL_MS = 30_000;
/** A call that is in flight in any phase that begins. */
const LONG_CALL_MS = 400;

export interface Failure {
  readonly client: string;
  readonly tool: string;
  readonly error: string;
  /** ms of `performance.now()`. */
  readonly at: number;
  readonly ms: number;
}

export class FaultLoad {
  readonly clients: readonly DemoClient[];
  readonly ledger = new Ledger();
  readonly failures: Failure[] = [];
  answered = 0;
  #running = true;
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(clients: readonly DemoClient[]) {
    this.clients = clients;
  }

  static async start(url: string): Promise<FaultLoad> {
    agentIsSet ??= closeIdleConnections();
    await agentIsSet;
    const load = new FaultLoad(await connectFleet(new URL(url), { command: '', args: [], env: {} }, FLEET));
    load.#loops = Promise.all(load.clients.map((client, at) => load.#loop(client, at)));
    return load;
  }

  /** Resolves when so many more calls have been answered. */
  async more(calls: number): Promise<void> {
    const wanted = this.answered + calls;
    await eventually(`${calls} more answers`, () => this.answered >= wanted, 2 * CALL_MS);
  }

  /** Sends no more, and waits until each call has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#loops;
  }

  async close(): Promise<void> {
    await this.stop();
    await closeFleet(this.clients);
  }

  async #loop(client: DemoClient, at: number): Promise<void> {
    for (let round = at; this.#running; round++) {
      await this.#step(client, round);
      await delay(PAUSE_MS);
    }
  }

  async #step(client: DemoClient, round: number): Promise<void> {
    const started = performance.now();
    const tool = TOOLS[round % TOOLS.length]!;
    try {
      await STEPS[tool](client, this.ledger, round);
      this.answered++;
    } catch (error) {
      const now = performance.now();
      this.failures.push({ client: client.name, tool, error: text(error), at: now, ms: now - started });
    }
  }
}

/** Idle connections are closed soon: a node that stops waits for them. */
async function closeIdleConnections(): Promise<void> {
  await fetch('data:,'); // Node makes its agent for the first request
  const key = Symbol.for('undici.globalDispatcher.1') as unknown as keyof typeof globalThis;
  const Agent = (globalThis[key] as object).constructor as new (options: object) => never;
  Object.assign(globalThis, {
    [key]: new Agent({ keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS }),
  });
}

let agentIsSet: Promise<void> | undefined;

type Step = (client: DemoClient, ledger: Ledger, round: number) => Promise<void>;

const STEPS = {
  note_add: async (client, ledger, round) => {
    const note = `${client.name} ${round} ${performance.now()}`;
    const { id } = await client.call('note_add', { text: note }, CALL_MS);
    ledger.noteAdded(String(id), note);
  },
  note_get: async (client, ledger) => {
    const id = ledger.someNote();
    if (id === undefined) return;
    const note = await client.call('note_get', { id }, CALL_MS);
    if (note.text !== ledger.textOf(id)) throw new Error(`note ${id} reads ${JSON.stringify(note.text)}`);
  },
  counter_increment: async (client, ledger) => {
    ledger.counted(Number((await client.call('counter_increment', {}, CALL_MS)).count));
  },
  note_list: async (client) => {
    await client.call('note_list', { limit: 5 }, CALL_MS);
  },
  sleep: async (client) => {
    await client.call('sleep', { ms: LONG_CALL_MS }, CALL_MS);
  },
} as const satisfies Record<string, Step>;

type Tool = keyof typeof STEPS;

const TOOLS: readonly Tool[] = [
  'note_add',
  'note_get',
  'counter_increment',
  'note_add',
  'note_list',
  'counter_increment',
  'sleep',
];

/** With its cause: of a `fetch` that fails it says why. */
function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
