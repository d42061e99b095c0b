/** Why the state of a session can not be had; the code is for programs, the message for people. */
export type SessionErrorCode = 'no_session' | 'session_over';

const SENTENCES: Readonly<Record<SessionErrorCode, string>> = {
  no_session:
    'the request has no session, as none of revision 2026-07-28 has; keep what it needs in a table, under a key that the client sends',
  session_over: 'the session is over, or its instance has been put to rest; nothing was written',
};

export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  /** @param state name of the session state that was asked for */
  constructor(code: SessionErrorCode, state: string) {
    super(`session state ${state}: ${SENTENCES[code]}`);
    this.code = code;
  }
}
