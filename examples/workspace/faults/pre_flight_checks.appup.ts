import { defineAppup } from 'erlmcp';
import appup from '../3.0.0/appup.ts';
import { strike } from './strike.ts';

export default defineAppup({
  ...appup,
  tables: {
    notes: [
      ...(appup.tables.notes ?? []),
      {
        version: 3,
        lens: {
          up(note: object) {
            strike();
            return note;
          },
          down: (note: object) => note,
        },
      },
    ],
  },
});
