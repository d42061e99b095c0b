export { Coordinator } from './coordinator.ts';
export { digestOf } from './plan/plan-parts.ts';
export { watchStatus } from './result.ts';
export { runSmokeTest } from './smoke-test.ts';
export type {
  Finding,
  Judged,
  Probe,
  TablesCopy,
  UpgradeDeps,
  UpgradeRequest,
  UpgradeTimes,
} from './types.ts';
