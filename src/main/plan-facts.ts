import { hostname } from 'node:os';
import { digestOf, type UpgradeDeps } from '../upgrade/index.ts';
import type { NodeParts } from './node-parts.ts';

/** What an upgrade depends on; addresses, logs and contacts are none of it. */
const SECTIONS = ['limits', 'metrics', 'release', 'runner', 'timeouts'] as const;

/** Which node this is, and digests of what its configuration says about upgrades. */
export const planFacts = ({
  home,
  hostVersion,
  config,
}: NodeParts): ReturnType<UpgradeDeps['planFacts']> => ({
  node: `erlmcp@${hostname()} ${home} (erlmcp ${hostVersion}, Node ${process.versions.node})`,
  config: Object.fromEntries(SECTIONS.map((section) => [section, digestOf(config[section])])),
});
