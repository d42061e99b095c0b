export { Coordinator } from './coordinator.ts';
export { watchStatus } from './result.ts';
export { runSmokeTest } from './smoke-test.ts';
export type { Finding, Probe, UpgradeDeps, UpgradeTimes } from './types.ts';
