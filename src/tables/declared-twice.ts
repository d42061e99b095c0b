/** Two declarations of one table are two versions of it; what no version may change is the same in both. */
import { TableError } from './table-error.ts';
import type { AnyTable } from './types.ts';

/** @throws `bad_table` that names the table and what differs */
export function refuseTwice(tables: readonly AnyTable[]): void {
  const known = new Map<string, AnyTable>();
  for (const table of tables) {
    const other = known.get(table.name);
    if (other === undefined) known.set(table.name, table);
    else if (other !== table) refuse(other, table);
  }
}

function refuse(one: AnyTable, other: AnyTable): void {
  const [was, is] = [shapeOf(one), shapeOf(other)];
  if (was === is && one.version !== other.version) return;
  const sentence = `it is declared twice, as version ${one.version} (${was}) and as version ${other.version} (${is}); give one of them another name`;
  throw new TableError('bad_table', sentence, { table: one.name });
}

const shapeOf = ({ key, storage, type = 'set' }: AnyTable): string => `${storage} ${type}, key ${key}`;
