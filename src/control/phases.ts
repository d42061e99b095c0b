/** The names of an upgrade's phases, in their order. Free of zod, so that erlmcpctl can load it cheaply. */
export const UPGRADE_PHASES = [
  'pre_flight_checks',
  'backup_state',
  'load_modules',
  'suspend_supervisors',
  'transform_state',
  'migrate_data',
  'resume_supervisors',
  'post_flight_checks',
] as const;

export type UpgradePhase = (typeof UPGRADE_PHASES)[number];

/** What an operation can report on: a phase, a dry run's rehearsal after the first, or the way back after one failed. */
export type OperationStep = UpgradePhase | 'rehearsal' | 'rollback';
