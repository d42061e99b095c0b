import { cloneRow, type Fields, structuredEqual } from './equal.ts';
import { keysEqual } from './key.ts';
import { mergeFields } from './lenses/index.ts';
import { printKey, TableError } from './table-error.ts';
import type { Chain, ChainStep, Lens } from './types.ts';
import { isThenable } from './write-scope.ts';

/**
 * The versions of one table from oldest to newest, each with the lens from its predecessor. Shows a row of any version as
 * any other, and writes a row back over one of a newer version. The key is the same before and after every step.
 * Faults of a lens are thrown bare; who called knows the row's key and names it.
 */
export class LensChain {
  readonly steps: Chain;
  readonly #table: string;
  readonly #key: string;
  readonly #places: ReadonlyMap<number, number>;

  constructor(table: { readonly name: string; readonly key: string }, steps: Chain) {
    checkChain(table.name, steps);
    this.steps = steps;
    this.#table = table.name;
    this.#key = table.key;
    this.#places = new Map(steps.map((step, place) => [step.version, place]));
  }

  has(version: number): boolean {
    return this.#places.has(version);
  }

  get newest(): number {
    return this.steps.at(-1)?.version ?? 0;
  }

  isNewer(version: number, than: number): boolean {
    return this.#place(version) > this.#place(than);
  }

  /** The row, written as version `from`, as version `to` sees it. `row` itself is left as it is. */
  view(row: object, from: number, to: number): object {
    let place = this.#place(from);
    const target = this.#place(to);
    let seen = place === target ? row : cloneRow(row);
    for (; place < target; place++) seen = this.#step(place + 1, 'up', seen);
    for (; place > target; place--) seen = this.#step(place, 'down', seen);
    return seen;
  }

  /**
   * `older`, a row of version `own`, written over `newer`, which was written as the newer version `at`: the result is of
   * version `at`, seen as `own` it is `older`, and it keeps of `newer` what `own` does not know or has not changed.
   */
  putBack(older: object, own: number, newer: object, at: number): object {
    let row = older;
    const target = this.#place(at);
    for (let place = this.#place(own) + 1; place <= target; place++) {
      const over = this.view(newer, at, this.#at(place).version);
      row = this.#putOne(place, row, over);
    }
    return row;
  }

  /** This chain with the steps of `chain` in place of its own; steps before its first and after its last stay. */
  merge(chain: Chain): LensChain {
    checkChain(this.#table, chain);
    const first = this.#places.get(chain[0]?.version ?? 0);
    const last = this.#places.get(chain.at(-1)?.version ?? 0);
    const before = first === undefined ? [] : this.steps.slice(0, first);
    const after = last === undefined ? [] : this.steps.slice(last + 1);
    const [head, ...rest] = chain;
    const joint = first === undefined || head === undefined ? head : (this.steps[first] ?? head);
    return new LensChain(
      { name: this.#table, key: this.#key },
      joint === undefined ? this.steps : [...before, joint, ...rest, ...after],
    );
  }

  #putOne(place: number, older: object, newer: object): object {
    const lens = this.#lens(place);
    const version = this.#at(place).version;
    const result = lens.put
      ? asRow(lens.put(cloneRow(older), cloneRow(newer)), version, 'put')
      : putByRule(lens, older, newer);
    this.#checkKey(older, result, version, 'put');
    const seen = this.#step(place, 'down', cloneRow(result));
    if (!structuredEqual(seen, older)) {
      throw new Error(
        `down(put(older, newer)) of version ${version} is not the row that was written; the lens needs a put of its own`,
      );
    }
    return result;
  }

  #step(place: number, direction: 'up' | 'down', row: object): object {
    const version = this.#at(place).version;
    const before = (row as Fields)[this.#key];
    const seen = asRow(this.#lens(place)[direction](row), version, direction);
    if (!keysEqual(before, (seen as Fields)[this.#key]))
      this.#checkKey({ [this.#key]: before }, seen, version, direction);
    return seen;
  }

  #checkKey(before: object, after: object, version: number, direction: string): void {
    const [was, is] = [(before as Fields)[this.#key], (after as Fields)[this.#key]];
    if (keysEqual(was, is)) return;
    throw new Error(
      `${direction} of version ${version} changed the key from ${printKey(was)} to ${printKey(is)}`,
    );
  }

  #lens(place: number): Lens {
    const lens = this.#at(place).lens;
    if (lens === undefined) throw new Error(`version ${this.#at(place).version} has no lens`);
    return lens;
  }

  #at(place: number): ChainStep {
    const step = this.steps[place];
    if (step === undefined) throw new Error(`no version at place ${place} of the chain`);
    return step;
  }

  #place(version: number): number {
    const place = this.#places.get(version);
    if (place === undefined) {
      throw new TableError('unknown_version', `version ${version} is not in the chain of lenses`, {
        table: this.#table,
        version,
      });
    }
    return place;
  }
}

/** Rule: per field, `up(older)` where it differs from `up(down(newer))`, else `newer`. */
function putByRule(lens: Lens, older: object, newer: object): object {
  const wanted = lens.up(cloneRow(older)) as Fields;
  const before = lens.up(cloneRow(lens.down(cloneRow(newer)))) as Fields;
  return mergeFields(wanted, before, newer as Fields, structuredEqual);
}

function asRow(value: unknown, version: number, direction: string): object {
  if (typeof value === 'object' && value !== null && !isThenable(value)) return value;
  throw new Error(`${direction} of version ${version} did not return a row`);
}

function checkChain(table: string, steps: Chain): void {
  const refuse = (sentence: string): never => {
    throw new TableError('bad_chain', sentence, { table });
  };
  if (steps.length === 0) refuse('a chain of lenses has one version or more');
  const seen = new Set<number>();
  for (const [place, { version, lens }] of steps.entries()) {
    if (!Number.isInteger(version) || version < 1 || version > 0xffff)
      refuse(`${version} is no version (1…65535)`);
    if (seen.has(version)) refuse(`version ${version} is in the chain twice`);
    if (place > 0 && lens === undefined) refuse(`version ${version} has no lens from its predecessor`);
    seen.add(version);
  }
}
