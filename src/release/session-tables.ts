/** Tables whose names begin so hold states of sessions, by the session's id; the node removes their rows. */
export const SESSION_TABLES = 'session.';
