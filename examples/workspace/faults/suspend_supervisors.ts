/** The counter fails when it is suspended: the way out of this release is blocked. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';
import { counterWith } from './counter-with.ts';
import { strike } from './strike.ts';

export default defineApplication({
  ...workspace,
  children: [{ id: 'counter', start: counterWith({ suspended: strike }) }],
});
