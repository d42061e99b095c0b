/** Arrays: their length and the schema of each place. */
import { asSchema, numberOf, type Schema, type SchemaObject, schemaList } from './json-schema.ts';
import { atLeast, atMost } from './scalars.ts';
import { change, type Pair, type SchemaChange } from './schema-change.ts';

export function arrays(pair: Pair): SchemaChange[] {
  const most = places(pair.sent).rest === false ? places(pair.sent).first.length : undefined;
  return [
    ...atLeast(pair, 'minItems'),
    ...atMost(pair, 'maxItems', most),
    ...uniqueItems(pair),
    ...items(pair),
  ];
}

interface Places {
  first: readonly Schema[];
  rest: Schema;
}

function places({ prefixItems, items, additionalItems }: SchemaObject): Places {
  // Until 2019-09 a list of `items` was what `prefixItems` is now.
  const older = schemaList(items);
  if (older) return { first: older, rest: asSchema(additionalItems) };
  return { first: schemaList(prefixItems) ?? [], rest: asSchema(items) };
}

const placeAt = ({ first, rest }: Places, index: number): Schema => first[index] ?? rest;

function items({ sent, taken, path, compare }: Pair): SchemaChange[] {
  const [before, now] = [places(sent), places(taken)];
  const most = numberOf(sent.maxItems) ?? Number.POSITIVE_INFINITY;
  const single = Math.max(before.first.length, now.first.length);
  const found: SchemaChange[] = [];
  for (let index = 0; index < Math.min(single, most); index++)
    found.push(...compare(placeAt(before, index), placeAt(now, index), `${path}[${index}]`));
  if (most > single) found.push(...compare(before.rest, now.rest, `${path}[]`));
  return found;
}

function uniqueItems({ sent, taken, path }: Pair): SchemaChange[] {
  if (taken.uniqueItems !== true || sent.uniqueItems === true) return [];
  if ((numberOf(sent.maxItems) ?? 2) < 2) return [];
  return [change(path, 'uniqueItems', false, true, !('const' in sent))];
}
