/** What may follow what has been typed: a module, a function of it, a table or a process where a function takes one, a variable. */
import type { ConsoleFunction } from './functions.ts';
import { SHELL } from './syntax.ts';

export interface Completions {
  completions: string[];
  /** The end of the line that they would replace. */
  prefix: string;
}

/** Names of what lives on the node. */
export interface Names {
  tables(): string[] | Promise<string[]>;
  processes(): string[] | Promise<string[]>;
}

const MEMBER = /(?:^|[^\w@])([a-z]\w*)\s*([:.])\s*(\w*)$/;
const ARGUMENT = /(?:^|[^\w@])([a-z]\w*)\s*[:.]\s*(\w+)\(\s*(['"`]?)([\w@.]*)$/;
const WORD = /(?:^|[^\w@])([\w@]+)$/;

export async function complete(
  line: string,
  functions: readonly ConsoleFunction[],
  names: Names,
  variables: readonly string[],
): Promise<Completions> {
  const argument = ARGUMENT.exec(line);
  if (argument) return await ofArgument(argument, functions, names);
  const member = MEMBER.exec(line);
  if (member) return ofMember(member, functions);
  const prefix = WORD.exec(line)?.[1] ?? '';
  if (prefix === '' && line.trim() !== '') return { completions: [], prefix };
  const mark = /^\s*(?:await\s)/.test(line) ? '.' : ':';
  const modules = [...new Set(functions.map(({ module }) => module))].filter((module) => module !== SHELL);
  const shell = functions.filter(({ module }) => module === SHELL).map(callOf);
  return matching(prefix, [...modules.map((module) => module + mark), ...shell, 'f()', 'q()', ...variables]);
}

function ofMember(
  [, module, , prefix = '']: RegExpExecArray,
  functions: readonly ConsoleFunction[],
): Completions {
  return matching(prefix, functions.filter((entry) => entry.module === module).map(callOf));
}

async function ofArgument(
  [, module, name, quote = '', prefix = '']: RegExpExecArray,
  functions: readonly ConsoleFunction[],
  names: Names,
): Promise<Completions> {
  const kinds = functions
    .filter((entry) => entry.module === module && entry.name === name)
    .map(({ args }) => args[0]);
  const found = kinds.includes('Table')
    ? await names.tables()
    : kinds.includes('Process') || kinds.includes('Supervisor')
      ? await names.processes()
      : [];
  const { completions } = matching(prefix, found);
  return { completions: completions.map((text) => quote + text + quote), prefix: quote + prefix };
}

/** With its bracket, closed where nothing goes into it. */
const callOf = ({ name, args }: ConsoleFunction): string => `${name}(${args.length === 0 ? ')' : ''}`;

function matching(prefix: string, candidates: readonly string[]): Completions {
  const completions = [...new Set(candidates)].filter((candidate) => candidate.startsWith(prefix)).sort();
  return { completions, prefix };
}
