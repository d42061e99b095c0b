/** What the run of a document stands on, and whom it tells of its progress. */
import type { Command } from './commands.ts';
import type { Section } from './document.ts';
import type { Shell } from './shell.ts';

export interface Stage {
  /** For the shell's own files. */
  folder: string;
  /** In which each section's shell begins, and with which variables. */
  cwd: string;
  env: NodeJS.ProcessEnv;
  limitMs: number;
  onCommand: (command: Command, ms: number) => void;
  onSection: (section: Section) => void;
  /** Told the shell that runs, so that it can be ended from outside. */
  onShell: (shell: Shell) => void;
}
