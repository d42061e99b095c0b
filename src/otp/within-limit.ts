import { afterMs } from './after-ms.ts';

/** Waits for `promise`, for at most `limitMs` (default: as long as it takes); what `late` does decides then. */
export async function withinLimit<T>(
  promise: Promise<T>,
  limitMs: number | undefined,
  late: () => Promise<T>,
): Promise<T> {
  if (limitMs === undefined || !Number.isFinite(limitMs)) return promise;
  const { promise: limit, resolve } = Promise.withResolvers<() => Promise<T>>();
  const cancel = afterMs(limitMs, () => resolve(late));
  try {
    const first = await Promise.race([promise.then((value) => async () => value), limit]);
    return await first();
  } finally {
    cancel();
  }
}
