/** Why the runbook is not true, at the line of the document at which that shows. */
export class RunbookFailure extends Error {
  override readonly name = 'RunbookFailure';
  readonly line: number;

  /** @param line of the document, from 1 */
  constructor(line: number, sentence: string, details: readonly string[] = []) {
    super([sentence, ...details].join('\n'));
    this.line = line;
  }
}
