/**
 * The definition of a server: pure data and callbacks, no running thing. Its state is explicit and survives a structured
 * clone; what it is asked are tuples, as in Erlang, typed by a map from the request's name to its signature:
 *
 *     type Calls = { increment: () => { count: number }; add: (n: number) => { count: number } };
 *     await call(counter, ['add', 2]);   // { count: number }
 */
import type { From } from './envelope.ts';
import type { NoReply, Reply, Stop } from './results.ts';

/** Names of requests and their signatures; works for type aliases and interfaces. */
export type Protocol<P> = { [K in keyof P]: (...args: never[]) => unknown };

/** The parameters of a request's signature. */
export type RequestArgs<Signature> = Signature extends (...args: infer Args) => unknown ? Args : never;

/** What a request's caller gets. */
export type ReplyOf<Signature> = Signature extends (...args: never[]) => infer Value ? Awaited<Value> : never;

/** The union of a protocol's request tuples: `['increment'] | ['add', n: number]`. */
export type RequestOf<P> = { [K in keyof P]: readonly [K, ...RequestArgs<P[K]>] }[keyof P];

/** The union of a protocol's replies. */
export type AnyReplyOf<P> = { [K in keyof P]: ReplyOf<P[K]> }[keyof P];

export type CallResult<State, Calls> =
  | Reply<AnyReplyOf<Calls>, State>
  | NoReply<State>
  | Stop<State, AnyReplyOf<Calls>>
  | Stop<State>;
export type CastResult<State> = NoReply<State> | Stop<State>;

type MaybePromise<T> = T | Promise<T>;

/** A server's callbacks. Any may be async; the process takes its next message when it has settled. An error ends the process. */
export interface ServerDefinition<State, Calls, Casts, Args> {
  /** Registered name of the process; a child spec may give another. */
  readonly name: string;
  /** Of the shape of `state`; raise it when that changes. */
  readonly version: number;
  /** The first state. In an upgrade it runs before the switch: no effect outside, no calls to other servers; that is for `resumed`. */
  init(args: Args): MaybePromise<State>;
  handleCall(request: RequestOf<Calls>, from: From, state: State): MaybePromise<CallResult<State, Calls>>;
  /** Without it a cast ends the process with `{undef, handle_cast}`. */
  handleCast?(message: RequestOf<Casts>, state: State): MaybePromise<CastResult<State>>;
  /** Timers, `send` and `['DOWN', ref, name, reason]`. Without it such messages are dropped. */
  handleInfo?(message: unknown, state: State): MaybePromise<CastResult<State>>;
  /** The process ends: by `stop`, by its supervisor (`shutdown`) or by an error. */
  terminate?(reason: string, state: State): MaybePromise<void>;
  /** Makes a state of this version from one of another, after the appup's lens. */
  codeChange?(oldVersion: number, state: unknown): MaybePromise<State>;
  /** The process has stopped to take messages, and may be handed over: let go of what is exclusive. May return a new state. */
  suspended?(state: State): MaybePromise<State | undefined> | MaybePromise<void>;
  /** The process begins to take messages: after `init`, adoption or a suspension: take what is exclusive. May return a new state. */
  resumed?(state: State): MaybePromise<State | undefined> | MaybePromise<void>;
  /**
   * Each new state is saved before the reply, and loaded instead of `init` at the next start. A state that is the same
   * object counts as unchanged, so such a server replaces its state and never mutates it (it is frozen to make sure).
   */
  readonly persist?: boolean;
  /**
   * In the rehearsal of a dry run, where the server stands beside the one that serves and has a copy of its state, `resumed` may run and
   * its timers may fire: neither has an effect outside of the tables. Default false: the rehearsal leaves both out, and says so.
   */
  readonly safeToRehearse?: boolean;
}

/** A server as the process table sees it. */
export interface AnyServer {
  readonly kind: 'server';
  readonly name: string;
  readonly version: number;
  readonly callbacks: ServerCallbacks;
}

/** Callbacks with their types erased. */
export interface ServerCallbacks {
  readonly persist?: boolean;
  readonly safeToRehearse?: boolean;
  init(args: unknown): unknown;
  handleCall(request: unknown, from: From, state: unknown): unknown;
  handleCast?(message: unknown, state: unknown): unknown;
  handleInfo?(message: unknown, state: unknown): unknown;
  terminate?(reason: string, state: unknown): unknown;
  codeChange?(oldVersion: number, state: unknown): unknown;
  suspended?(state: unknown): unknown;
  resumed?(state: unknown): unknown;
}

/** A server that says what it can be asked. `protocol` exists for the type checker only. */
export interface GenServer<State, Calls, Casts, Args> extends AnyServer {
  readonly protocol?: {
    readonly calls: Calls;
    readonly casts: Casts;
    readonly state: State;
    readonly args: Args;
  };
}

/** Anything that `call` can be typed by. */
export interface CallTarget<Calls> {
  readonly name: string;
  readonly protocol?: { readonly calls: Calls };
}

/** Anything that `cast` can be typed by. */
export interface CastTarget<Casts> {
  readonly name: string;
  readonly protocol?: { readonly casts: Casts };
}

/** Defines a server: `genServer<State, Calls, Casts, Args>({ name, version, init, handleCall, … })`. Nothing runs until it is started. */
export function genServer<
  State,
  Calls extends Protocol<Calls> = Record<never, never>,
  Casts extends Protocol<Casts> = Record<never, never>,
  Args = void,
>(definition: ServerDefinition<State, Calls, Casts, Args>): GenServer<State, Calls, Casts, Args> {
  const { name, version } = definition;
  return { kind: 'server', name, version, callbacks: definition as unknown as ServerCallbacks };
}
