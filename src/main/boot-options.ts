/** What a node is booted with. */
export interface BootOptions {
  home: string;
  /** The release of a first boot; later boots take the active one. */
  release: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Gets every line of the log: the terminal of a node in the foreground. */
  echo?: (line: string) => void;
  /** Told when the node has stopped, by whomever, with the exit code of the program: 1 when it could not go on. */
  onStopped(exitCode: number): void;
}
