/**
 * Objects. A property that a schema does not name counts as one that is not sent, unless `additionalProperties` describes it or
 * nothing is named at all: otherwise every new optional parameter would be a narrowing, as it was open to anything before.
 */

import { isDeepStrictEqual } from 'node:util';
import { exactly } from './exact-value.ts';
import { asSchema, hasRef, namesIn, type Schema, type SchemaObject, schemaMap } from './json-schema.ts';
import { atLeast, atMost } from './scalars.ts';
import { change, memberPath, type Pair, type SchemaChange, undecided } from './schema-change.ts';

export function objects(pair: Pair): SchemaChange[] {
  return [
    ...required(pair),
    ...atLeast(pair, 'minProperties', new Set(namesIn(pair.sent.required)).size),
    ...atMost(pair, 'maxProperties', mostProperties(pair.sent)),
    ...namedProperties(pair),
    ...newlyNamed(pair),
    ...otherProperties(pair),
    ...propertyNames(pair),
    ...patterns(pair),
  ];
}

const isClosed = (schema: SchemaObject): boolean =>
  schema.additionalProperties === false && schemaMap(schema.patternProperties).size === 0;

const mostProperties = (schema: SchemaObject): number | undefined =>
  isClosed(schema) ? schemaMap(schema.properties).size : undefined;

/** Whether a property that it does not name is let pass, whatever it is. */
function isOpen({ additionalProperties }: SchemaObject): boolean {
  const additional = asSchema(additionalProperties);
  return additional === true || (additional !== false && Object.keys(additional).length === 0);
}

/** What unnamed properties are: described, anything at all (of an object that names none), or not sent. */
function unnamedOf(schema: SchemaObject): Schema {
  if (!isOpen(schema)) return asSchema(schema.additionalProperties);
  return schema.additionalProperties !== undefined && schema.properties === undefined;
}

function required({ sent, taken, path }: Pair): SchemaChange[] {
  const before = new Set(namesIn(sent.required));
  return namesIn(taken.required)
    .filter((name) => !before.has(name))
    .map((name) => change(memberPath(path, name), 'presence', 'optional', 'required'));
}

function namedProperties({ sent, taken, path, compare }: Pair): SchemaChange[] {
  const now = schemaMap(taken.properties);
  return [...schemaMap(sent.properties)].flatMap(([name, schema]) => {
    const place = memberPath(path, name);
    const own = now.get(name);
    if (own !== undefined) return compare(schema, own, place);
    const other = compare(schema, asSchema(taken.additionalProperties), place);
    // Whether its name fits a pattern is not known; where neither way is barred it does not matter.
    if (schemaMap(taken.patternProperties).size === 0) return other;
    const fitting = [...schemaMap(taken.patternProperties).values()].flatMap((by) =>
      compare(schema, by, place),
    );
    return undecided([...other, ...fitting]);
  });
}

/** Properties that only the taker names: sent by way of `required`, or of what describes unnamed ones. */
function newlyNamed({ sent, taken, path, compare }: Pair): SchemaChange[] {
  const before = schemaMap(sent.properties);
  const needed = new Set(namesIn(sent.required));
  const unnamed = unnamedOf(sent);
  const patterned = schemaMap(sent.patternProperties).size > 0;
  return [...schemaMap(taken.properties)].flatMap(([name, schema]) => {
    if (before.has(name)) return [];
    const place = memberPath(path, name);
    if (needed.has(name)) return compare(unnamed === false ? true : unnamed, schema, place);
    const found = compare(unnamed, schema, place);
    if (patterned) return undecided([...found, ...compare(true, schema, place)]);
    return unnamed === true ? undecided(found) : found;
  });
}

function otherProperties({ sent, taken, path, compare, sendsUnnamed }: Pair): SchemaChange[] {
  const now = asSchema(taken.additionalProperties);
  const place = memberPath(path, '*');
  if (isOpen(sent) && !isOpen(taken) && unnamedOf(sent) === false)
    return [
      change(
        place,
        'presence',
        'ignored',
        now === false ? 'refused' : 'checked',
        sendsUnnamed && now === false,
      ),
    ];
  return compare(unnamedOf(sent), now, place);
}

function propertyNames({ sent, taken, path, compare }: Pair): SchemaChange[] {
  if (taken.propertyNames === undefined) return [];
  const [names, place] = [asSchema(taken.propertyNames), `${path}{}`];
  const named = [...schemaMap(sent.properties).keys()].flatMap((name) =>
    compare(exactly(name), names, place),
  );
  if (isClosed(sent)) return named;
  const others = asSchema(sent.propertyNames ?? { type: 'string' });
  const found = compare(others === true ? { type: 'string' } : others, names, place);
  return [...named, ...(unnamedOf(sent) === false ? undecided(found) : found)];
}

function patterns({ sent, taken, path, compare }: Pair): SchemaChange[] {
  const [before, now] = [schemaMap(sent.patternProperties), schemaMap(taken.patternProperties)];
  if (before.size + now.size === 0) return [];
  const same =
    isDeepStrictEqual(sent.patternProperties, taken.patternProperties) && !hasRef(sent.patternProperties);
  const place = memberPath(path, '*');
  const unnamed = unnamedOf(sent);
  const ways = [...now.values(), asSchema(taken.additionalProperties)];
  const senders = same ? [unnamed] : [unnamed, ...before.values()];
  const takers = same ? [...now.values()] : ways;
  return undecided(senders.flatMap((schema) => takers.flatMap((taker) => compare(schema, taker, place))));
}
