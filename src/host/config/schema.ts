import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { DEFAULT_ESCALATION } from '../../control/contact-roles.ts';
import { parsePublicKey } from '../../release/signature.ts';

/**
 * Every key of `erlmcp.json`, with its default, its limits and what it does. The unit of a number is the end of its key. The names
 * of the environment variables follow from the keys (`http.port` is ERLMCP_HTTP_PORT). `docs/configuration.md`
 * lists the same, and a test compares the two.
 */

const MIB = 1024 * 1024;
/** Longest delay that a timer of Node takes, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const MAX_TIMER_S = Math.floor(MAX_TIMER_MS / 1000);

const whole = (min: number, max: number, fallback: number, doc: string) =>
  z.int().min(min).max(max).default(fallback).meta({ description: doc });
const milliseconds = (min: number, fallback: number, doc: string) => whole(min, MAX_TIMER_MS, fallback, doc);
const seconds = (min: number, fallback: number, doc: string) => whole(min, MAX_TIMER_S, fallback, doc);
const port = (fallback: number, doc: string) => whole(0, 65_535, fallback, doc);
const text = (doc: string) => z.string().max(500).default('').meta({ description: doc });
const list = (item: z.ZodString, doc: string) =>
  z.array(item).max(100).default([]).meta({ description: doc });
/** The runbook's escalation matrix. */
const cell = z.string().min(1).max(500);
const hostName = z.string().min(1).max(255);
const publicKey = z
  .string()
  .max(500)
  .refine((text) => parsePublicKey(text) !== undefined, {
    error: 'an Ed25519 public key is needed, as PEM or base64',
  });
const origin = z
  .string()
  .max(300)
  .refine((value) => URL.canParse(value) && new URL(value).origin === value, {
    error: 'an origin such as "https://app.example.com" is needed',
  });

export const configSchema = z.strictObject({
  bind: z
    .string()
    .refine((host) => isIP(host) !== 0 || host === 'localhost', {
      error: 'an IP address or "localhost" is needed',
    })
    .default('127.0.0.1')
    .meta({ description: 'Address on which both ports listen. Any that is not loopback needs `insecure`.' }),
  insecure: z
    .boolean()
    .default(false)
    .meta({ description: 'Allows a `bind` that others can reach, although nobody has to authenticate.' }),
  cookie: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, { error: 'up to 255 printable characters without a space are needed' })
    .default('erlmcp')
    .meta({
      description: 'What `erl -setcookie` has to name. It keeps nobody out: it tells a node from another.',
    }),
  http: z
    .strictObject({
      port: port(8080, 'Port of `/mcp`. 0 takes a free one.'),
      allowed_hosts: list(
        hostName,
        'Names in the `Host` header that are accepted besides those of this machine.',
      ),
      allowed_origins: list(
        origin,
        'Origins, such as `https://app.example.com`, that are accepted besides those of this machine.',
      ),
    })
    .prefault({}),
  admin: z
    .strictObject({
      port: port(9090, 'Port of `/health/live`, `/health/ready` and `/metrics`. 0 takes a free one.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body_bytes: whole(1024, 1024 * MIB, 4 * MIB, 'Largest body of a request.'),
      sessions: whole(
        1,
        10_000_000,
        100_000,
        'Sessions kept; beyond it the one that is idle for longest ends.',
      ),
      in_flight: whole(1, 1_000_000, 10_000, 'Requests in flight on the node; beyond it they are refused.'),
      events_per_session: whole(
        0,
        1_000_000,
        1_000,
        'Events of a stream that are kept for a client that resumes it.',
      ),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      session_idle_s: seconds(1, 24 * 3600, 'A session without request, stream or call ends after this.'),
      stdio_offline_s: seconds(
        1,
        30,
        'With the node down for this long, `erlmcp stdio` answers with an error.',
      ),
      heartbeat_ms: milliseconds(100, 5_000, 'A runner that is silent for longer is killed and restarted.'),
      writer_lock_ms: milliseconds(
        10,
        1_000,
        'A runner that holds the writer lock of the tables for longer is killed.',
      ),
      suspend_ms: milliseconds(
        10,
        5_000,
        'A server that is busy for longer in `suspend_supervisors` aborts the upgrade.',
      ),
      upgrade_s: seconds(1, 300, 'An upgrade that is not done after this is rolled back.'),
      linger_s: seconds(
        0,
        600,
        'How long a call that was in flight at the flip may go on, on the older version.',
      ),
      watch_s: seconds(
        0,
        3600,
        'How long the version before is kept warm after an upgrade, and the measurements are compared.',
      ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .meta({ description: 'Least level that is logged.' }),
      max_bytes: whole(64 * 1024, 1024 * MIB, 10 * MIB, 'Size at which a log file is rotated.'),
      files: whole(0, 100, 5, 'Rotated files that are kept of each log.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      window_s: whole(
        1,
        60,
        10,
        'Length of one window of measurements. The last 30 windows are kept, and compared with the baseline.',
      ),
    })
    .prefault({}),
  runner: z
    .strictObject({
      memory_mb: whole(
        64,
        1_048_576,
        2_048,
        "Memory of a runner's JavaScript heap; beyond it the runner ends and is restarted.",
      ),
      restart_min_ms: milliseconds(
        1,
        100,
        'Wait before the first restart of a runner; it doubles with each.',
      ),
      restart_max_ms: milliseconds(1, 30_000, 'Longest wait between two restarts.'),
    })
    .prefault({}),
  release: z
    .strictObject({
      trusted_keys: list(
        publicKey,
        'Ed25519 public keys, PEM or base64. Where there are any, a package is installed only if one of them has signed it.',
      ),
    })
    .prefault({}),
  contacts: z
    .strictObject({
      on_call: text('On-call engineer, primary. Shown when neither version serves.'),
      on_call_secondary: text('On-call engineer, secondary.'),
      lead: text('Engineering lead.'),
      escalation: text('Escalation manager.'),
      chat: text('Emergency chat.'),
    })
    .prefault({}),
  escalation: z
    .array(z.strictObject({ severity: cell, response_time: cell, path: cell }))
    .max(100)
    .default([...DEFAULT_ESCALATION])
    .meta({ description: 'Who is called in which order, and how fast. Shown by `erlmcpctl contacts`.' }),
});

export type Config = z.output<typeof configSchema>;

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** What one key alone can't tell. The first element is the key at fault. */
export function crossCheck(config: Config): [key: string, problem: string][] {
  const problems: [string, string][] = [];
  if (!isLoopback(config.bind) && !config.insecure) {
    problems.push([
      'bind',
      `${config.bind} can be reached from other machines, and nobody has to authenticate yet; use 127.0.0.1, or set "insecure": true`,
    ]);
  }
  if (config.http.port === config.admin.port && config.http.port !== 0) {
    problems.push(['admin.port', `${config.admin.port} is the port of http.port too`]);
  }
  if (config.runner.restart_min_ms > config.runner.restart_max_ms) {
    problems.push(['runner.restart_min_ms', 'more than runner.restart_max_ms']);
  }
  return problems;
}
