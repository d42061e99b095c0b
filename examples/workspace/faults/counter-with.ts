import type { AnyServer, ServerCallbacks } from 'erlmcp/otp';
import { counter } from '../3.0.0/counter.ts';

/** The counter of 3.0.0 with other callbacks, and perhaps another version of its state. */
export const counterWith = (callbacks: Partial<ServerCallbacks>, version = counter.version): AnyServer => ({
  ...counter,
  version,
  callbacks: { ...counter.callbacks, ...callbacks },
});
