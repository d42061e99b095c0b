/** Executes a runbook from its top to its end; the first thing that is not as it says ends the run. */
import { runBlock } from './block.ts';
import type { ClientsReport } from './clients.ts';
import type { Section } from './document.ts';
import { RunbookFailure } from './failure.ts';
import { type Place, placeOf } from './place.ts';
import { Shell } from './shell.ts';
import type { Stage } from './stage.ts';

export interface SectionTime {
  section: Section;
  seconds: number;
  /** Requests that the clients sent. */
  sent: number;
}

const SHOWN_COMPLAINTS = 10;

export async function runSections(sections: readonly Section[], stage: Stage): Promise<SectionTime[]> {
  const times: SectionTime[] = [];
  let place: Place = { cwd: stage.cwd, env: stage.env };
  for (const section of sections) {
    if (section.blocks.length === 0) continue;
    stage.onSection(section);
    const shell = new Shell(stage.folder, place.cwd, place.env);
    stage.onShell(shell);
    try {
      times.push(await runSection(section, shell, stage));
      place = await placeOf(shell);
    } finally {
      shell.end();
    }
  }
  return times;
}

async function runSection(section: Section, shell: Shell, stage: Stage): Promise<SectionTime> {
  const endClients = await clientsOf(section, shell);
  const started = performance.now();
  try {
    for (const block of section.blocks) await runBlock(block, shell, stage);
  } catch (error) {
    await endClients().catch(() => {});
    throw error;
  }
  const seconds = (performance.now() - started) / 1000;
  const { sent, complaints } = await endClients();
  const { title, line, estimate } = section;
  if (complaints.length > 0)
    throw new RunbookFailure(line, `Clients noticed ${title}:`, complaints.slice(0, SHOWN_COMPLAINTS));
  if (estimate && seconds > estimate.seconds)
    throw new RunbookFailure(
      line,
      `${title} took ${seconds.toFixed(1)} s; the estimate is ${estimate.text}.`,
    );
  return { section, seconds, sent };
}

/** The SDKs take a while to load: only where the section speaks of clients. */
async function clientsOf(section: Section, shell: Shell): Promise<() => Promise<ClientsReport>> {
  const mayFailWith = section.clientsMayFailWith;
  if (mayFailWith === undefined) return async () => ({ sent: 0, complaints: [] });
  const { startClients } = await import('./clients.ts');
  const { env } = await placeOf(shell);
  const end = await startClients(env as Record<string, string>);
  return () => end(mayFailWith);
}
