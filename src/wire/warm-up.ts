/** What a new runner tells of its warm-up. */
export interface WarmUpReport {
  requests: number;
  examples: ExampleReport[];
}

/** How the calls went that the release names as an example of one of its tools. */
export interface ExampleReport {
  tool: string;
  calls: number;
  /** Why it was not called, or not again. */
  problem?: string;
}
