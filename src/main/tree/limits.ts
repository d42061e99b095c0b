/** Limits of the host's supervision tree. */

/** More failures than this, and the node ends rather than go on broken: `erlmcp start`, or what supervises it, starts it anew. */
export const HOST_INTENSITY = { intensity: 3, periodMs: 10_000 } as const;

/** For a part to end what it owns: longer than requests in flight and runners are given. */
export const STOP_LIMIT_MS = 15_000;
