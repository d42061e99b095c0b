/** Arguments that upgrade and downgrade share. */
import { hostname, userInfo } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';

const MAX_LINGER_S = 86_400;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/;
const MAX_TIMEOUT_S = 86_400;

export function parseVersion(text: string): string {
  if (VERSION.test(text)) return text;
  throw new InvalidArgumentError('It is not a version such as 3.0.0.');
}

export const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'deadline of the whole operation').argParser(
    secondsFrom(1, MAX_TIMEOUT_S),
  );

export const lingerOption = (): Option =>
  new Option(
    '--linger <seconds>',
    'how long calls in flight at the switch may go on (default: timeouts.linger_s)',
  ).argParser(secondsFrom(0, MAX_LINGER_S));

export const forceOption = (what: string): Option => new Option('--force', what);

export const allowBreakingOption = (): Option =>
  new Option('--allow-breaking', 'go on although what clients use today would fail');

function secondsFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is not a whole number of seconds from ${least} to ${most}.`);
  };
}

const PLAN = /^[0-9a-f]{12}$/;

export const planOption = (): Option =>
  new Option('--plan <id>', 'only if nothing has changed since the dry run that made this plan').argParser(
    (text) => {
      if (PLAN.test(text)) return text;
      throw new InvalidArgumentError('It is no plan of a dry run, such as 0f3a9c51b7e2.');
    },
  );

const MAX_WHY = 500;

export const whyOption = (): Option =>
  new Option('--why <text>', 'what for, for erlmcpctl upgrades').argParser((text) => {
    if (text.length >= 1 && text.length <= MAX_WHY) return text;
    throw new InvalidArgumentError(`It is not a text of 1 to ${MAX_WHY} characters.`);
  });

/** Who asks, by the user's name that sudo leaves, and what for. */
export function asked({ why }: Readonly<Record<string, unknown>>): { by: string; why?: string } {
  const by = `${process.env.SUDO_USER || userName()}@${hostname()}`.slice(0, 200);
  return typeof why === 'string' ? { by, why } : { by };
}

/** A user without an entry has a number alone. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
