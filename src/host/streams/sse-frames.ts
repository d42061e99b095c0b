/** Server-sent events as bytes. https://html.spec.whatwg.org/multipage/server-sent-events.html */

export const KEEP_ALIVE = Buffer.from(': keepalive\n\n');

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** @param id undefined: an event that can't be resumed after */
export function eventFrame(json: Buffer, id?: string): Buffer {
  const head = id === undefined ? 'event: message\ndata: ' : `event: message\nid: ${id}\ndata: `;
  const frame = Buffer.allocUnsafe(head.length + json.length + 2);
  frame.write(head, 'latin1');
  json.copy(frame, head.length);
  // Between JSON's tokens a line break means nothing, but here it would end the data line.
  if (json.includes(NEWLINE) || json.includes(RETURN)) blankLineBreaks(frame, head.length);
  frame[frame.length - 2] = NEWLINE;
  frame[frame.length - 1] = NEWLINE;
  return frame;
}

function blankLineBreaks(frame: Buffer, from: number): void {
  for (let index = from; index < frame.length - 2; index += 1) {
    if (frame[index] === NEWLINE || frame[index] === RETURN) frame[index] = 0x20;
  }
}

/** Tells the client where it is in the stream before anything came, and how long to wait before it reconnects. */
export const primingFrame = (id: string, retryMs: number): Buffer =>
  Buffer.from(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);

/** Clients before 2025-11-25 choke on an event without data; a bare `retry` is no event. */
export const retryFrame = (retryMs: number): Buffer => Buffer.from(`retry: ${retryMs}\n\n`);
