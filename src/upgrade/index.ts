export { Coordinator } from './coordinator.ts';
export { watchStatus } from './result.ts';
export { runSmokeTest } from './smoke-test.ts';
export type { Finding, Judged, Probe, UpgradeDeps, UpgradeRequest, UpgradeTimes } from './types.ts';
