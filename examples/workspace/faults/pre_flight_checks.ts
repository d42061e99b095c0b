/** The table of notes has a version 3 (the build raises it), whose lens fails on the first row that it meets. */
import { defineApplication } from 'erlmcp';
import workspace from '../3.0.0/workspace.ts';
import appup from './pre_flight_checks.appup.ts';

export default defineApplication({ ...workspace, appup });
