/** What the node and the process of a console's TypeScript say to each other. */

export interface ChildData {
  /** How long an expression may run before it first waits. */
  runMs: number;
  /** Characters of output. */
  maxText: number;
  /** Characters of a value as JSON beyond which it is told as text only. */
  maxValue: number;
  functions: { module: string; name: string }[];
}

export type ToChild =
  | { type: 'evaluate'; source: string }
  | {
      type: 'answer';
      id: number;
      ok: boolean;
      value?: unknown;
      name?: string | undefined;
      message?: string | undefined;
    };

export type FromChild =
  | { type: 'ready' }
  | { type: 'call'; id: number; module: string; name: string; args: unknown[] }
  | { type: 'done'; text: string; value: unknown }
  | { type: 'failed'; name: string; message: string };
