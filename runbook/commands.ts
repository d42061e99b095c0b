/** Takes blocks apart into what is typed at once: a line, with its continuations and its here-document. */
import { RunbookFailure } from './failure.ts';

export interface Command {
  text: string;
  /** In the document, from 1. */
  line: number;
}

export function bashCommands(lines: readonly string[], first: number): Command[] {
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    const start = at;
    while (lines[at]?.endsWith('\\')) at++;
    const word = /<<-?\s*['"]?(\w+)['"]?/.exec(lines.slice(start, at + 1).join('\n'))?.[1];
    if (word !== undefined) {
      const end = lines.indexOf(word, at);
      if (end === -1) throw new RunbookFailure(first + start, `The here-document is not ended by ${word}.`);
      at = end;
    }
    const text = lines
      .slice(start, at + 1)
      .join('\n')
      .trim();
    if (text !== '' && !text.startsWith('#')) commands.push({ text, line: first + start });
  }
  return commands;
}

/** Of an `erlang` block: expressions, and what opens the console. Comments are left out. */
export const consoleLines = (lines: readonly string[], first: number): Command[] =>
  lines
    .map((text, index) => ({ text: text.trim(), line: first + index }))
    .filter(({ text }) => text !== '' && !text.startsWith('%'));

/** Commands that end only when they are interrupted. */
export const isFollower = (text: string): boolean =>
  /\btail -[a-zA-Z]*f\b|\s--follow\b|\s--watch\b/.test(text);

/** The operator looks at the exit code of the command before. */
export const asksExitCode = (text: string | undefined): boolean => text === 'echo $?';
