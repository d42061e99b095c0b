/**
 * Calls at a fixed rate, whatever the answers take, and times each from the moment at which it was due: a server that stalls is
 * charged for every call that should have been made meanwhile. A call that fails is counted, never sent again.
 */
import type { DemoClient } from './clients/client.ts';
import type { Ledger } from './ledger.ts';

export interface Sample {
  /** When the call was due, and how long after that its answer came; ms of `performance.now()`. */
  due: number;
  ms: number;
}

export interface Failure {
  client: string;
  tool: string;
  error: string;
}

type Operation = (client: DemoClient, ledger: Ledger, sequence: number) => Promise<void>;

const CALL_TIMEOUT_MS = 20_000;

const addNote: Operation = async (client, ledger, sequence) => {
  const text = `note ${sequence} by ${client.name}`;
  const { id } = await client.call('note_add', { text }, CALL_TIMEOUT_MS);
  ledger.noteAdded(String(id), text);
};

const getNote: Operation = async (client, ledger, sequence) => {
  const id = ledger.someNote();
  if (id === undefined) return addNote(client, ledger, sequence);
  const { text } = await client.call('note_get', { id }, CALL_TIMEOUT_MS);
  if (text !== ledger.textOf(id)) throw new Error(`note ${id} reads ${JSON.stringify(text)}`);
};

const increment: Operation = async (client, ledger) => {
  const { count } = await client.call('counter_increment', {}, CALL_TIMEOUT_MS);
  ledger.counted(Number(count));
};

const listNotes: Operation = async (client) => {
  const { notes } = await client.call('note_list', { limit: 5 }, CALL_TIMEOUT_MS);
  if (!Array.isArray(notes)) throw new Error('note_list returned no list');
};

const askVersion: Operation = async (client) => {
  const { version } = await client.call('whoami', {}, CALL_TIMEOUT_MS);
  if (typeof version !== 'string') throw new Error('whoami returned no version');
};

/** Ten calls of a typical minute: mostly notes, some counting. */
const MIX: readonly [tool: string, operation: Operation][] = [
  ['note_add', addNote],
  ['note_get', getNote],
  ['counter_increment', increment],
  ['note_add', addNote],
  ['note_get', getNote],
  ['whoami', askVersion],
  ['note_add', addNote],
  ['note_get', getNote],
  ['counter_increment', increment],
  ['note_list', listNotes],
];

export class Load {
  readonly samples: Sample[] = [];
  readonly failures: Failure[] = [];
  sent = 0;
  readonly #clients: readonly DemoClient[];
  readonly #ledger: Ledger;
  readonly #intervalMs: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #sleeps: Promise<void>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #started = 0;
  #scheduled = 0;

  constructor(clients: readonly DemoClient[], ledger: Ledger, callsPerSecond: number) {
    this.#clients = clients;
    this.#ledger = ledger;
    this.#intervalMs = 1000 / callsPerSecond;
  }

  start(): void {
    this.#started = performance.now();
    this.#timer = setInterval(() => this.#sendDue(), 1);
  }

  /** Sends nothing more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Goes on with the schedule until the sleeps have ended, then waits for the rest; each call ends at the latest by its timeout. */
  async drain(): Promise<void> {
    await Promise.all(this.#sleeps);
    this.stop();
    await Promise.all(this.#inFlight);
  }

  /** `sleep` calls beside the schedule, each on its own client; a wrong answer or an error counts as any other. */
  sleep(clients: readonly DemoClient[], ms: number): void {
    for (const client of clients) {
      const operation: Operation = async () => {
        const result = await client.call('sleep', { ms }, ms + CALL_TIMEOUT_MS);
        if (result.ms !== ms) throw new Error(`sleep returned ${JSON.stringify(result)}`);
      };
      this.#sleeps.push(this.#send(client, 'sleep', operation, 0));
    }
  }

  #sendDue(): void {
    for (let due = this.#nextDue(); due <= performance.now(); due = this.#nextDue()) {
      const sequence = this.#scheduled++;
      const client = this.#clients[sequence % this.#clients.length]!;
      // Shifted by one each time around, so that every client makes every kind of call.
      const [tool, operation] = MIX[(sequence + Math.floor(sequence / this.#clients.length)) % MIX.length]!;
      this.#send(client, tool, operation, sequence, due);
    }
  }

  #nextDue(): number {
    return this.#started + this.#scheduled * this.#intervalMs;
  }

  #send(
    client: DemoClient,
    tool: string,
    operation: Operation,
    sequence: number,
    due?: number,
  ): Promise<void> {
    this.sent++;
    const call = operation(client, this.#ledger, sequence).then(
      () => {
        if (due !== undefined) this.samples.push({ due, ms: performance.now() - due });
      },
      (error: unknown) => {
        this.failures.push({
          client: client.name,
          tool,
          error: error instanceof Error ? error.message : String(error),
        });
      },
    );
    this.#inFlight.add(call);
    void call.finally(() => this.#inFlight.delete(call));
    return call;
  }
}
