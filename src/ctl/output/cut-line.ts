/** Lines as wide as a terminal. Colours take no room, and are ended with the line; some characters take two columns, marks none. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const PIECE = /\u001b\[[0-9;]*m|[^\u001b]|\u001b/gu;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const NO_WIDTH = /^(?:\u001b\[|\p{Mark}|\u200b|\u200d)/u;
const RESET = '\u001b[0m';

const columnsOf = (piece: string): number => (NO_WIDTH.test(piece) ? 0 : WIDE.test(piece) ? 2 : 1);

export const widthOf = (line: string): number =>
  (line.match(PIECE) ?? []).reduce((sum, piece) => sum + columnsOf(piece), 0);

export function cutLine(line: string, columns: number): string {
  // The rule by far: no more characters than columns, none of them wide.
  if (line.length * 2 <= columns) return line;
  let width = 0;
  let kept = '';
  for (const [piece] of line.matchAll(PIECE)) {
    width += columnsOf(piece);
    if (width > columns) return kept.includes('\u001b') ? `${kept}${RESET}` : kept;
    kept += piece;
  }
  return kept;
}
