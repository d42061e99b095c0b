/**
 * Reads the requirements out of the operations runbook (Markdown): its commands, options, log lines, phases, checks,
 * thresholds, scenarios, workflows and their steps, each as the short literal that stands there.
 * Text that matches no rule below is explanation, not a requirement.
 */
import type { Requirement, RequirementKind } from '../requirements.ts';

export interface Found {
  kind: RequirementKind;
  text: string;
  /** Line in the runbook, from 1. */
  line: number;
}

type Item = Omit<Found, 'line'>;
const item = (kind: RequirementKind, text: string): Item => ({ kind, text });

const COMMAND = /^(?:erlmcpctl|\.\/scripts\/|grep|tail|sha256sum)\b/;
const DIGEST_LINE = /^[0-9a-f]{32,} {2}(\S+)$/;

function fromBash(line: string): Item[] {
  const digest = DIGEST_LINE.exec(line);
  if (digest) return [item('format', `<digest>  ${digest[1]}`)];
  return COMMAND.test(line) ? command(line) : [];
}

const command = (line: string): Item[] => [
  item('command', line),
  ...[...line.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => item('option', option)),
];

function fromPlainBlock(line: string): Item[] {
  if (line.startsWith('[')) return [item('log', line)];
  if (line.startsWith('☐')) return [item('check', line.slice(1).trim())];
  if (line.startsWith('log/')) return [item('file', line.split(/\s/)[0] ?? '')];
  if (line.startsWith('Degradation')) return [item('threshold', line.replace(/\s*->\s*/, ' -> '))];
  return [];
}

/** The branches of a decision tree, each with its question: `Upgrade completes? No → …`. */
function fromTree(line: string, questions: string[]): Item[] {
  const question = /^[├└]─ (.+\?)$/.exec(line)?.[1];
  if (question) questions.push(question);
  const branch = /^[│ ]\s+[├└]─ ((?:Yes|No) → .+)$/.exec(line)?.[1];
  return branch ? [item('decision', `${questions.at(-1)} ${branch}`)] : [];
}

function fromInlineCode(line: string): Item[] {
  return [...line.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => {
    if (COMMAND.test(code)) return command(code);
    return [item(code.includes('(') ? 'console' : 'error', code)];
  });
}

function fromHeading(line: string): Item[] {
  const [, kind, title] = /^### ((?:Scenario|Workflow) \d+: (.+))$/.exec(line) ?? [];
  if (!kind || !title) return [];
  return [item(kind.startsWith('Scenario') ? 'scenario' : 'workflow', kind)];
}

const plain = (text: string): string =>
  text
    .replaceAll('**', '')
    .replace(/`[^`]*`/g, '')
    .replace(/[:\s]+$/, '');

function fromList(line: string, section: string): Item[] {
  const step = /^\d+\. (.+)$/.exec(line)?.[1];
  if (step) return [item('step', `${section}. ${plain(step)}`)];
  const bullet = plain(/^\s*- (.+)$/.exec(line)?.[1] ?? '');
  if (/\+\d[\d-]{6,}|: #/.test(bullet)) return [item('contact', bullet)];
  if (/^Minimum |^Network|Should be /.test(bullet)) return [item('threshold', bullet)];
  if (/^(?:Restart|Restore|Rollback) /.test(bullet)) return [item('step', `${section}. ${bullet}`)];
  return [];
}

function fromLabel(line: string, section: string): Item[] {
  const [, label, text] = /^\*\*([^*]+)\*\*: (.+)$/.exec(line) ?? [];
  if (label === 'Time Estimate') return [item('threshold', `${section}. ${text}`)];
  if (label === 'Decision Point') return [item('threshold', text ?? '')];
  if (label === 'Rollback Plan' || label === 'Recovery' || label === 'Prevention')
    return [item('rule', text ?? '')];
  const phase = /"([a-z_]+)" phase/.exec(line)?.[1];
  return phase ? [item('phase', phase)] : [];
}

function fromTable(line: string): Item[] {
  const cells = line.split('|').map((cell) => cell.trim());
  return /^S\d/.test(cells[1] ?? '') ? [item('escalation', cells.slice(1, 4).join(' | '))] : [];
}

const fromProse = (line: string, section: string): Item[] => [
  ...fromHeading(line),
  ...fromLabel(line, section),
  ...fromList(line, section),
  ...fromTable(line),
  ...fromInlineCode(line),
];

export function requirementsOf(runbook: string): Found[] {
  const questions: string[] = [];
  let fence: string | undefined;
  let section = '';
  return runbook.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const opened = /^```(\w*)$/.exec(line)?.[1];
    if (opened !== undefined) {
      fence = fence === undefined ? opened : undefined;
      return [];
    }
    if (fence === undefined && /^#{2,3} /.test(line))
      section = /(?:Scenario|Workflow) \d+/.exec(line)?.[0] ?? '';
    let items: Item[];
    if (fence === 'bash') items = fromBash(line);
    else if (fence === 'erlang') items = line === '' || line.startsWith('%') ? [] : [item('console', line)];
    else if (fence !== undefined) items = [...fromPlainBlock(line), ...fromTree(raw, questions)];
    else items = fromProse(line, section);
    return items.map((found) => ({ ...found, line: index + 1 }));
  });
}

export function missingRequirements(
  found: readonly Found[],
  requirements: Readonly<Record<string, Requirement>>,
): Found[] {
  const known = new Set(Object.values(requirements).map(({ kind, text }) => `${kind} ${text}`));
  return found.filter(({ kind, text }) => !known.has(`${kind} ${text}`));
}
