/**
 * A `fetch` for the HTTP clients that only looks on: at the stream for the server's messages (a GET in the 2025 era), which the
 * SDKs would reopen without a word when it is dropped, and at the session id, which must stay what it was.
 */
import type { Seen } from './client.ts';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Passes a body on and tells when it ends, well or badly. */
function watchEnd(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        onEnd();
        controller.close();
      } catch (error) {
        onEnd();
        controller.error(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

export function watchedFetch(seen: Seen, closing: () => boolean): Fetch {
  let session: string | null = null;

  const checkSession = (response: Response): void => {
    const named = response.headers.get('mcp-session-id');
    if (session && response.status === 404) seen.lost ??= `404 for session ${session}`;
    if (session && named && named !== session) seen.lost ??= `session ${session} became ${named}`;
    session ??= named;
  };

  return async (url, init) => {
    const response = await fetch(url, init);
    if (closing()) return response;
    checkSession(response);
    if (init?.method !== 'GET' || !response.ok || !response.body) return response;
    seen.streamsOpened++;
    const onEnd = (): void => {
      if (!closing()) seen.streamsDropped++;
    };
    return new Response(watchEnd(response.body, onEnd), response);
  };
}
