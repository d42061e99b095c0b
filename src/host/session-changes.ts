/** What of a client's messages has to be remembered so that its server instance can be built anew. */
import type { OneWayMessage, RequestMessage } from './gateway.ts';
import type { LiveSession } from './live-session.ts';

const REMEMBERED = new Set([
  'initialize',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

export const changesSession = (message: RequestMessage): boolean => REMEMBERED.has(message.method);

/** Applies an answered request to the session's record; `answer` is the JSON of its result. */
export function applyAnswer(session: LiveSession, message: RequestMessage, answer: Buffer): void {
  const { record } = session;
  const uri = message.params?.uri;
  if (message.method === 'initialize') {
    const { result } = JSON.parse(answer.toString('utf8')) as { result?: { protocolVersion?: string } };
    record.protocolVersion = result?.protocolVersion ?? '';
    record.initialize = message;
  } else if (message.method === 'logging/setLevel') record.level = message;
  else if (typeof uri === 'string' && message.method === 'resources/subscribe')
    record.subscriptions[uri] = message;
  else if (typeof uri === 'string') delete record.subscriptions[uri];
}

/** Whether a notification changed the record. */
export function applyNotification(session: LiveSession, message: OneWayMessage): boolean {
  if (message.method !== 'notifications/initialized' || session.record.initialized !== undefined)
    return false;
  session.record.initialized = message;
  return true;
}
