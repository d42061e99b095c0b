/** The options of Erlang's `erl` that mean something for the console of a node. */
import { OperatorError, tuple } from '../../errors/index.ts';
import { EXIT } from '../exit-codes.ts';

export interface ErlOptions {
  /** The node: `erlmcp@127.0.0.1`. */
  remsh: string;
  /** Under which its uses are logged. */
  name?: string;
  cookie?: string;
}

const KEYS: Readonly<Record<string, keyof ErlOptions>> = {
  '-name': 'name',
  '-sname': 'name',
  '-setcookie': 'cookie',
  '-remsh': 'remsh',
};

/** Throws `{bad_option, Option}` for whatever has no meaning here. */
export function readErlOptions(argv: readonly string[]): ErlOptions {
  const found: Partial<ErlOptions> = {};
  for (let at = 0; at < argv.length; at += 2) {
    const [option = '', value] = argv.slice(at, at + 2);
    const key = Object.hasOwn(KEYS, option) ? KEYS[option] : undefined;
    if (key === undefined) throw refuse(option, `This erl has no option ${JSON.stringify(option)}.`);
    if (value === undefined || value === '' || value.startsWith('-'))
      throw refuse(option, `The option ${option} needs a value.`);
    if (found[key] !== undefined)
      throw refuse(option, `The option ${option} says again what is said already.`);
    found[key] = value;
  }
  const { remsh, ...rest } = found;
  if (remsh === undefined) throw refuse('-remsh', 'The option -remsh has to say to which node.');
  return { remsh, ...rest };
}

const refuse = (option: string, sentence: string): OperatorError =>
  new OperatorError(
    tuple('bad_option', option),
    sentence,
    'This erl is no Erlang; it opens the console of an erlmcp node: erl -name me@127.0.0.1 -setcookie erlmcp -remsh erlmcp@127.0.0.1',
    { exitCode: EXIT.usage },
  );
