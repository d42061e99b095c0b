/** What the node keeps: sessions and releases. */
import type { ControlHandlers } from '../../admin/control-handlers.ts';
import type { NodeParts } from '../node-parts.ts';
import { listReleases } from './inventory-releases.ts';
import { listSessions } from './inventory-sessions.ts';

export function inventoryViews(node: NodeParts): Pick<ControlHandlers, 'sessions' | 'releases'> {
  return {
    sessions: (params) => listSessions(node.sessions, params),
    releases: () => listReleases(node.releases, node.store),
  };
}
