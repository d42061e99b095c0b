import type { TaskProgress } from '../../control/types.ts';

/** `notes: 41,000 of 120,000 rows` */
export const progressSentence = ({ table, rows, total }: TaskProgress): string =>
  `${table}: ${rows.toLocaleString('en')} of ${total.toLocaleString('en')} rows`;
