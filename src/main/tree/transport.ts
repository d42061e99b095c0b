/** `erlmcp_transport_sup`: where clients and operators come in. Each stands alone. */
import { startControlServer } from '../../admin/control-server.ts';
import { startAdminHttp } from '../../admin/http/index.ts';
import { startHttp } from '../../host/transports/http/index.ts';
import { startStdio } from '../../host/transports/stdio/index.ts';
import { type SupervisorSpec, supervisor } from '../../otp/index.ts';
import { controlHandlers } from '../control-handlers.ts';
import type { NodeParts } from '../node-parts.ts';
import { socketOf } from './core.ts';
import { HOST_INTENSITY, STOP_LIMIT_MS } from './limits.ts';
import { part } from './part.ts';

/** Requests in flight have so long to be answered when the node stops. */
const STOP_GRACE_MS = 5_000;
const KEEP_ALIVE_MS = 15_000;

export function transportSupervisor(node: NodeParts): SupervisorSpec {
  return supervisor({
    name: 'erlmcp_transport_sup',
    strategy: 'one_for_one',
    ...HOST_INTENSITY,
    children: [http(node), stdio(node), control(node), admin(node)].map((start) => ({
      id: start.name,
      start,
      shutdown: STOP_LIMIT_MS,
    })),
  });
}

const http = (node: NodeParts) =>
  part({
    name: 'erlmcp_http',
    start: async () => {
      const { bind, http: config, limits } = node.config;
      node.http = await startHttp({
        gateway: node.router,
        host: bind,
        // Clients know the port that was free the first time.
        port: node.http?.address.port ?? config.port,
        allowedHosts: config.allowed_hosts,
        allowedOrigins: config.allowed_origins,
        limits: { bodyBytes: limits.body_bytes },
        eventLog: node.eventLog,
        counters: node.http?.counters,
        keepAliveMs: KEEP_ALIVE_MS,
        log: node.log,
      });
      node.transports.opened('http');
      return node.http;
    },
    stop: async (owned) => {
      node.transports.closing('http');
      await owned.close(STOP_GRACE_MS);
      node.transports.closed('http');
    },
  });

const stdio = (node: NodeParts) =>
  part({
    name: 'erlmcp_stdio',
    start: async () => {
      node.stdio = await startStdio({
        gateway: node.router,
        path: socketOf(node, 'stdio'),
        log: node.log,
        upgrading: () => node.coordinator.running,
        counters: node.stdio?.counters,
      });
      node.transports.opened('stdio');
      return node.stdio;
    },
    stop: async (owned) => {
      node.transports.closing('stdio');
      await owned.close();
      node.transports.closed('stdio');
    },
  });

const control = (node: NodeParts) =>
  part({
    name: 'erlmcp_control',
    start: () =>
      startControlServer({
        socketPath: socketOf(node, 'erlmcp'),
        handlers: controlHandlers(node),
        log: (message, error) => node.log.error(`Control API: ${message}`, { error }),
      }),
    stop: (owned) => owned.close(),
  });

const admin = (node: NodeParts) =>
  part({
    name: 'erlmcp_admin_http',
    start: () =>
      startAdminHttp({
        host: node.config.bind,
        port: node.config.admin.port,
        allowedHosts: node.config.http.allowed_hosts,
        live: () => true,
        ready: () => node.ready && node.fleet.active !== undefined && node.transports.allOpen,
        metricsText: () => node.metrics.text(),
        log: node.log,
      }),
    stop: (owned) => owned.close(),
  });
