/** The tool that every server of the bench has: as small as a useful tool gets, the same JSON from all of them. */
export const TOOL = 'whoami';
export const VERSION = '2.1.0';

export interface WhoamiResult {
  [key: string]: unknown;
  content: { type: 'text'; text: string }[];
  structuredContent: { version: string; pid: number };
}

export function whoami(): WhoamiResult {
  const structuredContent = { version: VERSION, pid: process.pid };
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}
