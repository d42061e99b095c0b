/** How far something has come that goes through a table, for people. */
export const progressSentence = ({
  table,
  rows,
  total,
}: Readonly<{ table: string; rows: number; total: number }>): string =>
  `${table}: ${rows.toLocaleString('en')} of ${total.toLocaleString('en')} rows`;
