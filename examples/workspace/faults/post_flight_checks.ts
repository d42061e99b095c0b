/** Once its servers have been resumed, the release makes no MCP server any more and answers no tool call. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';
import { arm, strikeIfArmed } from './armed.ts';
import { counterWith } from './counter-with.ts';

const { mcp } = workspace;
if (mcp === undefined) throw new TypeError('release 3.0.0 has no MCP server to break');

export default defineApplication({
  ...workspace,
  children: [{ id: 'counter', start: counterWith({ resumed: arm }) }],
  mcp: function createFaultyServer() {
    strikeIfArmed();
    return mcp({ era: 'modern' });
  },
});
