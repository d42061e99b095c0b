/**
 * Refuses requests for foreign names: a web page whose own name was made to resolve to this machine (DNS rebinding), or that
 * calls it from another origin. Ports do not matter. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports (Security Warning)
 */
import { foreignHost, foreignOrigin, type Refusal } from './refusals.ts';

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = new Set(['0.0.0.0', '::', '']);
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/i;
/** Names that were accepted are remembered as they came; bounded, since the port is the client's to choose. */
const MAX_REMEMBERED = 64;

export class HostGuard {
  private readonly hosts: Set<string>;
  private readonly origins: Set<string>;
  private readonly remembered = new Set<string>();

  /**
   * @param bindAddress allowed as a name unless it means every address
   * @param allowedHosts further host names, without port
   * @param allowedOrigins host names, or whole origins (`https://app.example.org`)
   */
  constructor(bindAddress: string, allowedHosts: readonly string[], allowedOrigins: readonly string[]) {
    const own = WILDCARDS.has(bindAddress) ? [] : [bracketed(bindAddress)];
    this.hosts = new Set([
      ...LOCAL_NAMES,
      ...own,
      ...allowedHosts.map((name) => bracketed(name.toLowerCase())),
    ]);
    this.origins = new Set([...LOCAL_NAMES, ...own, ...allowedOrigins.map((name) => name.toLowerCase())]);
  }

  check(host: string | undefined, origin: string | undefined): Refusal | undefined {
    if (host === undefined || !this.remembered.has(host)) {
      const refused = this.checkHost(host);
      if (refused) return refused;
    }
    return origin === undefined || origin === '' ? undefined : this.checkOrigin(origin);
  }

  private checkHost(host: string | undefined): Refusal | undefined {
    if (!host) return foreignHost(undefined);
    const name = HOST.exec(host)?.[1]?.toLowerCase();
    if (name === undefined || !this.hosts.has(name)) return foreignHost(name ?? host);
    if (this.remembered.size < MAX_REMEMBERED) this.remembered.add(host);
    return undefined;
  }

  private checkOrigin(origin: string): Refusal | undefined {
    if (this.origins.has(origin)) return undefined;
    const url = URL.parse(origin);
    const known = url !== null && (this.origins.has(url.hostname) || this.origins.has(url.origin));
    return known ? undefined : foreignOrigin(origin);
  }
}

const bracketed = (name: string): string =>
  name.split(':').length > 2 && !name.startsWith('[') ? `[${name}]` : name;
