import { InvalidArgumentError, Option } from 'commander';

const DEFAULT_S = 2;
const MIN_S = 0.5;
const MAX_S = 3600;

export const watchOption = (): Option =>
  new Option('--watch [seconds]', `ask again and again, every ${DEFAULT_S} s unless said otherwise`)
    .preset(String(DEFAULT_S))
    .argParser(parseSeconds);

function parseSeconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= MIN_S && value <= MAX_S) return value;
  throw new InvalidArgumentError(`It is not a number of seconds from ${MIN_S} to ${MAX_S}.`);
}
