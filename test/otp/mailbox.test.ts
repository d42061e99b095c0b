import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Envelope } from '../../src/otp/index.ts';
import { Mailbox } from '../../src/otp/mailbox.ts';

const message = (body: number, fromServer: boolean): Envelope => ({
  kind: body % 5 === 0 ? 'system' : 'info',
  body,
  origin: fromServer ? '<0.1.0>' : 'outside',
  from: undefined,
});

test('it behaves as a list from which the first, or the first of a server, is taken', () => {
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), fromServer: fc.boolean() }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('shift' as const, 'shiftFromServer' as const, 'shiftToTheProcess' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('prepend' as const), fromServer: fc.boolean() }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 1500, size: 'max' }), (actions) => {
      const mailbox = new Mailbox();
      const model: Envelope[] = [];
      actions.forEach((act, n) => {
        if (act.do === 'push') {
          model.push(message(n, act.fromServer));
          mailbox.push(message(n, act.fromServer));
        } else if (act.do === 'prepend') {
          model.unshift(message(n, act.fromServer));
          mailbox.prepend([message(n, act.fromServer)]);
        } else if (act.do === 'shift') {
          expect(mailbox.shift()).toEqual(model.shift());
        } else if (act.do === 'shiftToTheProcess') {
          const index = model.findIndex(({ kind }) => kind === 'system');
          expect(mailbox.shiftToTheProcess()).toEqual(index < 0 ? undefined : model.splice(index, 1)[0]);
        } else {
          const index = model.findIndex(({ origin }) => origin !== 'outside');
          expect(mailbox.shiftFromServer()).toEqual(index < 0 ? undefined : model.splice(index, 1)[0]);
        }
        expect(mailbox.length).toBe(model.length);
      });
      expect(mailbox.list()).toEqual(model);
      expect(mailbox.fromServers).toBe(model.filter(({ origin }) => origin !== 'outside').length);
    }),
    { numRuns: 60 },
  );
});

test('a long mailbox is consumed in order', () => {
  const mailbox = new Mailbox();
  for (let n = 0; n < 2000; n += 1) mailbox.push(message(n, n % 3 === 0));
  const taken = Array.from({ length: 2000 }, () => mailbox.shift()?.body);
  expect(taken).toEqual(Array.from({ length: 2000 }, (_, n) => n));
  expect([mailbox.length, mailbox.fromServers]).toEqual([0, 0]);
});

test('some can be taken out; the others keep their order', () => {
  const mailbox = new Mailbox();
  for (let n = 0; n < 40; n += 1) mailbox.push(message(n, n % 3 === 0));
  const taken = mailbox.remove(({ body }) => (body as number) % 2 === 0);
  expect(taken.map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n));
  expect(mailbox.list().map(({ body }) => body)).toEqual(Array.from({ length: 20 }, (_, n) => 2 * n + 1));
  expect([mailbox.length, mailbox.fromServers]).toEqual([20, 7]);
});
