/** What a server's handler returns. */

export interface Reply<Value, State> {
  readonly kind: 'reply';
  readonly value: Value;
  readonly state: State;
}

export interface NoReply<State> {
  readonly kind: 'noreply';
  readonly state: State;
}

export interface Stop<State, Value = never> {
  readonly kind: 'stop';
  readonly reason: string;
  readonly state: State;
  /** Empty: the caller of a call gets the reason. */
  readonly answer: readonly [] | readonly [Value];
}

/** Answers the call with `value` and goes on with `state`. */
export const reply = <Value, State>(value: Value, state: State): Reply<Value, State> => ({
  kind: 'reply',
  value,
  state,
});

/** Goes on with `state`. A call stays open: answer it later with `replyTo(from, value)`. */
export const noreply = <State>(state: State): NoReply<State> => ({ kind: 'noreply', state });

/** Ends the process after `terminate`; a call is answered with `value` where one is given, else it fails with the reason. */
export function stop<State>(reason: string, state: State): Stop<State>;
export function stop<State, Value>(reason: string, state: State, value: Value): Stop<State, Value>;
export function stop<State>(reason: string, state: State, ...answer: [] | [unknown]): Stop<State, unknown> {
  return { kind: 'stop', reason, state, answer };
}
