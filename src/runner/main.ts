/**
 * The runner: what the bundle of a release runs. It speaks to the host on the inherited socket (descriptor 3) and ends when
 * that closes. It decides nothing: it loads, serves, suspends and hands over as the host says.
 */
import { Socket } from 'node:net';
import { type Envelope, isNormalExit, processes, type RemotePort } from '../otp/index.ts';
import { STORE_VERSION } from '../release/versions.ts';
import { barWrites, isCommitFailure } from '../tables/index.ts';
import {
  type CallFailure,
  FrameFlag,
  type FrameKind,
  type HostMessage,
  FrameKind as Kind,
  Link,
  type RunnerMessage,
  type RunnerRole,
  WIRE_VERSION,
} from '../wire/index.ts';
import type { Release } from './application.ts';
import { Channels } from './channels.ts';
import { declaredServers, moveNameOf, serversOf } from './children.ts';
import { type Commands, commands } from './commands.ts';
import { describe, mcpApplication } from './describe.ts';
import { isIsolated } from './isolation.ts';
import type { ChannelPort } from './port.ts';
import { ProcessViews } from './process-views.ts';
import { reasonOf, Servers } from './servers.ts';
import { Storage } from './storage.ts';

const HOST_DESCRIPTOR = 3;

/** Bytes that the host has not taken: from here on the runner reads nothing more until it has. */
const BACKLOG_BYTES = 32 * 1024 * 1024;
const BACKLOG_CHECK_MS = 20;

type HostLink = Link<RunnerMessage, HostMessage, Record<never, never>>;

/** Called by the generated entry of a bundle. With `--describe` it prints what the release declares, and ends. */
export function runRelease(release: Release): void {
  if (process.argv.includes('--describe')) {
    process.stdout.write(`${JSON.stringify(describe(release))}\n`);
    return;
  }
  new Runner(release).listen();
}

class Runner {
  readonly #release: Release;
  readonly #link: HostLink;
  #channels: Channels | undefined;
  #commands: Commands | undefined;
  #storage: Storage | undefined;
  readonly #mayOpen = Promise.withResolvers<void>();
  #paused: NodeJS.Timeout | undefined;

