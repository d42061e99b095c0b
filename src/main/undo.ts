/** What has to be undone when the node stops, or could not be booted; the last one first. Run once: a second run has nothing left. */
export class Undo {
  readonly #steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** A step that fails is told of, and does not keep the others from being taken. */
  async run(tell: (message: string) => void): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        tell(`A part could not be stopped in order: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}
