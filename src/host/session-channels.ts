/** Which channel of which runner belongs to which session: one place for both directions. */
import type { LiveSession } from './live-session.ts';
import type { RunnerProcess } from './runner-process.ts';

export class SessionChannels {
  readonly #sessions = new Map<RunnerProcess, Map<number, LiveSession>>();

  /** The session's channel in this runner, opened if there is none yet. */
  of(runner: RunnerProcess, session: LiveSession): number {
    const known = session.channels.get(runner);
    if (known !== undefined) return known;
    const channel = runner.newChannel();
    session.channels.set(runner, channel);
    let sessions = this.#sessions.get(runner);
    if (!sessions) {
      sessions = new Map();
      this.#sessions.set(runner, sessions);
    }
    sessions.set(channel, session);
    runner.send({ type: 'open', channel, era: '2025', replay: session.replay() });
    return channel;
  }

  sessionOf(runner: RunnerProcess, channel: number): LiveSession | undefined {
    return this.#sessions.get(runner)?.get(channel);
  }

  /** The runner has closed this channel itself. */
  drop(runner: RunnerProcess, channel: number): LiveSession | undefined {
    const session = this.sessionOf(runner, channel);
    this.#sessions.get(runner)?.delete(channel);
    session?.channels.delete(runner);
    return session;
  }

  /** Ends the session's instances; the session may go on, and get new ones. */
  close(session: LiveSession): void {
    for (const [runner, channel] of session.channels) {
      runner.send({ type: 'close', channel });
      this.#sessions.get(runner)?.delete(channel);
    }
    session.channels.clear();
  }

  forgetRunner(runner: RunnerProcess): void {
    for (const session of this.#sessions.get(runner)?.values() ?? []) session.channels.delete(runner);
    this.#sessions.delete(runner);
  }
}
