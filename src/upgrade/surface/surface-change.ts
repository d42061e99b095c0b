/** One difference between what two versions of a server offer, as a client meets it. */
export interface SurfaceChange {
  /** `tool note_get`, `resource notes://newest`, `capability logging`. */
  subject: string;
  /** `breaking`: what works today fails. `undecided`: it may. `note`: it goes on, though not as before. */
  weight: 'breaking' | 'undecided' | 'note';
  /** What happened in a word or two: `gone`, `input narrowed`. */
  what: string;
  /** Place and values, where there are any. */
  detail: string;
}

const MAX_TEXT = 200;

/** Names come from the server's author, and go to logs and terminals. */
const oneLine = (text: string): string => text.slice(0, MAX_TEXT).replace(/\p{Cc}/gu, '?');

export const surfaceChange = (
  weight: SurfaceChange['weight'],
  subject: string,
  what: string,
  detail = '',
): SurfaceChange => ({ subject: oneLine(subject), weight, what, detail: detail.replace(/\p{Cc}/gu, '?') });
