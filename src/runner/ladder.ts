/**
 * The HTTP status of an error that the protocol engine gives before a handler runs (MCP 2026-07-28, the SDK's validation
 * ladder); an error of a handler is an answer like any other, with 200. -32021 has 400 wherever it comes from.
 */
const STATUS: Readonly<Record<number, number>> = {
  [-32700]: 400,
  [-32600]: 400,
  [-32601]: 404,
  [-32022]: 400,
  [-32020]: 400,
};

const MISSING_CLIENT_CAPABILITY = -32021;

export function ladderStatus(code: number, beforeHandler: boolean): number {
  if (code === MISSING_CLIENT_CAPABILITY) return 400;
  return beforeHandler ? (STATUS[code] ?? 200) : 200;
}
