/** A console with a few functions, for tests. */
import { type ConsoleLimits, type ConsoleLog, Consoles } from '../../src/admin/console/consoles.ts';
import { type ConsoleFunction, ConsoleFunctions } from '../../src/admin/console/functions.ts';
import { atom, list, map, OK, tuple, UNDEFINED } from '../../src/admin/console/terms.ts';
import { OperatorError } from '../../src/errors/index.ts';
import { ExitError } from '../../src/otp/index.ts';

const entry = (
  name: string,
  args: readonly string[],
  run: ConsoleFunction['run'],
  module = 'm',
): ConsoleFunction => ({ module, name, args, summary: `${name} of a test`, run });

export const FUNCTIONS = new ConsoleFunctions([
  entry('status', [], () =>
    tuple(
      OK,
      map([
        [atom('status'), atom('idle')],
        [atom('target'), UNDEFINED],
      ]),
    ),
  ),
  entry('echo', ['Value'], ([value]) => value!),
  entry('info', ['Table'], ([table]) => list([tuple(atom('name'), table!), tuple(atom('size'), 3)]), 'ets'),
  entry('info', ['Table', 'Item'], ([, item]) => item!, 'ets'),
  entry('fail', [], () => tuple(atom('error'), atom('enoent'))),
  entry('refuse', [], () => {
    throw new ExitError('{timeout, counter}', '{timeout, counter}: counter did not answer.');
  }),
  entry('hang', [], () => new Promise(() => {})),
  entry('note', [], (_args, call) => {
    call.print('above');
    call.note('below');
    return OK;
  }),
]);

/** On a machine that has much to do, a process takes its time to start. */
const PATIENT = { runMs: 20_000, settleMs: 40_000 };

export interface Asked {
  text: string;
  value: unknown;
  error?: OperatorError;
}

export interface TestConsole {
  consoles: Consoles;
  logged: { message: string; fields: Readonly<Record<string, string>> }[];
  /** Never rejects but for what is no OperatorError. */
  ask(expression: string, id?: string | undefined): Promise<Asked>;
}

export function testConsole(limits: Partial<ConsoleLimits> = {}): TestConsole {
  const logged: TestConsole['logged'] = [];
  const log: ConsoleLog = (message, fields) => void logged.push({ message, fields });
  const consoles = new Consoles(FUNCTIONS, log, { ...PATIENT, ...limits });
  return {
    consoles,
    logged,
    ask: async (expression, id = 'a') => {
      try {
        const { text, value } = await consoles.evaluate({ expression, console: id, user: 'tester' });
        return { text, value };
      } catch (error) {
        if (error instanceof OperatorError) return { text: error.message, value: undefined, error };
        throw error;
      }
    },
  };
}
