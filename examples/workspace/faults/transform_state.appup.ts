import { defineAppup } from 'erlmcp';
import appup from '../3.0.0/appup.ts';
import { strike } from './strike.ts';

export default defineAppup({
  ...appup,
  servers: {
    counter: [
      ...(appup.servers.counter ?? []),
      {
        version: 3,
        lens: {
          up(state: object) {
            strike();
            return state;
          },
          down: (state: object) => state,
        },
      },
    ],
  },
});
