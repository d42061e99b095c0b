import { isIP } from 'node:net';

/**
 * Which `Host` headers are ours. A web page whose name was made to point at this machine (DNS rebinding) sends its own name;
 * an address can't be rebound, so any is fine where the port is open to other machines.
 */

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isOwnHost(
  header: string | undefined,
  options: { allowed: readonly string[]; anyAddress: boolean },
): boolean {
  const name = nameOf(header);
  if (name === undefined) return false;
  if (LOCAL.has(name) || options.allowed.some((allowed) => allowed.toLowerCase() === name)) return true;
  return options.anyAddress && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** The header without its port; undefined: it is none. */
function nameOf(header: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s[\]]+)(?::\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase();
}
