import { defineAppup } from 'erlmcp';

export default defineAppup({
  application: 'workspace',
  tables: { notes: [{ version: 1 }] },
  servers: { counter: [{ version: 1 }] },
});
