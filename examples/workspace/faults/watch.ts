/** Passes its smoke test, which calls no tool, and goes wrong with the calls of clients: what the watch is for. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';

export default defineApplication(workspace);
