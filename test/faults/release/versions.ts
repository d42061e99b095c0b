/** Of the two releases of the matrix. */
export const BEFORE = '2.1.9';
export const AFTER = '3.0.9';
