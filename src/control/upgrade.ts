/**
 * An upgrade or downgrade is an *operation*: `upgrade` and `downgrade` start it and answer at once with its id, `upgrade_follow`
 * tells of it until it ends. It belongs to the node: no caller holds it up or ends it by going away.
 */
import { z } from 'zod';
import { UPGRADE_PHASES } from './phases.ts';
import { Count, Measure, Millis, Seconds, Time, Version } from './values.ts';
import { Watch } from './watch.ts';

export const Phase = z.enum(UPGRADE_PHASES);
export const Step = z.enum([...UPGRADE_PHASES, 'rehearsal', 'rollback']);
export const PhaseTime = z.strictObject({ phase: Phase, ms: Millis });
export const OperationId = z.string().min(1).max(64);
/** What a dry run gives out. */
const PlanId = z.string().regex(/^[0-9a-f]{12}$/, 'is no plan of a dry run, such as 0f3a9c51b7e2');
/** Deadline of the whole operation. */
const TimeoutSeconds = z.int().min(1).max(86_400);

/** Result of `get_upgrade_status`; its keys are those of the coordinator's `{ok, #{...}}`. */
export const UpgradeStatus = z.strictObject({
  status: z.enum(['idle', 'preparing', 'upgrading', 'verifying', 'completed', 'failed']),
  current_version: Version,
  target_version: Version.nullable(),
  phases_completed: z.array(PhaseTime),
  phases_total: z.literal(UPGRADE_PHASES.length),
  start_time: Time.nullable(),
  /** An Erlang term. */
  error_reason: z.string().nullable(),
});

/** Who asks, and what for: as they say, for the history. */
const Asked = {
  by: z.string().min(1).max(200).optional(),
  why: z.string().min(1).max(500).optional(),
};

/** Clients give a request up after a minute. */
export const DrainSeconds = z.int().min(1).max(60);

/** How long a call in flight at the flip may go on, on the version before. Default: `timeouts.linger_s`. */
const LingerSeconds = z.int().min(0).max(86_400);

export const UpgradeParams = z
  .strictObject({
    ...Asked,
    version: Version,
    dry_run: z.boolean().optional(),
    force: z.boolean().optional(),
    verify_only: z.boolean().optional(),
    /** Goes on where something that clients of today use would fail. */
    allow_breaking: z.boolean().optional(),
    /** Before the switch new calls are held for up to so long, while those in flight finish. */
    drain_s: DrainSeconds.optional(),
    linger_s: LingerSeconds.optional(),
    /** Of a dry run: refused if node, package or configuration have changed since. */
    plan: PlanId.optional(),
    timeout_s: TimeoutSeconds.optional(),
  })
  .refine((params) => !(params.dry_run && params.verify_only), 'dry_run and verify_only exclude each other')
  .refine(({ plan, ...mode }) => !(plan && (mode.dry_run || mode.verify_only)), 'a plan is for an upgrade');

export const DowngradeParams = z.strictObject({
  ...Asked,
  version: Version,
  force: z.boolean().optional(),
  linger_s: LingerSeconds.optional(),
  timeout_s: TimeoutSeconds.optional(),
});

export const OperationKind = z.enum(['upgrade', 'downgrade', 'dry_run', 'verify_only']);

/** Answer of `upgrade` and `downgrade`. `unchanged`: that version runs already, nothing was started. */
export const OperationStart = z.strictObject({
  operation: OperationId,
  kind: OperationKind,
  state: z.enum(['started', 'unchanged']),
  current_version: Version,
  target_version: Version,
  /** The longest that it can take, a rollback included; who follows waits a little longer than that. */
  deadline_s: Seconds,
});

/** Without `operation`: the one that runs, or else the last one. */
export const UpgradeFollowParams = z.strictObject({ operation: OperationId.optional() });

/** Notification `upgrade_event`. Who starts to follow late gets those that it missed first. */
export const UpgradeEvent = z.strictObject({
  operation: OperationId,
  phase: Step,
  /** `running`: how far it is, in `message`; who follows late gets none of those. */
  state: z.enum(['started', 'running', 'done', 'failed']),
  ms: Millis.optional(),
  message: z.string().optional(),
  completed: Count,
  total: Count,
});

/** What pre-flight or the smoke test found, item by item. */
export const Finding = z.strictObject({
  name: z.string(),
  status: z.enum(['passed', 'warning', 'failed', 'skipped']),
  value: Measure,
  limit: Measure,
  message: z.string().optional(),
});

export const OperationError = z.strictObject({
  term: z.string(),
  message: z.string(),
  remedy: z.string(),
  exit_code: z.int().min(0).max(255),
});

/** What an operator needs when neither version serves. */
export const Emergency = z.strictObject({
  backups: z.array(z.string()),
  contacts: z.array(z.strictObject({ role: z.string(), contact: z.string() })),
});

/** Answer of `upgrade_follow`: how the operation ended. */
export const OperationResult = z.strictObject({
  operation: OperationId,
  kind: OperationKind,
  /**
   * `rolled_back`: a phase failed after something had changed, and the earlier version serves. `failed`: nothing had changed.
   * `aborted`: ended from outside, by a downgrade with force for one. `emergency`: neither version serves.
   */
  outcome: z.enum(['completed', 'unchanged', 'failed', 'rolled_back', 'aborted', 'emergency']),
  from_version: Version,
  target_version: Version,
  current_version: Version,
  phases_completed: z.array(PhaseTime),
  phases_total: Count,
  failed_phase: Step.nullable(),
  start_time: Time,
  ms: Millis,
  error: OperationError.nullable(),
  findings: z.array(Finding),
  /** Made by a dry run that passed, or the one that an upgrade was held to. */
  plan: PlanId.optional(),
  watch: Watch,
  emergency: Emergency.nullable(),
});

/** Answer of `accept`. Without a watch the node refuses by name. */
export const AcceptResult = z.strictObject({ version: Version, remaining_s: Seconds });

/** Answer of `cancel`: the version that serves on, and the one that was given up. */
export const CancelResult = z.strictObject({ version: Version, target_version: Version });

/** One operation of the past, or the one that runs. */
export const UpgradeRow = z.strictObject({
  id: Count,
  kind: z.enum(['upgrade', 'downgrade', 'dry_run']),
  from_version: Version,
  target_version: Version,
  started: Time,
  /** Null while it runs. */
  ms: Millis.nullable(),
  phases: z.array(PhaseTime),
  /** `interrupted`: the host ended meanwhile. */
  outcome: z.enum(['running', 'completed', 'failed', 'rolled_back', 'aborted', 'interrupted']),
  /** How its watch ended: `passed`, `accepted`, `rolled_back`, `superseded`; null for none, or while it goes on. */
  watch: z.string().nullable(),
  /** What the measurements said at that moment. */
  verdict: z.string().nullable(),
  by: z.string().nullable(),
  why: z.string().nullable(),
  /** Why it ended as it did, as an Erlang term. */
  reason: z.string().nullable(),
});

/** Newest first. */
export const UpgradesResult = z.array(UpgradeRow);

/** `timeout_s`: default 10. `end`: what is held goes on at once. Neither: how it stands. */
export const DrainParams = z
  .strictObject({ timeout_s: DrainSeconds.optional(), end: z.boolean().optional() })
  .refine((params) => !(params.timeout_s && params.end), 'timeout_s and end exclude each other');

export const DrainResult = z.strictObject({
  /** `draining`: calls are in flight still; `drained`: none is; `ended`: new calls are not held. */
  state: z.enum(['draining', 'drained', 'ended']),
  in_flight: Count,
  held: Count,
  remaining_s: Seconds,
});
