/**
 * A connection to a node's control socket. Every request has a deadline; when the connection ends, each request that
 * waits is rejected at once with ConnectionLost. Results are trusted: the node has held them to their schemas.
 */
import { connect, type Socket } from 'node:net';
import { type ErrorMessage, encodeLine, MAX_ANSWER_BYTES, type ServerMessage } from '../control/json-rpc.ts';
import { LineSplitter } from '../control/line-splitter.ts';
import type { MethodName, NotificationName, NotificationOf, ParamsOf, ResultOf } from '../control/methods.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import { EXIT } from './exit-codes.ts';
import { RemoteError } from './failure.ts';
import { controlSocket } from './home.ts';

/** A node that lives answers within this time, so that a command, its own start included, is over within 5 s. */
export const ANSWER_MS = 4500;

/** Of all requests of a command together, by `performance.now()`. */
export const answerDeadline = (): number => {
  const now = performance.now();
  return now < STARTING_MS ? Math.max(ANSWER_MS, now + LEAST_MS) : now + ANSWER_MS;
};

/** What the start of the program took counts, for who waits does not know of it; the node gets so long in any case. */
const STARTING_MS = 3_000;
const LEAST_MS = 1_000;

export class ConnectionLost extends OperatorError {
  constructor() {
    super(
      tuple('connection_lost', 'control'),
      'The node closed the connection before it answered; the outcome is not known.',
      'See what it does with: erlmcpctl status',
      { exitCode: EXIT.noAnswer },
    );
  }
}

interface Waiting {
  settle: (message: ServerMessage) => void;
  reject: (error: Error) => void;
}

export type NotificationListener = (name: NotificationName, params: NotificationOf<NotificationName>) => void;

export class ControlClient {
  readonly #home: string;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lines = new LineSplitter(MAX_ANSWER_BYTES);
  #nextId = 1;
  /** When something was last received, by `performance.now()`. */
  lastHeard = performance.now();
  onNotification: NotificationListener = () => {};

  private constructor(home: string, socket: Socket) {
    this.#home = home;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('close', () => this.#loseAll());
    // 'close' follows and rejects whoever waits.
    socket.on('error', () => {});
  }

  /** Throws OperatorError: not reachable (69), or no answer in time (124). */
  static async connect(home: string, deadlineMs = ANSWER_MS): Promise<ControlClient> {
    return new ControlClient(home, await openSocket(home, deadlineMs));
  }

  /** @param deadlineMs Infinity for a request that is watched over in another way. */
  async request<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    deadlineMs = ANSWER_MS,
  ): Promise<ResultOf<M>> {
    if (this.#socket.destroyed) throw new ConnectionLost();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<ServerMessage>();
    this.#waiting.set(id, { settle: resolve, reject });
    const timer = Number.isFinite(deadlineMs)
      ? setTimeout(() => reject(noAnswer(this.#home, deadlineMs)), deadlineMs)
      : undefined;
    const expires = Number.isFinite(deadlineMs) ? { expires: Date.now() + Math.ceil(deadlineMs) } : {};
    this.#socket.write(encodeLine({ jsonrpc: '2.0', id, method, params, ...expires }));
    try {
      const message = await promise;
      if ('error' in message) throw new RemoteError(message.error);
      return ('result' in message ? message.result : undefined) as ResultOf<M>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  get isLost(): boolean {
    return this.#socket.destroyed;
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.lastHeard = performance.now();
    try {
      for (const line of this.#lines.push(chunk)) {
        if (line.length > 0) this.#onMessage(JSON.parse(line.toString()));
      }
    } catch {
      // What answers is no node of ours: nothing that it says can be told apart any more.
      this.#socket.destroy();
    }
  }

  #onMessage(message: ServerMessage): void {
    if ('method' in message) {
      const { method, params } = message as { method: NotificationName; params: unknown };
      this.onNotification(method, params as NotificationOf<NotificationName>);
    } else if (message.id === null) {
      const error = new RemoteError((message as ErrorMessage).error);
      for (const { reject } of this.#waiting.values()) reject(error);
    } else {
      this.#waiting.get(Number(message.id))?.settle(message);
    }
  }

  #loseAll(): void {
    for (const { reject } of this.#waiting.values()) reject(new ConnectionLost());
  }
}

function openSocket(home: string, deadlineMs: number): Promise<Socket> {
  const path = controlSocket(home);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(noAnswer(home, deadlineMs));
    }, deadlineMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(connectFailure(home, path, error, deadlineMs));
    });
  });
}

function connectFailure(
  home: string,
  path: string,
  error: NodeJS.ErrnoException,
  deadlineMs: number,
): OperatorError {
  // The queue of connections that the node has not taken up is full.
  if (error.code === 'EAGAIN') return noAnswer(home, deadlineMs);
  const reason = REASONS[error.code ?? ''] ?? error.message;
  const remedy =
    error.code === 'EACCES'
      ? 'Call erlmcpctl as the user who runs the node.'
      : 'Start it with `erlmcp start`, or name another home with --home or ERLMCP_HOME.';
  return new OperatorError(
    tuple('node_not_reachable', home),
    `No node of the home ${home} answers at ${path} (${reason}).`,
    remedy,
    { cause: error, exitCode: EXIT.notReachable },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ENOTDIR: 'there is no such folder',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'this user may not open it',
  ENOTSOCK: 'it is not a socket',
  EINVAL: 'the path is too long for this system',
  ENAMETOOLONG: 'the path is too long for this system',
};

export const noAnswer = (home: string, deadlineMs: number): OperatorError =>
  new OperatorError(
    tuple('no_answer', home),
    `The node of the home ${home} did not answer within ${Math.max(Math.round(deadlineMs / 100) / 10, 0.1)} s; the outcome is not known.`,
    'See whether it is busy or stopped in its log/erlmcp.log.',
    { exitCode: EXIT.noAnswer },
  );
