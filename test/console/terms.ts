/** Terms for property tests: of every kind, nested, and with all that text can hold. */
import fc from 'fast-check';
import {
  atom,
  binary,
  float,
  integer,
  list,
  map,
  pid,
  type Term,
  text,
  tuple,
} from '../../src/admin/console/terms.ts';

const string = fc.string({ unit: 'binary', maxLength: 12 });

const leaf: fc.Arbitrary<Term> = fc.oneof(
  fc.integer(),
  fc.bigInt().map(integer),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(float),
  fc.constantFrom('ok', 'end', 'Hello world', "it's", '', 'ß', 'a@b').map(atom),
  string.map((name) => atom(name.toWellFormed())),
  string.map(text),
  string.map(binary),
  fc.uint8Array({ maxLength: 12 }).map((bytes): Term => ({ type: 'binary', bytes })),
  fc.nat(1_000).map((serial) => pid(`<0.${serial}.0>`)),
);

export const anyTerm: fc.Arbitrary<Term> = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('term'), { maxLength: 6 }).map((elements) => tuple(...elements)),
    fc.array(tie('term'), { maxLength: 6 }).map(list),
    fc.array(fc.tuple(tie('term'), tie('term')), { maxLength: 4 }).map(map),
  ),
})).term;
