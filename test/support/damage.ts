import { readFileSync, writeFileSync } from 'node:fs';

/** Flips a bit of every stored copy of `text`; there has to be one. */
export function damage(file: string, text: string): void {
  const bytes = readFileSync(file);
  const at = bytes.indexOf(text);
  if (at < 0) throw new Error(`${file} does not hold ${text}`);
  for (let found = at; found >= 0; found = bytes.indexOf(text, found + 1))
    bytes.writeUInt8(bytes.readUInt8(found) ^ 1, found);
  writeFileSync(file, bytes);
}
