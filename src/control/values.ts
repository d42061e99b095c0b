/** Values that several methods share. Times are ISO 8601 strings in UTC; durations carry their unit in their key. */
import { z } from 'zod';

/** What may stand for a version in a command: it becomes part of a file name, so nothing that leads out of a folder. */
export const Version = z
  .string()
  .max(64)
  .regex(/^[0-9A-Za-z][0-9A-Za-z.+-]*$/, 'is not a version such as 3.0.0');

export const Time = z.iso.datetime();

/** Process id of the operating system. */
export const OsPid = z.int().positive();

export const Count = z.int().nonnegative();

export const Millis = z.number().nonnegative();

export const Seconds = z.number().nonnegative();

/** What a check measured, or holds it against. */
export const Measure = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const NoParams = z.strictObject({});
