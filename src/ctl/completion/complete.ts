/**
 * `erlmcpctl __complete <word> …`: what may stand in place of the last word, a line each. Called at each press of a key, so it is
 * fast, silent and never fails: what can't be found out is not offered.
 */
import { Command, type Option } from 'commander';
import { COMMANDS } from '../commands/index.ts';
import { declareCommonOptions, declareInFull } from '../declare.ts';
import { homeFolder } from '../home.ts';
import { DIRECTORIES } from './directories.ts';
import { argumentValues } from './values.ts';

/** @param words all that follow `erlmcpctl`, up to the one that is being typed. */
export async function complete(words: readonly string[]): Promise<string[]> {
  const typed = joinAssignments(words);
  const current = typed.at(-1) ?? '';
  const candidates = await candidatesFor(typed.slice(0, -1), current).catch(() => []);
  return candidates.filter((candidate) => candidate === DIRECTORIES || candidate.startsWith(current));
}

/** bash takes `=` for a word of its own; it only stands between an option and its value. */
function joinAssignments(words: readonly string[]): string[] {
  const rest = words.filter((word, at) => word !== '=' || at === words.length - 1);
  return rest.map((word, at) => (word === '=' && at === rest.length - 1 ? '' : word));
}

async function candidatesFor(before: readonly string[], current: string): Promise<string[]> {
  const declared = await declaredCommand(before);
  const said = readWords(declared.command, before.slice(declared.at + 1));
  if (said.open) return optionValues(said.open);
  if (current.startsWith('-')) return unusedOptions(declared.command, said.options);
  if (declared.at === -1) return COMMANDS.map(({ name }) => name);
  const argument = declared.command.registeredArguments[said.arguments];
  if (!argument) return [];
  const home = homeFolder(expandHome(homeIn(before)));
  return argument.argChoices ?? argumentValues(declared.command.name(), home);
}

/** The command among the words, or erlmcpctl itself with what may stand before a command. */
async function declaredCommand(words: readonly string[]): Promise<{ command: Command; at: number }> {
  const at = words.findIndex((word, index) => !word.startsWith('-') && words[index - 1] !== '--home');
  const entry = COMMANDS.find(({ name }) => name === words[at]);
  const command = new Command(entry?.name ?? 'erlmcpctl');
  declareCommonOptions(command);
  command.option('--help');
  if (at !== -1 && !entry) throw new Error(`no command ${words[at]}`);
  if (entry) declareInFull(command, (await entry.load()).command);
  return { command, at };
}

interface Said {
  options: Set<string>;
  arguments: number;
  /** An option whose value is being typed. */
  open: Option | undefined;
}

function readWords(command: Command, words: readonly string[]): Said {
  const said: Said = { options: new Set(), arguments: 0, open: undefined };
  for (const word of words) {
    const option = command.options.find(({ long }) => long === word);
    if (option) said.options.add(word);
    else if (!said.open && !word.startsWith('-')) said.arguments += 1;
    said.open = option?.required ? option : undefined;
  }
  return said;
}

const unusedOptions = ({ options }: Command, used: ReadonlySet<string>): string[] =>
  options.filter(({ hidden, long }) => !hidden && long && !used.has(long)).map(({ long }) => long!);

const optionValues = (option: Option): string[] =>
  option.long === '--home' ? [DIRECTORIES] : (option.argChoices ?? []);

const homeIn = (words: readonly string[]): string | undefined =>
  words[words.lastIndexOf('--home') + 1 || Infinity];

/** The shell has not looked at the word yet. */
const expandHome = (path: string | undefined): string | undefined =>
  path?.replace(/^~(?=\/|$)/, process.env.HOME ?? '~');
