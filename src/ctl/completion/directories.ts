/** In place of candidates: the shell is to offer folders. No candidate looks like it. */
export const DIRECTORIES = ':directories';
