import { Argument, type Command } from 'commander';
import { OperatorError, tuple } from '../../errors/index.ts';
import { ask, type CtlCommand, type Invocation, printResult } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { seconds } from '../output/format.ts';
import { FINDING_COLUMNS } from '../upgrade/finding-columns.ts';
import {
  allowBreakingOption,
  asked,
  forceOption,
  lingerOption,
  parseVersion,
  planOption,
  timeoutOption,
  whyOption,
} from '../upgrade/options.ts';

const HELP = `It returns after post_flight_checks; the node then watches the new version, and keeps the one before warm until that ends.
Ctrl-C leaves the upgrade running. --status on a terminal follows one that runs.
Exit code: 0 upgraded, or that version runs already; 1 refused, failed, or rolled back by itself; 70 neither version
serves; 124 the outcome is not known.`;

export const COLUMNS = FINDING_COLUMNS;

export const command: CtlCommand = {
  help: HELP,
  configure: (command: Command) => {
    command
      .addArgument(new Argument('[version]', 'the version to upgrade to').argParser(parseVersion))
      .option(
        '--dry-run',
        'the pre-flight checks, a rehearsal on a copy, and a plan; the node stays as it is',
      )
      .addOption(planOption())
      .option('--verify-only', 'only the verification of the version that runs')
      .addOption(
        forceOption(
          'go on where only a warning stands in the way; skips no checksum, signature, path or lens',
        ),
      )
      .addOption(allowBreakingOption())
      .addOption(timeoutOption())
      .addOption(lingerOption())
      .addOption(whyOption())
      .option('--drain', 'hold new calls before the switch, for up to 10 s, while those in flight finish')
      .option('--wait-watch', 'follow until the watch has ended')
      .option('--accept', 'end the watch now and stay on the new version')
      .option('--cancel', 'give up the upgrade that runs, before its commit point')
      .option('--status', 'how the upgrade stands');
  },
  run: async (invocation) => {
    const { options, args } = invocation;
    checkUsage(args[0], options);
    if (options.accept) return accept(invocation);
    if (options.cancel) return cancel(invocation);
    if (options.status) return showStatus(invocation);
    const { runUpgrade } = await import('../upgrade/operate.ts');
    const params = {
      version: args[0]!,
      ...asked(options),
      dry_run: options.dryRun === true,
      force: options.force === true,
      verify_only: options.verifyOnly === true,
      ...(options.allowBreaking === true ? { allow_breaking: true } : {}),
      ...(options.drain === true ? { drain_s: DRAIN_S } : {}),
      ...(typeof options.plan === 'string' ? { plan: options.plan } : {}),
      ...(typeof options.timeout === 'number' ? { timeout_s: options.timeout } : {}),
      ...(typeof options.linger === 'number' ? { linger_s: options.linger } : {}),
    };
    return runUpgrade(invocation, params, { waitWatch: options.waitWatch === true });
  },
};

const DRAIN_S = 10;
const STARTING = [
  ...[
    'dryRun',
    'plan',
    'drain',
    'verifyOnly',
    'force',
    'allowBreaking',
    'timeout',
    'linger',
    'why',
    'waitWatch',
  ],
];

/** Each goes without a version, and without the others. */
const ALONE = ['accept', 'cancel', 'status'];

function checkUsage(version: string | undefined, options: Invocation['options']): void {
  const [query, ...more] = ALONE.filter((name) => options[name]);
  if (more.length > 0) throw wrongUsage(`--${query} and --${more[0]} exclude each other.`);
  if (query && (version !== undefined || STARTING.some((name) => options[name] !== undefined)))
    throw wrongUsage(`--${query} stands alone, without a version.`);
  if (!query && version === undefined) throw wrongUsage('The version to upgrade to is missing.');
  if (options.dryRun && options.verifyOnly)
    throw wrongUsage('--dry-run and --verify-only exclude each other.');
  for (const [name, mode] of [
    ['dryRun', '--dry-run'],
    ['verifyOnly', '--verify-only'],
  ] as const)
    if (options.plan && options[name]) throw wrongUsage(`--plan and ${mode} exclude each other.`);
  if (options.allowBreaking && options.verifyOnly)
    throw wrongUsage('--allow-breaking and --verify-only exclude each other.');
}

const wrongUsage = (sentence: string): OperatorError =>
  new OperatorError(tuple('wrong_usage', 'upgrade'), sentence, 'See: erlmcpctl upgrade --help', {
    exitCode: EXIT.usage,
  });

async function accept(invocation: Invocation): Promise<number> {
  const result = await ask(invocation.home, 'accept', {});
  printResult(
    invocation,
    'accept',
    result,
    ({ version, remaining_s }) =>
      `${version} is accepted; its watch ended with ${seconds(remaining_s)} left.`,
  );
  return EXIT.ok;
}

async function cancel(invocation: Invocation): Promise<number> {
  const result = await ask(invocation.home, 'cancel', {});
  printResult(
    invocation,
    'cancel',
    result,
    ({ version, target_version }) => `The upgrade to ${target_version} is given up; ${version} serves.`,
  );
  return EXIT.ok;
}

async function showStatus(invocation: Invocation): Promise<number> {
  const { home, json, terminal } = invocation;
  const status = await ask(home, 'get_upgrade_status', {});
  const { upgradeSentence } = await import('../output/upgrade-text.ts');
  printResult(invocation, 'get_upgrade_status', status, (shown) => upgradeSentence(shown));
  const running = ['preparing', 'upgrading', 'verifying'].includes(status.status);
  if (!running || json || !terminal.interactive) return status.status === 'failed' ? EXIT.failed : EXIT.ok;
  const { runFollow } = await import('../upgrade/operate.ts');
  return runFollow(invocation, status);
}
