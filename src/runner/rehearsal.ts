/** What the rehearsal of a dry run looks at in a runner that has taken servers' states over, and holds them. */
import { isDeepStrictEqual } from 'node:util';
import type { ProcessTable, ServerSnapshot } from '../otp/index.ts';
import type { RehearsedServer } from '../wire/index.ts';

/** @param hadState whether the version before had one: then there has to be one now */
export function rehearsedServer(
  { name, version, state }: ServerSnapshot,
  hadState: boolean,
  table: ProcessTable,
): RehearsedServer {
  return { name, version, ...judge(state, hadState), leavesOut: table.leavesOut(name) };
}

function judge(state: unknown, hadState: boolean): Pick<RehearsedServer, 'problem' | 'warning'> {
  if (state === undefined && hadState)
    return { problem: 'its codeChange or lens returned nothing', warning: null };
  try {
    const same = isDeepStrictEqual(structuredClone(state), state);
    return { problem: null, warning: same ? null : 'a hand-over would make plain objects of some in it' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `it does not survive a structured clone: ${why}`, warning: null };
  }
}
