/**
 * An application besides: some seconds after the switch its server goes wrong, and does so again whenever it is started, until
 * its supervisor gives up. What was wrong has passed by then, so that it runs once it is started anew.
 */
import { defineApplication, genServer, noreply, sendAfter } from 'erlmcp';
import { VSN } from '../3.0.0/version.ts';
import { strike } from './strike.ts';

/** Longer than the smoke test after the switch. */
const FIRST_MS = 6_000;
const AGAIN_MS = 50;
/** One more than the supervisor of an application bears. */
const STRIKES = 4;

let struck = 0;

const reporter = genServer<null>({
  name: 'reporter',
  version: 1,
  init: () => {
    if (struck < STRIKES) sendAfter(struck === 0 ? FIRST_MS : AGAIN_MS, 'report');
    return null;
  },
  handleCall: () => noreply(null),
  handleInfo: () => {
    struck++;
    strike();
    return noreply(null);
  },
});

export default defineApplication({
  name: 'reports',
  vsn: VSN,
  type: 'temporary',
  children: [{ id: 'reporter', start: reporter }],
});
