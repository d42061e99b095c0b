/** Memory of each process: the kernel's figures, and V8's of those that answer. */
import { getHeapStatistics } from 'node:v8';
import type { MemoryResult, MemoryRow } from '../../control/index.ts';
import { memoryLimit } from '../../observability/system-memory.ts';
import type { HeapView } from '../../wire/index.ts';
import type { NodeParts } from '../node-parts.ts';
import { type NodeProcess, nodeProcesses } from './machine-processes.ts';

const HEAP_MS = 1_000;
/** States in which a runner's code answers calls. */
const ANSWERING: ReadonlySet<string> = new Set(['loaded', 'serving', 'lingering']);

export async function memoryView(node: NodeParts): Promise<MemoryResult> {
  const processes = await Promise.all((await nodeProcesses(node)).map(memoryRow));
  const total = processes.reduce((sum, { anonymous_bytes }) => sum + anonymous_bytes, 0);
  const limit = memoryLimit();
  return { total_bytes: total, limit_bytes: limit, used_percent: (100 * total) / limit, processes };
}

async function memoryRow(found: NodeProcess): Promise<MemoryRow> {
  const heap = await heapOf(found);
  return {
    where: found.where,
    os_pid: found.pid,
    anonymous_bytes: found.memoryBytes,
    mapped_bytes: found.mappedBytes,
    heap_used_bytes: heap?.heapUsed ?? null,
    heap_total_bytes: heap?.heapTotal ?? null,
    heap_limit_bytes: heap?.heapLimit ?? null,
    external_bytes: heap?.external ?? null,
  };
}

async function heapOf({ runner }: NodeProcess): Promise<HeapView | undefined> {
  if (runner === undefined) {
    const { heapUsed, heapTotal, external } = process.memoryUsage();
    return { heapUsed, heapTotal, external, heapLimit: getHeapStatistics().heap_size_limit };
  }
  if (!ANSWERING.has(runner.state)) return undefined;
  return await runner.call('memory', {}, HEAP_MS).catch(() => undefined);
}
