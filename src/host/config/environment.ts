import type { ConfigKey } from './keys.ts';

/** Values of environment variables are text; the key says what they stand for. `undefined`: the text is none of that kind. */

const WORDS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };
const NUMBER = /^-?\d+(\.\d+)?$/;

export function fromEnvironment(kind: ConfigKey['kind'], text: string): unknown {
  switch (kind) {
    case 'number':
      return NUMBER.test(text.trim()) ? Number(text) : undefined;
    case 'boolean':
      return WORDS[text.trim().toLowerCase()];
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'json':
      return fromJson(text);
    case 'text':
      return text;
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For the sentence that refuses a value. */
export const KIND_NAMES: Readonly<Record<ConfigKey['kind'], string>> = {
  number: 'a number',
  boolean: 'true or false',
  list: 'a list, separated by commas',
  json: 'a list in JSON',
  text: 'a text',
};
