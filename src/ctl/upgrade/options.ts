/** Arguments that upgrade and downgrade share. */
import { InvalidArgumentError, Option } from 'commander';

const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/;
const MAX_TIMEOUT_S = 86_400;

export function parseVersion(text: string): string {
  if (VERSION.test(text)) return text;
  throw new InvalidArgumentError('It is not a version such as 3.0.0.');
}

export const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'deadline of the whole operation').argParser(parseTimeout);

export const forceOption = (what: string): Option => new Option('--force', what);

function parseTimeout(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MAX_TIMEOUT_S) return value;
  throw new InvalidArgumentError(`It is not a whole number of seconds from 1 to ${MAX_TIMEOUT_S}.`);
}
