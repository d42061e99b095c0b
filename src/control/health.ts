import { z } from 'zod';
import { Measure, Time } from './values.ts';

export const HealthStatus = z.enum(['healthy', 'degraded', 'unhealthy']);

export const HealthCheck = z.strictObject({
  name: z.string(),
  status: HealthStatus,
  value: Measure,
  limit: Measure,
  message: z.string().optional(),
});

/** Result of `health` and of `get_system_health`. */
export const HealthResult = z.strictObject({
  status: HealthStatus,
  score: z.number().min(0).max(100),
  checks: z.array(HealthCheck),
  timestamp: Time,
});
