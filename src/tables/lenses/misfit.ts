import { type Fields, isFields, textOf } from './data.ts';

/** A row that a step does not fit. `path` leads from the row to what is wrong: `items[3].price`; empty: the row itself. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly path: string;
  readonly reason: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(path === '' ? reason : `${path}: ${reason}`, options);
    this.path = path;
    this.reason = reason;
  }
}

export const noField = (field: string): Misfit => new Misfit(field, 'there is no such field');
export const fieldExists = (field: string): Misfit => new Misfit(field, 'there is such a field already');

/** Refuses to write what the newer version could not give back. */
export const lost = (value: unknown): Misfit =>
  new Misfit('', `the newer version has no place for ${shortText(value)}`);

/** What `action` throws, with the place at which it was working: a field, or an index of a list. */
export function at<Result>(place: string | number, action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw placed(typeof place === 'number' ? `[${place}]` : place, cause);
  }
}

function placed(place: string, cause: unknown): Misfit {
  if (!(cause instanceof Misfit)) {
    return new Misfit(place, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const joint = cause.path === '' || cause.path.startsWith('[') ? '' : '.';
  return new Misfit(`${place}${joint}${cause.path}`, cause.reason, { cause: cause.cause });
}

export function asFields(value: unknown): Fields {
  if (isFields(value)) return value;
  throw new Misfit('', `needs an object, and is ${shortText(value)}`);
}

export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Misfit('', `needs a list, and is ${shortText(value)}`);
}

const LONGEST = 60;

export function shortText(value: unknown): string {
  const text = textOf(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
