/** About how many bytes a value takes in memory: a bounded walk, so that a look at a process never costs more than a moment. */

const MOST_VALUES = 10_000;
/** A slot of an object, an array, a Map: a pointer, or a small number. */
const SLOT_BYTES = 8;
/** Header of an object: map, properties, elements. */
const OBJECT_BYTES = 24;
const STRING_HEADER_BYTES = 16;

/** V8 keeps a string that has no character beyond this one in a byte per character. */
const isLatin1 = (text: string): boolean => !/[^\0-\xff]/.test(text.slice(0, MOST_VALUES));

const stringBytes = (text: string): number =>
  STRING_HEADER_BYTES + (isLatin1(text) ? text.length : 2 * text.length);

function leafBytes(value: unknown): number | undefined {
  if (typeof value === 'string') return stringBytes(value);
  if (typeof value === 'bigint') return OBJECT_BYTES + value.toString(16).length / 2;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return OBJECT_BYTES + value.byteLength;
  if (value instanceof Date || value instanceof RegExp) return OBJECT_BYTES + SLOT_BYTES;
  return undefined;
}

/** What an object holds. Keys of plain objects live in their shape, which others share: they are not counted. */
function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof Set) return [...value];
  return Object.values(value);
}

/** Whether an object has more parts than can be visited, without listing them. */
function isVast(value: object): boolean {
  if (Array.isArray(value)) return value.length > MOST_VALUES;
  if (value instanceof Map || value instanceof Set) return value.size > MOST_VALUES;
  let keys = 0;
  for (const _key in value) if (++keys > MOST_VALUES) return true;
  return false;
}

/** Bytes of `root` and all that it holds, each object once; undefined when it holds more than 10,000 values. */
export function sizeOf(root: unknown): number | undefined {
  const seen = new Set<object>();
  const waiting: unknown[] = [root];
  let bytes = 0;
  for (let visited = 0; waiting.length > 0; visited += 1) {
    if (visited + waiting.length > MOST_VALUES) return undefined;
    const value = waiting.pop();
    const leaf = leafBytes(value);
    if (leaf !== undefined) bytes += leaf;
    else if (!seen.has(value as object)) {
      seen.add(value as object);
      if (isVast(value as object)) return undefined;
      const parts = partsOf(value as object);
      bytes += OBJECT_BYTES + SLOT_BYTES * parts.length;
      waiting.push(...parts);
    }
  }
  return Math.ceil(bytes);
}
