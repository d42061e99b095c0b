/** The counter's state has a version 3, whose lens fails. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';
import { counterWith } from './counter-with.ts';
import appup from './transform_state.appup.ts';

export default defineApplication({
  ...workspace,
  children: [{ id: 'counter', start: counterWith({}, 3) }],
  appup,
});
