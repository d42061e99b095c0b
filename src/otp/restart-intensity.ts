/** Counts restarts within a sliding period: more than `intensity` of them are too many. */
export class RestartIntensity {
  readonly intensity: number;
  readonly periodMs: number;
  #restarts: number[] = [];

  /** The defaults are OTP's: one restart within 5 s. */
  constructor(intensity = 1, periodMs = 5000) {
    this.intensity = intensity;
    this.periodMs = periodMs;
  }

  /** Counts a restart at `now` (ms, monotonic). @returns whether it is allowed */
  allow(now: number): boolean {
    this.#forget(now);
    this.#restarts.push(now);
    return this.#restarts.length <= this.intensity;
  }

  /** Restarts that count at `now`. */
  used(now: number): number {
    this.#forget(now);
    return this.#restarts.length;
  }

  #forget(now: number): void {
    this.#restarts = this.#restarts.filter((at) => now - at <= this.periodMs);
  }
}
