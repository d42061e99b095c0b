/** What a command of erlmcpctl is made of, and what it gets when it is called. */
import type { Command } from 'commander';
import type { Terminal } from './output/terminal.ts';

export interface Invocation {
  /** `processes --name counter`: the command as a person would type it again, without --home, --json and --watch. */
  readonly commandLine: string;
  readonly home: string;
  readonly json: boolean;
  readonly args: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
}

export interface CtlCommand {
  /** Shown under the options by `--help`. */
  readonly help: string;
  /** Adds arguments and options to the command's declaration. */
  configure?(command: Command): void;
  /** Resolves with the exit code. */
  run(invocation: Invocation): Promise<number>;
}

/** One answer of a query, ready to be shown. */
export interface Answer {
  /** What `--json` prints. */
  readonly document: unknown;
  /** What people read, `note` included. Throws where the answer can't be understood. */
  readonly text: () => string;
  /** About rows that are left out. */
  readonly note: string | undefined;
  /** About the answer as a whole; no part of it. */
  readonly aside: string | undefined;
  readonly exitCode: number;
}
