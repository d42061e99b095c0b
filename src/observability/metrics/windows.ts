import type { ResourceSample } from './resources.ts';
import { type Figures, Tallies } from './tally.ts';

/**
 * A ring of windows of equal length. `recent` is at each moment the sum of the closed windows in the ring, kept by adding
 * and subtracting, so that reading it does not merge them again.
 */

export const OTHER_TOOLS = '(other)';
const MAX_NAME = 128;

/** What a verdict is based on: the sums, and the series of windows that the tests compare. Plain data, so that it can be stored. */
export interface Snapshot {
  version: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  total: Series;
  tools: Record<string, Series>;
  /** One per closed window. */
  resources: ResourceSample[];
}

export interface Series extends Figures {
  /** One per closed window; a window without a call has one too. */
  windows: Figures[];
}

export interface Counts {
  calls: number;
  errors: number;
}

interface ClosedWindow {
  from: number;
  tallies: Tallies;
  total: Figures;
  tools: Map<string, Figures>;
  resources: ResourceSample | undefined;
}

export interface WindowsOptions {
  size: number;
  maxTools: number;
  now: () => number;
}

const NO_CALLS: Figures = { calls: 0, errors: 0, p50Us: null, p99Us: null, rate: 0 };

export class Windows {
  readonly #options: WindowsOptions;
  readonly #names = new Set<string>();
  readonly #counts = new Map<string, Counts>();
  #closed: ClosedWindow[] = [];
  #recent = new Tallies();
  #current = new Tallies();
  #openedAt: number;

  constructor(options: WindowsOptions) {
    this.#options = options;
    this.#openedAt = options.now();
  }

  record(tool: string, latencyUs: number, ok: boolean): void {
    const tally = this.#current.byTool.get(tool) ?? this.#current.of(this.#nameOf(tool, ok));
    tally.record(latencyUs, ok);
  }

  /** Ends the open window, and returns a function that adds what its processes used. */
  close(): (resources: ResourceSample) => void {
    const now = this.#options.now();
    const seconds = (now - this.#openedAt) / 1000;
    const tallies = this.#takeCurrent();
    const window: ClosedWindow = {
      from: this.#openedAt,
      tallies,
      total: tallies.total.figures(seconds),
      tools: new Map([...tallies.byTool].map(([tool, tally]) => [tool, tally.figures(seconds)])),
      resources: undefined,
    };
    this.#closed.push(window);
    this.#recent.add(tallies);
    if (this.#closed.length > this.#options.size) this.#recent.subtract(this.#closed.shift()!.tallies);
    this.#openedAt = now;
    return (resources) => {
      window.resources = resources;
    };
  }

  /** Forgets everything measured so far but the counts since the start. */
  restart(): void {
    this.#takeCurrent();
    this.#closed = [];
    this.#recent = new Tallies();
    this.#openedAt = this.#options.now();
  }

  /** The closed windows and the open one. */
  snapshot(version: string): Snapshot {
    const from = this.#closed[0]?.from ?? this.#openedAt;
    const to = this.#options.now();
    const seconds = (to - from) / 1000;
    const sums = this.#sums();
    return {
      version,
      from,
      to,
      total: { ...sums.total.figures(seconds), windows: this.#closed.map(({ total }) => total) },
      tools: Object.fromEntries(
        [...sums.byTool].map(([tool, tally]) => [tool, this.#series(tool, tally.figures(seconds))]),
      ),
      resources: this.#closed.flatMap(({ resources }) => resources ?? []),
    };
  }

  /** Since the start of the node. */
  counts(): ReadonlyMap<string, Counts> {
    const counts = new Map(this.#counts);
    addCounts(counts, this.#current);
    return counts;
  }

  #takeCurrent(): Tallies {
    const tallies = this.#current;
    for (const tally of tallies.byTool.values()) tallies.total.add(tally);
    addCounts(this.#counts, tallies);
    this.#current = new Tallies();
    return tallies;
  }

  #series(tool: string, figures: Figures): Series {
    return { ...figures, windows: this.#closed.map(({ tools }) => tools.get(tool) ?? NO_CALLS) };
  }

  #sums(): Tallies {
    const sums = new Tallies();
    sums.add(this.#recent);
    for (const [tool, tally] of this.#current.byTool) {
      sums.of(tool).add(tally);
      sums.total.add(tally);
    }
    return sums;
  }

  /** A name has its own row from its first success on: names that are made up never succeed, and would fill the list. */
  #nameOf(tool: string, ok: boolean): string {
    if (this.#names.has(tool)) return tool;
    if (!ok || tool.length > MAX_NAME || this.#names.size >= this.#options.maxTools) return OTHER_TOOLS;
    this.#names.add(tool);
    return tool;
  }
}

function addCounts(counts: Map<string, Counts>, tallies: Tallies): void {
  for (const [tool, { calls, errors }] of tallies.byTool) {
    const before = counts.get(tool);
    counts.set(tool, { calls: calls + (before?.calls ?? 0), errors: errors + (before?.errors ?? 0) });
  }
}
