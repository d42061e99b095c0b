/** A plain Map that follows the rules of lenses, written without them: what every version of the code has to see in the notes. */
import type { Operation, Row, Single, Version } from './fixtures/note-operations.ts';
import type { NoteV1, NoteV2, NoteV3 } from './fixtures/notes.ts';

/** All that any version knows of a row, and the newest version that has written it. */
interface Stored {
  version: Version;
  id: string;
  text: string;
  count: number;
  tags: string[];
  priority: number;
}

/** Titles have no line break, so a text and its title and body are the same thing. */
function seenAs(stored: Stored, version: Version): Row {
  const { version: _version, text, tags, priority, ...rest } = stored;
  if (version === 1) return { ...rest, text };
  if (version === 2) return { ...rest, text, tags, priority };
  const [title = '', ...body] = text.split('\n');
  return { ...rest, title, body: body.join('\n'), tags, priority };
}

const textOf = ({ title, body }: NoteV3): string => (body === '' ? title : `${title}\n${body}`);

function written(row: Row, version: Version, before: Stored | undefined): Stored {
  const kept = before && before.version > version ? before : undefined;
  const { tags, priority } = version === 1 ? (kept ?? { tags: [], priority: 0 }) : (row as NoteV2);
  const text = version === 3 ? textOf(row as NoteV3) : (row as NoteV1).text;
  return { version: kept?.version ?? version, id: row.id, count: row.count, text, tags, priority };
}

export class NoteModel {
  #rows = new Map<string, Stored>();

  /** The result that the operation has to have for a process of this version. */
  perform(version: Version, operation: Operation): unknown {
    if (operation.op === 'getMany') return operation.ids.map((id) => this.#get(version, id));
    if (operation.op !== 'transaction') return this.#single(version, operation);
    const before = new Map(this.#rows);
    const results = operation.all.map((one) => this.#single(version, one));
    if (!operation.throws) return results;
    this.#rows = before;
    return 'as planned';
  }

  all(version: Version): Row[] {
    const stored = [...this.#rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return stored.map((row) => seenAs(row, version));
  }

  /** How many rows each version has written last. */
  get versions(): Record<number, number> {
    const counts: Record<number, number> = {};
    for (const { version } of this.#rows.values()) counts[version] = (counts[version] ?? 0) + 1;
    return counts;
  }

  #get(version: Version, id: string): Row | null {
    const stored = this.#rows.get(id);
    return stored ? seenAs(stored, version) : null;
  }

  #put(version: Version, row: Row): null {
    this.#rows.set(row.id, written(row, version, this.#rows.get(row.id)));
    return null;
  }

  #single(version: Version, operation: Single): unknown {
    switch (operation.op) {
      case 'get':
        return this.#get(version, operation.id);
      case 'has':
        return this.#rows.has(operation.id);
      case 'delete':
        return this.#rows.delete(operation.id);
      case 'take': {
        const row = this.#get(version, operation.id);
        this.#rows.delete(operation.id);
        return row;
      }
      case 'put':
        return this.#put(version, operation.row);
      case 'putNew':
        if (this.#rows.has(operation.row.id)) return false;
        this.#put(version, operation.row);
        return true;
      case 'update': {
        const row = this.#get(version, operation.id);
        if (row) this.#put(version, { ...row, count: operation.count });
        return row && { ...row, count: operation.count };
      }
      case 'updateCounter': {
        const row = this.#get(version, operation.id) ?? operation.initial;
        this.#put(version, { ...row, count: row.count + operation.by });
        return row.count + operation.by;
      }
      case 'range':
        return this.#range(version, operation.bounds);
      case 'by':
        return this.all(version).filter((row) => indexed(row, version) === operation.value);
      case 'count':
        return this.#rows.size;
    }
  }

  #range(version: Version, bounds: Extract<Single, { op: 'range' }>['bounds']): Row[] {
    const { start, end, prefix, reverse, limit } = bounds;
    const rows = reverse ? this.all(version).reverse() : this.all(version);
    const isFrom = (id: string): boolean => start === undefined || (reverse ? id <= start : id >= start);
    const isBefore = (id: string): boolean => end === undefined || (reverse ? id > end : id < end);
    const inside = rows.filter(({ id }) => isFrom(id) && isBefore(id) && id.startsWith(prefix ?? ''));
    return inside.slice(0, limit);
  }
}

function indexed(row: Row, version: Version): unknown {
  if (version === 1) return row.count;
  return version === 2 ? (row as NoteV2).priority : (row as NoteV3).title;
}
