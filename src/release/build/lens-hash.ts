/**
 * Hashes of table versions. A lens is hashed with all module-level code of the author's that it reaches, so that a changed helper
 * changes the hash, and another lens added to the same appup does not. What combinators made is hashed by their names and
 * what they were given, and erlmcp's own code not at all: another version of erlmcp makes the same hash.
 */
import { transform } from 'esbuild';
import { partsOf, textOf } from '../../tables/lenses/index.ts';
import type { ChainStep } from '../../tables/types.ts';
import { sha256 } from '../checksum.ts';

interface Statement {
  names: readonly string[];
  text: string;
}

const IDENTIFIER = /[A-Za-z_$][\w$]*/g;

/** @param bundle the text of `appup.mjs`, as esbuild prints it: each module-level statement starts at the line's start. */
export async function lensHash(step: ChainStep, bundle: string): Promise<string | null> {
  const { lens } = step;
  if (lens === undefined) return null;
  const parts = partsOf(lens);
  const own = functionsIn(parts).map((part) => (part === undefined ? 'undefined' : String(part)));
  const code = await Promise.all(own.map(withoutLayout));
  const reached = await Promise.all(reachable(own.join('\n'), statementsOf(bundle)).map(stripped));
  return sha256([...code, ...reached, ...(isFree(parts) ? [] : [textOf(parts)])].join('\n'));
}

const isFree = (parts: readonly unknown[]): boolean =>
  parts.every((part) => typeof part === 'function' || part === undefined);

/** The author's functions, in order; the third of a free lens may be undefined. */
const functionsIn = (parts: readonly unknown[]): unknown[] =>
  isFree(parts)
    ? [...parts]
    : parts.flat(Number.POSITIVE_INFINITY).filter((part) => typeof part === 'function');

/** A function's own text is an expression, unless it was written as a method. */
const withoutLayout = (text: string): Promise<string> =>
  stripped(`(${text});`).catch(() => stripped(`({${text}});`));

/** Neither comments nor white space mean anything. */
const stripped = async (text: string): Promise<string> =>
  (await transform(text, { minifyWhitespace: true, legalComments: 'none', logLevel: 'silent' })).code;

/** Hash of a row's JSON Schema, independent of the order of its keys. */
export function shapeHash(shape: Readonly<Record<string, unknown>> | null): string | null {
  return shape === null ? null : sha256(JSON.stringify(sorted(shape)));
}

/** esbuild heads each module with a comment that names it. */
const OWN_MODULE = /^\/\/ erlmcp\/(src|dist)\//;

/** Those of the author's modules. */
function statementsOf(bundle: string): Statement[] {
  const statements: string[] = [];
  let isOwn = false;
  for (const line of bundle.split('\n')) {
    if (line.startsWith('//')) isOwn = OWN_MODULE.test(line);
    if (line === '' || line.startsWith('//') || isOwn) continue;
    if (/^[\s})\]]/.test(line) && statements.length > 0) statements.push(`${statements.pop()}\n${line}`);
    else statements.push(line);
  }
  return statements.map((text) => ({ text, names: declaredBy(text) }));
}

const declaredBy = (text: string): string[] => {
  const head = /^(?:async )?(?:var|let|const|function\*?|class) ([^=({]+)/.exec(text)?.[1];
  return head?.match(IDENTIFIER) ?? [];
};

function reachable(root: string, statements: readonly Statement[]): string[] {
  const taken = new Set<Statement>();
  const pending = [root];
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    const mentioned = new Set(text.match(IDENTIFIER));
    for (const statement of statements) {
      if (taken.has(statement) || !statement.names.some((name) => mentioned.has(name))) continue;
      taken.add(statement);
      pending.push(statement.text);
    }
  }
  return statements.filter((statement) => taken.has(statement)).map(({ text }) => text);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
