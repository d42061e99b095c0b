/**
 * The per-request envelope of revision 2026-07-28: who calls, with which capabilities, in `params._meta`.
 * A message claims it by naming a protocol version there; then all of it must be right.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
import { isObject, type JsonObject } from './json-rpc-shape.ts';

export const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';

export interface EnvelopeIssue {
  /** Path of the member, dotted below the key of `_meta`. */
  key: string;
  problem: string;
}

/** Of members that are present; `needs` names those that must be. */
type Form =
  | 'string'
  | 'boolean'
  | 'object'
  | { members: { readonly [name: string]: Form }; needs?: readonly string[] }
  | { each: Form }
  | { list: Form }
  | { oneOf: readonly string[] };

const ICON: Form = {
  members: {
    src: 'string',
    mimeType: 'string',
    sizes: { list: 'string' },
    theme: { oneOf: ['light', 'dark'] },
  },
  needs: ['src'],
};

const CLIENT_INFO: Form = {
  members: {
    name: 'string',
    title: 'string',
    icons: { list: ICON },
    version: 'string',
    websiteUrl: 'string',
    description: 'string',
  },
  needs: ['name', 'version'],
};

const CLIENT_CAPABILITIES: Form = {
  members: {
    experimental: { each: 'object' },
    sampling: { members: { context: 'object', tools: 'object' } },
    elicitation: { members: { form: { members: { applyDefaults: 'boolean' } }, url: 'object' } },
    roots: { members: { listChanged: 'boolean' } },
    extensions: { each: 'object' },
  },
};

const LOG_LEVEL: Form = {
  oneOf: ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'],
};

const ENVELOPE: Form = {
  members: {
    [PROTOCOL_VERSION_KEY]: 'string',
    'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    [CLIENT_CAPABILITIES_KEY]: CLIENT_CAPABILITIES,
    'io.modelcontextprotocol/logLevel': LOG_LEVEL,
  },
};

/** The `_meta` of a message whose shape has been checked. */
export function metaOf(message: object): JsonObject | undefined {
  return (message as { params?: JsonObject }).params?._meta as JsonObject | undefined;
}

export const hasClaim = (meta: JsonObject | undefined): meta is JsonObject =>
  meta !== undefined && meta[PROTOCOL_VERSION_KEY] !== undefined;

/** Required keys that are not there, in the order in which they are reported. */
export const missingKeys = (meta: JsonObject): string[] =>
  [PROTOCOL_VERSION_KEY, CLIENT_CAPABILITIES_KEY].filter((key) => meta[key] === undefined);

/** The first fault of an envelope; undefined: it is valid. */
export function envelopeIssue(meta: JsonObject): EnvelopeIssue | undefined {
  if (meta[CLIENT_CAPABILITIES_KEY] === undefined) {
    return { key: CLIENT_CAPABILITIES_KEY, problem: 'missing' };
  }
  return issueIn(meta, ENVELOPE, '');
}

const expected = (what: string, key: string): EnvelopeIssue => ({ key, problem: `expected ${what}` });

function issueIn(value: unknown, form: Form, path: string): EnvelopeIssue | undefined {
  if (form === 'object') return isObject(value) ? undefined : expected('object', path);
  if (typeof form === 'string') return typeof value === form ? undefined : expected(form, path);
  if ('oneOf' in form) {
    return form.oneOf.includes(value as string)
      ? undefined
      : expected(`one of ${form.oneOf.join(', ')}`, path);
  }
  if ('list' in form) {
    if (!Array.isArray(value)) return expected('array', path);
    return firstIssue(value.keys(), (index) => issueIn(value[index], form.list, `${path}.${index}`));
  }
  if (!isObject(value)) return expected('object', path);
  if ('each' in form) {
    return firstIssue(Object.keys(value), (name) => issueIn(value[name], form.each, `${path}.${name}`));
  }
  for (const name in form.members) {
    const member = value[name];
    const key = path === '' ? name : `${path}.${name}`;
    if (member === undefined) {
      if (form.needs?.includes(name)) return { key, problem: 'missing' };
      continue;
    }
    const issue = issueIn(member, form.members[name]!, key);
    if (issue) return issue;
  }
  return undefined;
}

function firstIssue<T>(items: Iterable<T>, check: (item: T) => EnvelopeIssue | undefined) {
  for (const item of items) {
    const issue = check(item);
    if (issue) return issue;
  }
  return undefined;
}
