export { type Completions, complete, type Names } from './complete.ts';
export { type ConsoleLog, Consoles } from './consoles.ts';
export { type Call, type ConsoleFunction, ConsoleFunctions, signatureOf } from './functions.ts';
export { literal } from './literal.ts';
export { badarg, noproc } from './problems.ts';
export { SHELL } from './syntax.ts';
export {
  atom,
  elementsOf,
  isAtom,
  list,
  map,
  OK,
  pid,
  type Term,
  text,
  tuple,
  UNDEFINED,
} from './terms.ts';
export { toTerm } from './values.ts';
