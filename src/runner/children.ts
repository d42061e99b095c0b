/** The servers of a supervision tree, in the order in which they start. */
import type { ChildSpec } from '../otp/index.ts';

export interface DeclaredServer {
  /** Registered name. */
  name: string;
  /** Of its state's shape. */
  version: number;
}

export const serversOf = (children: readonly ChildSpec[]): DeclaredServer[] =>
  children.flatMap(({ name, start }) =>
    start.kind === 'supervisor'
      ? serversOf(start.children)
      : [{ name: name ?? start.name, version: start.version }],
  );
