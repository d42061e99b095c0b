import { expect, test } from 'vitest';
import { cutLine, widthOf } from '../../src/ctl/output/cut-line.ts';

const RED = '\u001b[31m';
const END = '\u001b[39m';

test.each([
  ['plain', 'abcdef', 6],
  ['colours take no room', `${RED}abc${END}`, 3],
  ['wide characters take two columns', '日本語', 6],
  ['so do pictures', '🙂', 2],
  ['marks take none', 'e\u0301', 1],
])('width: %s', (_, text, width) => {
  expect(widthOf(text)).toBe(width);
});

test.each([
  ['what fits stays', 'abc', 3, 'abc'],
  ['what does not is cut', 'abcd', 3, 'abc'],
  ['a wide character is not halved', 'ab日', 3, 'ab'],
  ['a colour ends with the line', `${RED}abcd${END}`, 3, `${RED}abc\u001b[0m`],
  ['no colour, no end', 'abcd', 1, 'a'],
])('cut: %s', (_, text, columns, expected) => {
  expect(cutLine(text, columns)).toBe(expected);
});