  constructor(release: Release) {
    this.#release = release;
    const socket = new Socket({ fd: HOST_DESCRIPTOR });
    this.#link = new Link(socket, {
      batch: () => this.#storage?.refresh(),
      data: (kind, _flags, _status, channel, request, payload) => this.#data(kind, channel, request, payload),
      message: (message) => this.#message(message),
      // The host is gone, or this runner is not wanted any more.
      closed: () => process.exit(process.exitCode ?? 0),
    });
  }

  listen(): void {
    // What an author's code drops must not end the sessions of all clients; what it throws into the void must.
    process.on('unhandledRejection', (reason) => {
      if (isCommitFailure(reason)) return;
      this.#log('error', `A promise was rejected and nobody handled it: ${describeError(reason)}`);
    });
    process.on('uncaughtException', (error) => {
      process.stderr.write(`${describeError(error)}\n`);
      this.#log('error', `Uncaught exception: ${describeError(error)}`);
      // Closing the link ends the process: with this code, if it comes to that first.
      process.exitCode = 1;
      this.#link.close();
      setTimeout(() => process.exit(1), 50);
    });
    // The host decides when a runner ends; a Ctrl-C in its terminal reaches the whole group.
    process.on('SIGINT', () => {});
  }

  #log(level: 'info' | 'warn' | 'error', message: string): void {
    this.#link.send({ type: 'log', level, message });
  }

  #data(kind: FrameKind, channel: number, request: number, payload: Buffer): void {
    this.#channels?.frame(kind, channel, request, payload);
    if (this.#link.backlog > BACKLOG_BYTES) this.#pause();
  }

  /** The host does not take answers as fast as they come: requests wait in the socket. */
  #pause(): void {
    if (this.#paused) return;
    this.#link.pause();
    this.#paused = setInterval(() => {
      if (this.#link.backlog > BACKLOG_BYTES / 2) return;
      clearInterval(this.#paused);
      this.#paused = undefined;
      this.#link.resume();
    }, BACKLOG_CHECK_MS);
  }

  #message(message: HostMessage): void {
    if (message.type === 'ping') this.#link.send({ type: 'pong', at: message.at });
    else if (message.type === 'hello') void this.#load(message.runner, message.role);
    else if (message.type === 'open_store') this.#mayOpen.resolve();
    else if (message.type === 'open') this.#channels?.open(message);
    else if (message.type === 'close') this.#channels?.close(message.channel);
    else if (message.type === 'call') void this.#call(message);
    else if (message.type === 'forward') processes.deliver(message.name, message.envelope as never);
    else if (message.type === 'lost') processes.rejectForwarded('noconnection', message.reason);
    else if (message.type === 'changes') this.#storage?.receive(message.changes);
    else if (message.type === 'subscribed') this.#storage?.listenFor(message.tables);
    else if (message.type === 'settle') processes.settle(message.from as never, message.outcome as never);
  }

  async #load(runner: string, role: RunnerRole): Promise<void> {
    const { name, vsn, applications } = this.#release;
    this.#link.send({
      type: 'hello',
      wire: WIRE_VERSION,
      store: STORE_VERSION,
      release: name,
      vsn,
      pid: process.pid,
    });
    try {
      this.#link.send({ type: 'opening' });
      await this.#mayOpen.promise;
      const storage = await Storage.open(
        process.env.ERLMCP_DATA ?? '',
        applications,
        process.env.ERLMCP_APPUP,
        role === 'check',
        () => this.#link.send({ type: 'opened' }),
      );
      this.#storage = storage;
      barWrites(isIsolated);
      storage.announceChanges({
        changed: (changes) => this.#link.send({ type: 'changes', changes }),
        subscribed: (tables) => this.#link.send({ type: 'subscribed', tables }),
      });
      this.#connectProcesses(runner, storage, role === 'rehearse');
      const servers = new Servers(processes, storage, applications, {
        fatal: (application, message) => {
          this.#log('error', `Application ${application} has ended: ${message}`);
          setTimeout(() => process.exit(1), 50);
        },
        single: (application, message) =>
          this.#log(
            'error',
            `Application ${application} has ended: ${message} Start it again with: erlmcpctl restart ${application}`,
          ),
      });
      const { mcp, examples } = mcpApplication(this.#release);
      const factory = mcp!;
      this.#channels = new Channels(factory, `${runner}.`, {
        port: (channel) => this.#port(channel),
        unhydrated: (channel, reason) => this.#link.send({ type: 'unhydrated', channel, reason }),
        report: (error) => this.#log('warn', `MCP: ${error.message}`),
      });
      this.#commands = commands({
        factory,
        examples,
        channels: this.#channels,
        servers,
        storage,
        work: storage.work((progress) => this.#link.send({ type: 'progress', progress })),
        views: new ProcessViews(processes),
        backlog: () => this.#link.backlog,
        exit: () => setTimeout(() => process.exit(0), 20),
        warn: (message) => this.#log('warn', message),
      });
      this.#link.send({
        type: 'loaded',
        tables: applications.flatMap(({ tables }) =>
          tables.map(({ name, version, storage: kind }) => ({ name, version, storage: kind })),
        ),
        servers: applications.flatMap(({ children }) =>
          declaredServers(children).map((server) => ({ name: moveNameOf(server), version: server.version })),
        ),
        applications: applications.map((application) => application.name),
      });
    } catch (error) {
      this.#link.send({ type: 'failed', failure: failureOf(error) });
    }
  }

  /** Names, messages and answers that go beyond this runner go through the host. */
  #connectProcesses(runner: string, storage: Storage, isRehearsal: boolean): void {
    const versions = new Map(
      this.#release.applications.flatMap(({ children }) =>
        serversOf(children).map(({ name, version }) => [name, version] as const),
      ),
    );
    processes.connect({
      origin: runner,
      remote: isRehearsal ? undefined : this.#otherRunners(),
      isRehearsal,
      persistence: storage.persistence((name) => versions.get(name)),
    });
    processes.onChange((change) => {
      if (change.type === 'exited' && !isNormalExit(change.reason))
        this.#log('error', `Process ${change.name} (${change.pid}) has ended: ${change.error.message}`);
      else if (change.type === 'registered')
        this.#link.send({
          type: 'names',
          registered: [{ name: change.name, pid: change.pid }],
          unregistered: [],
        });
      else if (change.type === 'unregistered' || change.type === 'moved')
        this.#link.send({ type: 'names', registered: [], unregistered: [change.name] });
    });
  }

  #otherRunners(): RemotePort {
    return {
      forward: (name, envelope) => {
        if (isIsolated()) refuseIsolated(name, envelope);
        else this.#link.send({ type: 'forward', name, envelope });
      },
      reply: (from, outcome) => this.#link.send({ type: 'settle', origin: from.origin, from, outcome }),
    };
  }

  #port(channel: number): ChannelPort {
    const link = this.#link;
    return {
      response: (request, json, error, status) =>
        link.data(Kind.response, error ? FrameFlag.error : 0, status, channel, request, json),
      related: (request, json) => link.data(Kind.related, 0, 0, channel, request, json),
      emit: (json) => link.data(Kind.emit, 0, 0, channel, 0, json),
      settled: (request) => link.data(Kind.settled, 0, 0, channel, request, ''),
    };
  }

  async #call(message: HostMessage & { type: 'call' }): Promise<void> {
    try {
      const command = this.#commands?.[message.name] as
        | ((params: unknown, signal: AbortSignal) => unknown)
        | undefined;
      if (!command) throw new Error(`${message.name} came before the code was loaded`);
      this.#link.answer(message.id, await command(message.params, NEVER));
    } catch (error) {
      this.#link.fail(message.id, failureOf(error));
    }
  }
}

/** A remote port answers later. */
function refuseIsolated(name: string, { from }: Envelope): void {
  if (from === undefined) return;
  const outcome = {
    ok: false,
    reason: `{noproc, ${name}}`,
    message: `${name} is out of reach here.`,
  } as const;
  queueMicrotask(() => processes.settle(from, outcome));
}

/** The host ends a runner whose work it does not want any more. */
const NEVER = new AbortController().signal;

const failureOf = (error: unknown): CallFailure => ({
  reason: reasonOf(error),
  message: error instanceof Error ? error.message : String(error),
});

const describeError = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
