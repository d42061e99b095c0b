/** `Accept` and `Content-Type`. The common spellings are compared as they are. */

const JSON_TYPE = 'application/json';
const SSE_TYPE = 'text/event-stream';
const JSON_WITH_PARAMETERS = /^application\/json[ \t]*(?:;(?:[^",]|"(?:[^"\\]|\\.)*")*)?$/i;

/** The media type, not a substring: `text/plain; a=application/json` is none. */
export const isJsonType = (header: string | undefined): boolean =>
  header === JSON_TYPE || (header !== undefined && JSON_WITH_PARAMETERS.test(header.trim()));

/** A POST's client must take both kinds of answer, by name. */
export function takesBoth(header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header === 'application/json, text/event-stream') return true;
  const types = header.toLowerCase();
  return types.includes(JSON_TYPE) && types.includes(SSE_TYPE);
}

export const takesEvents = (header: string | undefined): boolean =>
  header?.toLowerCase().includes(SSE_TYPE) === true;
