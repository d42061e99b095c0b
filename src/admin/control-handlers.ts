/** What the composition root gives to the control server: one function for each method of the control API. */
import type { MethodName, NotificationName, NotificationOf, ParamsOf, ResultOf } from '../control/index.ts';

export interface ControlContext {
  /** Aborts when the caller has gone or the server closes. What was started goes on: only followers end by it. */
  readonly signal: AbortSignal;
  /** Tells the caller something before the answer. Dropped if the caller has gone. */
  notify<N extends NotificationName>(name: N, params: NotificationOf<N>): void;
}

export type ControlHandlers = {
  readonly [M in MethodName]: (
    params: ParamsOf<M>,
    context: ControlContext,
  ) => ResultOf<M> | Promise<ResultOf<M>>;
};

/** For the node's log: what went wrong without being an operator's doing. */
export type ControlLog = (message: string, error?: unknown) => void;
