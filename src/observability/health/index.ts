export {
  type CheckResult,
  createHealth,
  type Health,
  type HealthCheck,
  type HealthReading,
  type HealthResult,
  type HealthStatus,
} from './health.ts';
export {
  cpuUsed,
  diskFree,
  eventLoopLag,
  logWritable,
  MIN_DISK_MB,
  MIN_MEMORY_MB,
  memoryFree,
  memoryUsed,
} from './system-checks.ts';
