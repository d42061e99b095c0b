/**
 * Named checks, each with a value and the limit that it is held against. A check that throws or does not answer in time is
 * unhealthy itself: whoever asks always gets an answer, within the longest deadline.
 */

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';
export type Measure = string | number | boolean | null;

export interface HealthReading {
  /** Default `healthy`. */
  status?: HealthStatus;
  value: Measure;
  message?: string;
}

export interface HealthCheck {
  name: string;
  limit: Measure;
  /** Default 2,000. */
  deadlineMs?: number;
  read(): HealthReading | Promise<HealthReading>;
}

export interface CheckResult {
  name: string;
  status: HealthStatus;
  value: Measure;
  limit: Measure;
  message?: string;
}

/** The map of the runbook's `get_system_health`. */
export interface HealthResult {
  /** The worst of the checks. */
  status: HealthStatus;
  /** 0 to 100: a degraded check counts half. */
  score: number;
  checks: CheckResult[];
  /** ISO 8601. */
  timestamp: string;
}

export interface Health {
  check(): Promise<HealthResult>;
}

const DEADLINE_MS = 2_000;
const WORTH: Readonly<Record<HealthStatus, number>> = { healthy: 1, degraded: 0.5, unhealthy: 0 };

export function createHealth(checks: readonly HealthCheck[]): Health {
  return {
    async check() {
      const results = await Promise.all(checks.map(run));
      return {
        status: worstOf(results),
        score: scoreOf(results),
        checks: results,
        timestamp: new Date().toISOString(),
      };
    },
  };
}

async function run(check: HealthCheck): Promise<CheckResult> {
  const { name, limit, deadlineMs = DEADLINE_MS } = check;
  try {
    const { status = 'healthy', value, message } = await withDeadline(async () => check.read(), deadlineMs);
    return { name, status, value, limit, ...(message === undefined ? {} : { message }) };
  } catch (error) {
    return {
      name,
      status: 'unhealthy',
      value: null,
      limit,
      message: error instanceof Error ? error.message : String(error),
    };
  }
}

async function withDeadline<T>(work: () => Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function worstOf(results: readonly CheckResult[]): HealthStatus {
  const has = (status: HealthStatus): boolean => results.some((result) => result.status === status);
  if (has('unhealthy')) return 'unhealthy';
  return has('degraded') ? 'degraded' : 'healthy';
}

function scoreOf(results: readonly CheckResult[]): number {
  if (results.length === 0) return 100;
  const worth = results.reduce((sum, { status }) => sum + WORTH[status], 0);
  return Math.round((100 * worth) / results.length);
}
