/** What can go wrong with an expression, each as one line for the operator: the reason as Erlang names it, a sentence, the next step. */
import {
  type Term as ErrorTerm,
  atom as errorAtom,
  OperatorError,
  Tuple,
  tuple,
} from '../../errors/index.ts';
import { print } from './print.ts';
import { isAtom, type Term } from './terms.ts';

const FAILED = 1;
const USAGE = 64;
const NO_ANSWER = 124;
/** Characters of a value that a message may quote. */
const QUOTED = 200;

export const UNDERSTOOD =
  'It understands calls such as ets:info(erlmcp_registry)., matches such as {ok, X} = …, variables and terms; help(). lists the functions.';

const FUNS =
  "Functions are written in TypeScript, such as await ets.foldl((row, sum) => sum + 1, 0, 'notes')";

export function syntaxError(source: string, at: number, found: string): OperatorError {
  const before = source.slice(0, at).split('\n');
  const line = before.length;
  const column = Array.from(before.at(-1) ?? '').length + 1;
  return new OperatorError(
    tuple('syntax_error', line, column),
    `The console does not understand ${shorten(found)} in line ${line}, column ${column}.`,
    /\bfun\s*\(/.test(source) ? FUNS : UNDERSTOOD,
    { exitCode: USAGE },
  );
}

export const unbound = (name: string): OperatorError =>
  new OperatorError(
    tuple('unbound', errorAtom(name)),
    `The variable ${name} is unbound.`,
    'Bind it first with a match such as X = …; a console that is not used for 30 minutes forgets its variables.',
  );

export const badmatch = (value: Term): OperatorError =>
  new OperatorError(
    tuple('badmatch', quoted(value)),
    'The value on the right does not match the pattern, or a variable of it has another value already.',
    'f(). forgets all variables, f(X). one.',
  );

export const badarg = (argument: Term, sentence: string, remedy: string): OperatorError =>
  new OperatorError(tuple('badarg', quoted(argument)), sentence, remedy);

export const undef = (call: string, remedy: string): OperatorError =>
  new OperatorError(tuple('undef', errorAtom(call)), `There is no function ${call} in this console.`, remedy);

export const noproc = (name: string): OperatorError =>
  new OperatorError(
    tuple('noproc', errorAtom(name)),
    `No process is called ${shorten(name)} on this node.`,
    'erlang:processes(). lists the pids, erlmcpctl processes the names.',
  );

export const timeout = (limitMs: number, remedy: string): OperatorError =>
  new OperatorError(
    tuple('timeout', limitMs),
    `The expression was not done after ${limitMs / 1_000} s.`,
    remedy,
    { exitCode: NO_ANSWER },
  );

const ENDS = 'An Erlang expression ends with a full stop; help() lists the functions.';

/** Something that is thrown in TypeScript. The reason of a function of the console stands for itself. */
export function exception(name: string, message: string, remedy = ''): OperatorError {
  const isSyntax = name === 'SyntaxError';
  const isUnknown = isSyntax || name === 'ReferenceError';
  const next = remedy || (isUnknown ? ENDS : 'help() lists the functions.');
  return new OperatorError(tuple('error', name), `${endOf(shorten(message))}`, next, {
    exitCode: isSyntax ? USAGE : FAILED,
  });
}

const endOf = (sentence: string): string => (/[.!?…]$/.test(sentence) ? sentence : `${sentence}.`);

const shorten = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line;
};

/** The value, or what it begins with where it is long. */
function quoted(value: Term): ErrorTerm {
  const printed = print(value);
  return printed.length > QUOTED ? shorten(printed) : errorTerm(value);
}

export function errorTerm(value: Term): ErrorTerm {
  if (typeof value !== 'object') return value;
  switch (value.type) {
    case 'atom':
      return errorAtom(value.name);
    case 'tuple':
      return new Tuple(value.elements.map(errorTerm));
    case 'list':
      return value.elements.map(errorTerm);
    case 'map':
      return Object.fromEntries(
        value.pairs.map(([key, entry]) => [isAtom(key) ? key.name : print(key), errorTerm(entry)]),
      );
    default:
      return print(value);
  }
}

export const tooLong = (limit: number): OperatorError =>
  new OperatorError(
    tuple('too_long', limit),
    `An expression has at most ${limit} characters.`,
    'Shorten it.',
    {
      exitCode: USAGE,
    },
  );
