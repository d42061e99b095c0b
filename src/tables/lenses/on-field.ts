import { fieldOf, withField } from './data.ts';
import { asFields, at, fieldExists, noField } from './misfit.ts';
import { type AnyStep, created, made } from './step.ts';

/** An absent field does not fit, is absent on the other side too, or is a value (undefined) like others. */
export type Absent = 'refused' | 'kept' | 'a value';

export interface FieldStep {
  readonly from: string;
  readonly to: string;
  /** For the value of the field. */
  readonly inner: AnyStep;
  readonly absent: Absent;
}

/** The value of field `from` of the older row, through `inner`, is that of field `to` of the newer one; the rest is the same. */
export function onField(parts: readonly unknown[], { from, to, inner, absent }: FieldStep): AnyStep {
  return made(parts, {
    up: (older) => moved(older, from, to, absent, inner.up),
    down: (newer) => moved(newer, to, from, absent, inner.down),
    put: (older, newer) => {
      const over = fieldOf(asFields(newer), to);
      const isNew = over === undefined && absent !== 'a value';
      return moved(older, from, to, absent, (value) =>
        isNew ? created(inner, value) : inner.put(value, over),
      );
    },
  });
}

function moved(
  row: unknown,
  from: string,
  to: string,
  absent: Absent,
  change: (value: unknown) => unknown,
): unknown {
  const fields = asFields(row);
  const value = fieldOf(fields, from);
  if (value === undefined && absent === 'refused') throw noField(from);
  if (from !== to && fieldOf(fields, to) !== undefined) throw fieldExists(to);
  const changed = value === undefined && absent === 'kept' ? undefined : at(from, () => change(value));
  return from === to
    ? withField(fields, to, changed)
    : withField(withField(fields, from, undefined), to, changed);
}
