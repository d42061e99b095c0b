/** Passes its smoke test, which calls no tool, and goes wrong with the calls of clients: what the watch is for. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';

/** Without examples: the warm-up would come upon what is wrong. */
export default defineApplication({ ...workspace, examples: [] });
