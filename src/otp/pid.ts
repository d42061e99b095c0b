/** Pids are unique within one process table and never reused; they print as Erlang's do, and are plain strings. */

/** The identity of a process within its table: `<0.12.0>`. */
export type Pid = `<0.${number}.0>`;

/** Returns a source of pids: `<0.1.0>`, `<0.2.0>`, … */
export function pidSource(): () => Pid {
  let last = 0;
  return () => {
    last += 1;
    return `<0.${last}.0>`;
  };
}
