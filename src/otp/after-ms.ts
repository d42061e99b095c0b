/** The most that a timer of Node takes, in ms; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `action` in `ms`, however long that is; `Infinity` is never. @returns what takes it back */
export function afterMs(ms: number, action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (left: number): void => {
    const rest = left - LONGEST_TIMER_MS;
    timer = setTimeout(() => (rest > 0 ? arm(rest) : action()), Math.min(left, LONGEST_TIMER_MS));
  };
  if (Number.isFinite(ms)) arm(ms);
  return () => clearTimeout(timer);
}
