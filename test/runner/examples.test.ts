import { McpServer } from '@modelcontextprotocol/server';
import { expect, it } from 'vitest';
import { defineApplication } from '../../src/runner/application.ts';
import { argumentsOf } from '../../src/runner/examples.ts';

const mcp = (): McpServer => new McpServer({ name: 'x', version: '1' });

const define = (examples: unknown, factory: (() => McpServer) | undefined = mcp) =>
  defineApplication({ name: 'x', vsn: '1', mcp: factory, examples: examples as never });

it('takes examples with arguments, with a function, and without either', () => {
  const examples = [
    { tool: 'a' },
    { tool: 'b', arguments: { n: 1 } },
    { tool: 'c', arguments: () => undefined },
  ];
  expect(define(examples).examples.map(argumentsOf)).toEqual([{}, { n: 1 }, undefined]);
});

it.each([
  [{ tool: 'a' }, 'examples must be a list'],
  [[{ tool: 'a' }, null], 'examples[1] must be { tool, arguments }'],
  [[{ tool: 7 }], 'examples[0] must be'],
  [[{ tool: 'a', arguments: [1] }], 'examples[0] must be'],
])('refuses %j', (examples, problem) => {
  expect(() => define(examples)).toThrow(`application x: ${problem}`);
});

it('refuses examples of an application that has no tools', () => {
  const without = { name: 'x', vsn: '1', examples: [{ tool: 'a' }] };
  expect(() => defineApplication(without)).toThrow('calls of the tools of its mcp factory');
});

it('refuses what the function of an example returns, unless that is an object', () => {
  expect(() => argumentsOf({ tool: 'a', arguments: () => 'x' as never })).toThrow(
    'the example of a must be an object',
  );
});
