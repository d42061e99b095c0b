/**
 * Notes as resources. The list of the newest can be subscribed to. What a client has subscribed to may be kept per
 * instance, because the node replays subscriptions into each new instance; nothing else may.
 */
import { EventEmitter } from 'node:events';
import { type McpServer, type ReadResourceResult, ResourceTemplate } from '@modelcontextprotocol/server';
import { type Note, newestNotes, notes } from './notes.ts';

export const NEWEST_URI = 'notes://newest';
const NEWEST_LIMIT = 100;
const MIME_TYPE = 'application/json';

/** From revision 2026-07-28 on the SDK passes on only what a client listens to. */
const LISTENING_REVISION = '2026-07-28';

const changes = new EventEmitter().setMaxListeners(0);

/** Tells the subscribers in this runner. */
export const announceNewNote = (): boolean => changes.emit('changed');

export function registerNoteResources(server: McpServer): void {
  server.registerResource('newest-notes', NEWEST_URI, { mimeType: MIME_TYPE }, () =>
    contents(NEWEST_URI, newestNotes(NEWEST_LIMIT)),
  );
  server.registerResource(
    'note',
    new ResourceTemplate('note://{id}', { list: undefined }),
    { mimeType: MIME_TYPE },
    (uri, { id }) => contents(uri.href, noteOf(String(id))),
  );
  announceChanges(server);
}

function noteOf(id: string): Note {
  const note = notes.get(id);
  if (note === undefined) throw new Error(`There is no note ${id}.`);
  return note;
}

const contents = (uri: string, value: unknown): ReadResourceResult => ({
  contents: [{ uri, mimeType: MIME_TYPE, text: JSON.stringify(value) }],
});

function announceChanges({ server }: McpServer): void {
  const subscribed = new Set<string>();
  const listens = (): boolean => (server.getNegotiatedProtocolVersion() ?? '') >= LISTENING_REVISION;
  const announce = (): void => {
    if (!subscribed.has(NEWEST_URI) && !listens()) return;
    server.sendResourceUpdated({ uri: NEWEST_URI }).catch(() => changes.off('changed', announce));
  };
  server.setRequestHandler('resources/subscribe', ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  changes.on('changed', announce);
  server.onclose = () => void changes.off('changed', announce);
}
