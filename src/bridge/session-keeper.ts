/**
 * Keeps the client's session alive: remembers how the client opened it, and opens another one like it when the host has
 * lost the first. A session opened again passes for the client's own only if it has the revision that the client negotiated.
 */
import { CLIENT_ERRORS } from '../errors/index.ts';
import { wireNumber } from '../wire/bridge-link.ts';
import { type ClientMessage, opensSession } from './client-message.ts';
import type { HostLink } from './host-link.ts';

/** `again`: the host could not answer now, another attempt follows by itself. */
export type Verdict = 'restored' | 'again' | 'lost';

interface Answer {
  result?: { protocolVersion?: unknown };
  error?: { code?: unknown };
}

/** Answers to `initialize` that a later attempt may turn into a success. */
const PASSING: readonly unknown[] = [
  CLIENT_ERRORS.runner_lost.code,
  CLIENT_ERRORS.runner_unavailable.code,
  CLIENT_ERRORS.too_busy.code,
];
const AGAIN_MS = 200;

export class SessionKeeper {
  readonly #link: HostLink;
  #initialize: ClientMessage | undefined;
  #initialized: ClientMessage | undefined;
  /** The negotiated revision; undefined until the client's `initialize` is answered. */
  #version: unknown;
  /** Set while the session is being opened again: the number of that `initialize`, or 0 while none is on its way. */
  #restoring: number | undefined;
  /** The session has ended and could not be opened again as it was; until the client initializes. */
  lost = false;

  constructor(link: HostLink) {
    this.#link = link;
  }

  get restoring(): boolean {
    return this.#restoring !== undefined;
  }

  /** True where the client takes itself to have a session and the host has none for it. */
  get lacking(): boolean {
    return this.#version !== undefined && this.#link.session === undefined && !this.lost;
  }

  /** The client's notice that it has opened its session. */
  get initialized(): ClientMessage | undefined {
    return this.#initialized;
  }

  /** Notes what the client sends. */
  sees(message: ClientMessage): void {
    if (opensSession(message)) {
      this.#initialize = message;
      this.#initialized = undefined;
      this.#version = undefined;
      this.lost = false;
    } else if (message.method === 'notifications/initialized') this.#initialized = message;
  }

  /** Notes the answer to a request of the client. */
  answered(request: ClientMessage, json: Buffer): void {
    if (request === this.#initialize) this.#version = parse(json).result?.protocolVersion;
  }

  restore(): void {
    this.#restoring = this.#link.send(this.#initialize!);
  }

  /** The host has forgotten the link, and an attempt with it. */
  forgetAttempt(): void {
    this.#restoring = undefined;
  }

  /** The link goes on. @returns true where the answer to an attempt is still to come over it. */
  resumes(): boolean {
    if (this.#restoring) return true;
    this.#restoring = undefined;
    return false;
  }

  /** @returns undefined where this is the answer to something else. */
  judge(number: number, json: Buffer): Verdict | undefined {
    if (!this.#restoring || number !== wireNumber(this.#restoring)) return undefined;
    const { result, error } = parse(json);
    if (result === undefined && PASSING.includes(error?.code)) {
      this.#tryAgain();
      return 'again';
    }
    this.#restoring = undefined;
    if (result !== undefined && result.protocolVersion === this.#version) return 'restored';
    // The client may have sent another `initialize` meanwhile, which opens a session of its own.
    this.lost = this.#version !== undefined;
    return 'lost';
  }

  #tryAgain(): void {
    this.#restoring = 0;
    setTimeout(() => {
      if (this.#link.connected && this.#restoring === 0) this.restore();
    }, AGAIN_MS);
  }
}

function parse(json: Buffer): Answer {
  try {
    return JSON.parse(json.toString('utf8')) as Answer;
  } catch {
    return {};
  }
}
