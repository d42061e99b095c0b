/** Memory of this process as V8 counts it; what the kernel counts, the host reads itself. */
import { getHeapStatistics } from 'node:v8';
import type { HeapView } from '../wire/index.ts';

export function heapView(): HeapView {
  const { heapUsed, heapTotal, external } = process.memoryUsage();
  return { heapUsed, heapTotal, external, heapLimit: getHeapStatistics().heap_size_limit };
}
