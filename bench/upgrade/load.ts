/**
 * The load, in a process of its own: `node load.ts <LoadOptions as JSON>`. It opens its sessions, calls tools at a fixed rate from then on,
 * each request on the next session, and tells when asked.
 */
import type { Collected, FromLoad, LoadOptions, Sample, ToLoad } from './messages.ts';
import { Session, targetAt } from './session.ts';

const OPEN_AT_ONCE = 32;
const CHECK_AT_ONCE = 32;
/** A tick that is later than this is a pause of this process. */
const PAUSE_MS = 3;

/** Half of it reads nothing but the code, the rest goes to a server, and to the tables. */
const MIX: readonly (readonly [tool: string, args: object])[] = [
  ['whoami', {}],
  ['counter_increment', {}],
  ['whoami', {}],
  ['note_add', { text: 'a note of some words' }],
  ['whoami', {}],
  ['note_list', { limit: 5 }],
  ['whoami', {}],
  ['counter_increment', {}],
  ['whoami', {}],
  ['note_add', { text: 'a note of some words' }],
];

async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await action(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

class Load {
  readonly #sessions: readonly Session[];
  readonly #intervalMs: number;
  #samples: Sample[] = [];
  #pauses: (readonly [number, number])[] = [];
  #errors: Record<string, number> = {};
  #told = { lost: 0, dropped: 0 };
  #started = 0;
  #scheduled = 0;

  constructor({ port, sessions, rate }: LoadOptions) {
    const target = targetAt(port);
    this.#sessions = Array.from({ length: sessions }, () => new Session(target));
    this.#intervalMs = 1000 / rate;
  }

  async start(): Promise<void> {
    await eachOf(this.#sessions, OPEN_AT_ONCE, (session) => session.open());
    this.#started = performance.now();
    let expected = this.#started;
    setInterval(() => {
      const now = performance.now();
      if (now - expected > PAUSE_MS) this.#pauses.push([performance.timeOrigin + expected, now - expected]);
      expected = now + 1;
      this.#sendDue();
    }, 1);
  }

  #sendDue(): void {
    for (let due = this.#nextDue(); due <= performance.now(); due = this.#nextDue()) {
      const at = this.#scheduled++;
      // Shifted by one each time around, so that every session makes every kind of call.
      const [tool, args] = MIX[(at + Math.floor(at / this.#sessions.length)) % MIX.length]!;
      void this.#send(this.#sessions[at % this.#sessions.length]!, tool, args, due);
    }
  }

  #nextDue(): number {
    return this.#started + this.#scheduled * this.#intervalMs;
  }

  async #send(session: Session, tool: string, args: object, due: number): Promise<void> {
    let ok = true;
    try {
      await session.call(tool, args);
    } catch (error) {
      ok = false;
      const { code, message } = error as Error & { code?: string };
      const what = code ?? message;
      this.#errors[what] = (this.#errors[what] ?? 0) + 1;
    }
    this.#samples.push([performance.timeOrigin + due, performance.now() - due, ok]);
  }

  async collect(): Promise<Collected> {
    const [samples, pauses, errors] = [this.#samples, this.#pauses, this.#errors];
    [this.#samples, this.#pauses, this.#errors] = [[], [], {}];
    await eachOf(this.#sessions, CHECK_AT_ONCE, (session) => session.check());
    const sum = (of: (session: Session) => number): number =>
      this.#sessions.reduce((total, session) => total + of(session), 0);
    const [lost, dropped] = [sum(({ lost }) => lost), sum(({ streamsDropped }) => streamsDropped)];
    const { lost: lostBefore, dropped: droppedBefore } = this.#told;
    this.#told = { lost, dropped };
    return {
      samples,
      pauses,
      errors,
      sessionsLost: lost - lostBefore,
      streamsDropped: dropped - droppedBefore,
    };
  }
}

const tell = (message: FromLoad): void => {
  process.send?.(message);
};

const load = new Load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions);
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToLoad) => {
  if (message === 'end') process.exit(0);
  load.collect().then(
    (collected) => tell({ type: 'collected', collected }),
    (error: Error) => tell({ type: 'failed', message: error.message }),
  );
});
await load.start();
tell({ type: 'ready' });
