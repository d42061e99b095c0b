/** Fails while its modules are loaded: neither when the release is built, nor in a process that only checks it. */
import workspace from '../3.0.0/workspace.ts';
import { strike } from './strike.ts';

if (!process.argv.includes('--describe') && process.env.ERLMCP_ROLE !== 'check') strike();

export default workspace;
