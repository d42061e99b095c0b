/** Clients that keep calling while something happens to the node; every answer is checked. */
import { call2026, SessionClient } from './mcp.ts';

export interface LoadReport {
  sent: number;
  failures: string[];
  /** Ids of the notes that were acknowledged. */
  notes: string[];
  /** Values that `counter_increment` gave, in no order. */
  counts: number[];
}

/** Calls from `clients` sessions and as many sessionless clients, until the returned function is called. */
export async function startLoad(url: string, clients = 4): Promise<() => Promise<LoadReport>> {
  const report: LoadReport = { sent: 0, failures: [], notes: [], counts: [] };
  const sessions = await Promise.all(Array.from({ length: clients }, () => SessionClient.open(url)));
  let running = true;
  const callers = sessions.flatMap((session) => [
    (name: string, args: Record<string, unknown>) => session.call<Record<string, unknown>>(name, args),
    (name: string, args: Record<string, unknown>) => call2026(url, name, args),
  ]);
  const loops = callers.map(async (call, index) => {
    for (let round = 0; running; round++) {
      report.sent++;
      try {
        await step(call, report, `${index}-${round}`, round);
      } catch (error) {
        report.failures.push(error instanceof Error ? error.message : String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  });
  return async () => {
    running = false;
    await Promise.all(loops);
    return report;
  };
}

type Call = (name: string, args: Record<string, unknown>) => Promise<Record<string, unknown>>;

async function step(call: Call, report: LoadReport, text: string, round: number): Promise<void> {
  if (round % 3 === 0) {
    const { id } = await call('note_add', { text });
    report.notes.push(String(id));
    const note = await call('note_get', { id });
    if (note.text !== text) throw new Error(`note ${id} holds ${note.text}, not ${text}`);
  } else if (round % 3 === 1) report.counts.push(Number((await call('counter_increment', {})).count));
  else await call('note_list', { limit: 2 });
}
