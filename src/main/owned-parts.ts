/** What the processes of the host's tree own. */
import type { Fleet, HostStore, Router, SessionRows, Sessions } from '../host/index.ts';
import type { EventLog } from '../host/streams/event-log.ts';
import type { HttpTransport } from '../host/transports/http/index.ts';
import type { StdioTransport } from '../host/transports/stdio/index.ts';
import type { Health } from '../observability/health/index.ts';
import type { Metrics } from '../observability/metrics/index.ts';
import type { TableStore } from '../tables/index.ts';
import type { Coordinator } from '../upgrade/index.ts';
import type { Registry } from './registry.ts';

export interface OwnedParts {
  store: HostStore;
  tables: TableStore;
  registry: Registry;
  sessions: Sessions;
  eventLog: EventLog;
  router: Router;
  fleet: Fleet;
  sessionRows: SessionRows;
  coordinator: Coordinator;
  metrics: Metrics;
  health: Health;
  http: HttpTransport;
  stdio: StdioTransport;
  /** Settles when the release serves for the first time, or can not. */
  serving: Promise<void>;
}
