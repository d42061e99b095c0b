export { CLIENT_ERRORS, type ClientErrorBody, type ClientErrorName, clientError } from './client-error.ts';
export { OperatorError } from './operator-error.ts';
export { Atom, atom, printTerm, type Term, Tuple, tuple } from './term.ts';
