import type { Histogram } from 'hdr-histogram-js';
import { clampLatency, createHistogram, percentileOf } from './latency.ts';

/** Calls of one tool, or of all: how many, how many failed, how long they took. */
export class Tally {
  calls = 0;
  errors = 0;
  readonly histogram: Histogram = createHistogram();

  record(latencyUs: number, ok: boolean): void {
    this.calls += 1;
    if (!ok) this.errors += 1;
    this.histogram.recordValue(clampLatency(latencyUs));
  }

  add(other: Tally): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.histogram.add(other.histogram);
  }

  subtract(other: Tally): void {
    this.calls -= other.calls;
    this.errors -= other.errors;
    this.histogram.subtract(other.histogram);
  }

  figures(seconds: number): Figures {
    return {
      calls: this.calls,
      errors: this.errors,
      p50Us: percentileOf(this.histogram, 50),
      p99Us: percentileOf(this.histogram, 99),
      rate: seconds > 0 ? this.calls / seconds : 0,
    };
  }
}

export interface Figures {
  calls: number;
  errors: number;
  /** Microseconds; null without a call. */
  p50Us: number | null;
  p99Us: number | null;
  /** Calls per second. */
  rate: number;
}

/** Names of tools come from clients, so their number is bounded; those beyond share a row. */
export class Tallies {
  readonly byTool = new Map<string, Tally>();
  readonly total = new Tally();

  of(tool: string): Tally {
    let tally = this.byTool.get(tool);
    if (!tally) {
      tally = new Tally();
      this.byTool.set(tool, tally);
    }
    return tally;
  }

  add(others: Tallies): void {
    for (const [tool, tally] of others.byTool) this.of(tool).add(tally);
    this.total.add(others.total);
  }

  subtract(others: Tallies): void {
    for (const [tool, tally] of others.byTool) {
      const own = this.of(tool);
      own.subtract(tally);
      if (own.calls === 0) this.byTool.delete(tool);
    }
    this.total.subtract(others.total);
  }
}
