/** The counter fails when it begins to take messages. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';
import { counterWith } from './counter-with.ts';
import { strike } from './strike.ts';

export default defineApplication({
  ...workspace,
  children: [{ id: 'counter', start: counterWith({ resumed: strike }) }],
});
