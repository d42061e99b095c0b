import type { LensChain } from './lens-chain.ts';
import { reasonOf } from './table-error.ts';
import type { RowSchema } from './types.ts';

/** Why a row of version `from` can't be had as version `to`: lens, key or schema; undefined if it can. */
export function checkRow(
  chain: LensChain,
  row: object,
  from: number,
  to: number,
  schema: RowSchema | undefined,
): string | undefined {
  try {
    const seen = chain.view(row, from, to);
    schema?.parse(seen);
    return undefined;
  } catch (fault) {
    return reasonOf(fault);
  }
}
