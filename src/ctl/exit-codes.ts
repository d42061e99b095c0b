/** Exit codes of erlmcpctl and of the scripts. */
export const EXIT = {
  ok: 0,
  failed: 1,
  degraded: 2,
  usage: 64,
  notReachable: 69,
  emergency: 70,
  noAnswer: 124,
  /** Ctrl-C, as shells have it. What was started goes on in the node. */
  interrupted: 130,
} as const;
