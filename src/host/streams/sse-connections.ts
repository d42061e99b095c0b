/**
 * The open SSE responses of the node. A reader that leaves more unread than it may is cut off, so that one client can't fill
 * the host's memory; a resumable stream loses nothing by it.
 */
import type { ServerResponse } from 'node:http';
import { KEEP_ALIVE } from './sse-frames.ts';

export interface SseSettings {
  /** What a reader may leave unread for longer than `SLOW_MS`; four times as much at no time. */
  bufferBytes: number;
  /** 0: no comments. */
  keepAliveMs: number;
  onSlowReader(unread: number): void;
}

/** Events of one event-loop turn reach the socket together, so a full buffer alone does not make a reader slow. */
const SLOW_MS = 1_000;

export class SseConnection {
  /** Set by whoever writes to it; called once, whoever ended it. */
  onClose: (() => void) | undefined;
  private readonly res: ServerResponse;
  private readonly settings: SseSettings;
  private slowCheck: NodeJS.Timeout | undefined;

  constructor(res: ServerResponse, settings: SseSettings, sessionId: string | undefined) {
    this.res = res;
    this.settings = settings;
    const headers = [
      'Content-Type',
      'text/event-stream',
      'Cache-Control',
      'no-cache, no-transform',
      'X-Accel-Buffering',
      'no',
    ];
    if (sessionId !== undefined) headers.push('Mcp-Session-Id', sessionId);
    res.writeHead(200, headers);
    res.flushHeaders();
  }

  get open(): boolean {
    return !this.res.destroyed && !this.res.writableEnded;
  }

  /** @param replayed it was kept for this reader, within the bounds of the event log: its amount makes nobody slow */
  write(frame: Buffer, replayed = false): void {
    if (!this.open) return;
    this.res.write(frame);
    const unread = this.res.writableLength;
    if (unread > 4 * this.settings.bufferBytes && !replayed) this.cutOff();
    else if (unread > this.settings.bufferBytes) {
      this.slowCheck ??= setTimeout(() => this.checkAgain(), SLOW_MS).unref();
    }
  }

  end(): void {
    if (this.open) this.res.end();
  }

  private checkAgain(): void {
    this.slowCheck = undefined;
    if (this.res.writableLength > this.settings.bufferBytes) this.cutOff();
  }

  private cutOff(): void {
    if (this.res.destroyed) return;
    this.settings.onSlowReader(this.res.writableLength);
    this.res.destroy();
  }
}

export class SseConnections {
  private readonly settings: SseSettings;
  private readonly all = new Set<SseConnection>();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(settings: SseSettings) {
    this.settings = settings;
    if (settings.keepAliveMs > 0) {
      this.timer = setInterval(() => this.keepAlive(), settings.keepAliveMs).unref();
    }
  }

  get size(): number {
    return this.all.size;
  }

  /** Writes the head of an SSE answer. The response must not have been written to, nor be closed. */
  open(res: ServerResponse, sessionId: string | undefined): SseConnection {
    const connection = new SseConnection(res, this.settings, sessionId);
    this.all.add(connection);
    res.once('close', () => {
      this.all.delete(connection);
      connection.onClose?.();
    });
    return connection;
  }

  close(): void {
    clearInterval(this.timer);
    for (const connection of this.all) connection.end();
  }

  private keepAlive(): void {
    for (const connection of this.all) connection.write(KEEP_ALIVE);
  }
}
