/** Writes whole answers. Whatever refuses a request without having read its body goes through `refuseUnread`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { TransportCounters } from '../counters.ts';
import type { Refusal } from './refusals.ts';

/** A body up to this size is read and thrown away, so that the connection can be used again. */
const MAX_DISCARDED_BYTES = 64 * 1024;
/** How long a connection that we have ended may go on sending before it is cut. */
const LINGER_MS = 1_000;

export function writeJson(res: ServerResponse, status: number, json: Buffer, sessionId?: string): void {
  if (res.destroyed) return;
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(json.length)];
  if (sessionId !== undefined) headers.push('Mcp-Session-Id', sessionId);
  res.writeHead(status, headers);
  res.end(json);
}

export function writeEmpty(res: ServerResponse, status: number): void {
  if (res.destroyed) return;
  res.writeHead(status, ['Content-Length', '0']);
  res.end();
}

/** @param id of the request that is refused, where one is known */
export function refuse(
  counters: TransportCounters,
  res: ServerResponse,
  refusal: Refusal,
  id: string | number | null = null,
): void {
  if (res.destroyed) return;
  counters.answered(true);
  const body = refusalBody(refusal, id);
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.length)];
  if (refusal.headers) headers.push(...refusal.headers);
  res.writeHead(refusal.status, headers);
  res.end(body);
}

/** Refuses before the body was read. A large one is not read at all: the connection is closed after the answer. */
export function refuseUnread(
  counters: TransportCounters,
  req: IncomingMessage,
  res: ServerResponse,
  refusal: Refusal,
): void {
  const length = req.headers['content-length'];
  const small =
    length === undefined
      ? req.headers['transfer-encoding'] === undefined
      : Number(length) <= MAX_DISCARDED_BYTES;
  if (small) refuse(counters, res, refusal);
  else refuseAndClose(counters, req, res, refusal);
}

/**
 * Answers, ends our half of the connection, and lets what the client is still sending go by for a moment. Closing at once
 * would make the kernel reset the connection, and the client would most often lose the answer.
 */
export function refuseAndClose(
  counters: TransportCounters,
  req: IncomingMessage,
  res: ServerResponse,
  refusal: Refusal,
): void {
  const socket = res.socket;
  if (socket === null || socket.destroyed) return;
  counters.answered(true);
  res.detachSocket(socket);
  socket.end(rawResponse(refusal));
  req.removeAllListeners('data');
  req.resume();
  lingerThenDestroy(socket);
}

function lingerThenDestroy(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

function rawResponse(refusal: Refusal): Buffer {
  const body = refusalBody(refusal, null);
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `Date: ${new Date().toUTCString()}`,
    'Connection: close',
  ];
  const extra = refusal.headers ?? [];
  for (let index = 0; index < extra.length; index += 2) lines.push(`${extra[index]}: ${extra[index + 1]}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

function refusalBody({ code, message, data }: Refusal, id: string | number | null): Buffer {
  const error = data === undefined ? { code, message } : { code, message, data };
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', error, id }));
}
