/** Waits for `promise`, for at most `limitMs` (default: as long as it takes); what `late` does decides then. */
export async function withinLimit<T>(
  promise: Promise<T>,
  limitMs: number | undefined,
  late: () => Promise<T>,
): Promise<T> {
  if (limitMs === undefined || !Number.isFinite(limitMs)) return promise;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<() => Promise<T>>((resolve) => {
    timer = setTimeout(() => resolve(late), limitMs);
  });
  try {
    const first = await Promise.race([promise.then((value) => async () => value), limit]);
    return await first();
  } finally {
    clearTimeout(timer);
  }
}
