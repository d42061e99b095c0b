/**
 * A tool's calls and answers. A call that fits the input schema of today has to fit the next one; an answer of the next version
 * has to fit the output schema of today, which clients hold until they list the tools again.
 */
import { isDeepStrictEqual } from 'node:util';
import { compareSchemas } from './compare-schemas.ts';
import { meaningOf } from './json-schema.ts';
import type { SchemaChange } from './schema-change.ts';
import { type SurfaceChange, surfaceChange } from './surface-change.ts';

const SHOWN_PLACES = 5;

interface Definition {
  inputSchema?: unknown;
  outputSchema?: unknown;
}

export function toolChanges(name: string, before: Definition, after: Definition): SurfaceChange[] {
  return [...inputChanges(`tool ${name}`, before, after), ...outputChanges(`tool ${name}`, before, after)];
}

function inputChanges(subject: string, before: Definition, after: Definition): SurfaceChange[] {
  const changes = compareSchemas(before.inputSchema, after.inputSchema, { sendsUnnamed: true });
  const places = placesOf(changes, ({ path, what, sent, taken }) => line(path, what, sent, taken));
  if (changes.some(({ certain }) => certain))
    return [surfaceChange('breaking', subject, 'input narrowed', places)];
  return changes.length > 0 ? [surfaceChange('undecided', subject, 'input changed', places)] : [];
}

function outputChanges(subject: string, before: Definition, after: Definition): SurfaceChange[] {
  const [held, next] = [before.outputSchema, after.outputSchema];
  if (held === undefined || isDeepStrictEqual(meaningOf(held), meaningOf(next))) return [];
  // A client that holds a schema refuses an answer without structured content.
  if (next === undefined) return [surfaceChange('breaking', subject, 'output schema gone')];
  const changes = compareSchemas(next, held, { sendsUnnamed: false });
  const places = placesOf(changes, ({ path, what, sent, taken }) => line(path, what, taken, sent));
  if (changes.some(({ certain }) => certain))
    return [surfaceChange('breaking', subject, 'output widened', places)];
  if (changes.length > 0) return [surfaceChange('undecided', subject, 'output changed', places)];
  return [surfaceChange('note', subject, 'output changed', 'what clients hold still takes it')];
}

function placesOf(changes: readonly SchemaChange[], text: (change: SchemaChange) => string): string {
  // What is certain is what has to be mended first.
  const ordered = changes.toSorted((one, other) => Number(other.certain) - Number(one.certain));
  const more = ordered.length - SHOWN_PLACES;
  const shown = ordered.slice(0, SHOWN_PLACES).map(text);
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

const line = (path: string, what: string, from: string, to: string): string =>
  `${path === '' ? '' : `${path}: `}${what} ${from} -> ${to}`;
