/** The Erlang that the console understands, as trees. */
import type { Term } from './terms.ts';

export type Expression =
  | { readonly type: 'value'; readonly term: Term }
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'tuple'; readonly elements: readonly Expression[] }
  /** `[A, B | Rest]`. */
  | { readonly type: 'list'; readonly elements: readonly Expression[]; readonly rest: Expression | undefined }
  | { readonly type: 'map'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'match'; readonly pattern: Expression; readonly value: Expression }
  | {
      readonly type: 'call';
      readonly module: string;
      readonly name: string;
      readonly args: readonly Expression[];
    };

/** The module of functions that are called without one, as in Erlang's shell. */
export const SHELL = 'c';
