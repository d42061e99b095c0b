/**
 * Random supervision trees under random crashes and requests, against the model: after each step the starts and ends, in
 * their order, the processes that are new, and `which_children` of each supervisor are those that the model has.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type ChildSpec,
  ExitError,
  genServer,
  ProcessTable,
  reply,
  Supervisor,
  type SupervisorDefinition,
  type SupervisorRequest,
  self,
  stop,
  supervisor,
} from '../../src/otp/index.ts';
import {
  type NodeSpec,
  type RestartType,
  SupervisorModel,
  type SupervisorModelSpec,
} from './supervision-model.ts';

const PERIOD_MS = 1000;

type Tree =
  | { kind: 'worker'; restart: RestartType }
  | { kind: 'dynamic'; restart: RestartType; childRestart: RestartType; intensity: number }
  | {
      kind: 'static';
      restart: RestartType;
      strategy: 'one_for_one' | 'one_for_all' | 'rest_for_one';
      intensity: number;
      children: Tree[];
    };

/** Numbers choose among what there is when the step comes. */
interface Step {
  readonly what: 'crash' | 'start_child' | 'terminate_child' | 'restart_child' | 'delete_child';
  readonly which: number;
  readonly child: number;
  readonly reason: string;
  readonly waitMs: number;
  /** Starts that fail from now on: of which worker, and how many. */
  readonly failing: number;
  readonly failures: number;
}

const restart = fc.constantFrom<RestartType>('permanent', 'transient', 'temporary');
const intensity = fc.integer({ min: 0, max: 4 });
const worker = fc.record({ kind: fc.constant('worker' as const), restart });
const dynamic = fc.record({
  kind: fc.constant('dynamic' as const),
  restart,
  childRestart: restart,
  intensity,
});
const tree = (depth: number): fc.Arbitrary<Tree & { kind: 'static' }> =>
  fc.record({
    kind: fc.constant('static' as const),
    restart,
    strategy: fc.constantFrom('one_for_one' as const, 'one_for_all' as const, 'rest_for_one' as const),
    intensity,
    children: fc.array<Tree>(
      depth > 1 ? fc.oneof(worker, worker, dynamic, tree(depth - 1)) : fc.oneof(worker, worker, dynamic),
      { minLength: 1, maxLength: 4 },
    ),
  });

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('crash' as const) },
    { weight: 4, arbitrary: fc.constant('start_child' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'terminate_child' as const,
        'restart_child' as const,
        'delete_child' as const,
      ),
    },
  ),
  which: fc.nat(),
  child: fc.nat(),
  reason: fc.constantFrom('oops', 'oops', '{badmatch, 1}', 'normal', 'shutdown', '{shutdown, done}'),
  waitMs: fc.constantFrom(0, 0, 300, PERIOD_MS, 1700),
  failing: fc.nat(),
  failures: fc.constantFrom(0, 0, 0, 1, 2),
});

/** Numbers the nodes in start order: `s0`, `w1`, … */
function name(root: Tree): SupervisorModelSpec {
  let last = -1;
  const visit = (node: Tree): NodeSpec => {
    last += 1;
    if (node.kind === 'worker') return { kind: 'worker', id: `w${last}`, restart: node.restart };
    const id = `s${last}`;
    if (node.kind === 'static') {
      const children = node.children.map(visit);
      return { ...node, kind: 'supervisor', id, children, childRestart: 'permanent' };
    }
    return { ...node, kind: 'supervisor', id, strategy: 'simple_one_for_one', children: [] };
  };
  return visit(root) as SupervisorModelSpec;
}

/** The same tree in the code under test. */
class Real {
  readonly table = new ProcessTable();
  readonly log: string[] = [];
  readonly pids = new Map<string, string>();
  readonly failures = new Map<string, number>();
  readonly ends: string[] = [];
  readonly root: Supervisor;

  constructor(spec: SupervisorModelSpec) {
    this.root = new Supervisor(this.#define(spec), {
      table: this.table,
      onExit: ({ reason }) => this.ends.push(reason),
    });
  }

  #define({ id, strategy, intensity, children, childRestart }: SupervisorModelSpec): SupervisorDefinition {
    const flags = { name: id, intensity, periodMs: PERIOD_MS };
    if (strategy === 'simple_one_for_one')
      return { ...flags, strategy, child: { start: this.#worker('dynamic'), restart: childRestart } };
    return { ...flags, strategy, children: children.map((child) => this.#child(child)) };
  }

  #child(spec: NodeSpec): ChildSpec {
    const { id, restart } = spec;
    if (spec.kind === 'supervisor') return { id, restart, start: supervisor(this.#define(spec)) };
    return { id, restart, start: this.#worker(id), args: id };
  }

  #worker(definition: string) {
    return genServer<string, { ping: () => string }, { end: (reason: string) => void }, string>({
      name: definition,
      version: 1,
      init: (id) => {
        const failing = this.failures.get(id) ?? 0;
        this.failures.set(id, Math.max(0, failing - 1));
        this.log.push(`${failing > 0 ? 'fail' : 'start'} ${id}`);
        if (failing > 0) throw new Error('not yet');
        this.pids.set(id, self().pid);
        return id;
      },
      handleCall: (_request, _from, id) => reply('pong', id),
      handleCast: ([, reason], id) => stop(reason, id),
      terminate: (reason, id) => void this.log.push(`end ${id} ${reason}`),
    });
  }

  crash(id: string, reason: string): void {
    this.table.cast(this.pids.get(id) ?? '', ['end', reason]);
  }

  /** `ok`, or the reason of the refusal. */
  ask(name: string, request: SupervisorRequest): Promise<string> {
    return this.table.askSupervisor(name, request).then(
      () => 'ok',
      (error: unknown) => (error instanceof ExitError ? error.reason : String(error)),
    );
  }

  async rest(): Promise<void> {
    const deadline = Date.now() + 5000;
    const isAtWork = () =>
      this.table.list().some(({ status, mailboxLength }) => status !== 'waiting' || mailboxLength > 0);
    while (isAtWork()) {
      if (Date.now() > deadline) throw new Error(`no rest: ${JSON.stringify(this.table.list())}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** id and whether it runs; the children of a simple_one_for_one supervisor have no ids. */
  async which(name: string): Promise<unknown[]> {
    const children = (await this.table.askSupervisor(name, ['which_children'])) as {
      id: string | undefined;
      pid: string | undefined;
    }[];
    return children.map(({ id, pid }) => [id ?? this.#idOf(pid), pid !== undefined]);
  }

  #idOf(pid: string | undefined): string | undefined {
    return [...this.pids].find((entry) => entry[1] === pid)?.[0];
  }
}

/** The children of a simple_one_for_one supervisor end in no particular order: runs of such ends are sorted. */
function ordered(log: readonly string[]): string[] {
  const isDynamicEnd = (line: string | undefined): boolean => /^end \S+\.d\d+ shutdown$/.test(line ?? '');
  const sorted: string[] = [];
  for (let at = 0; at < log.length; at += 1) {
    const from = at;
    while (isDynamicEnd(log[at])) at += 1;
    sorted.push(...log.slice(from, at).sort(), ...(at < log.length ? [log[at] as string] : []));
  }
  return sorted;
}

const byId = (children: unknown[], dynamic: boolean): unknown[] =>
  dynamic ? children.toSorted((a, b) => String(a).localeCompare(String(b))) : children;

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

class Run {
  readonly spec: SupervisorModelSpec;
  readonly real: Real;
  readonly model: SupervisorModel;
  readonly log: string[] = [];
  readonly failures = new Map<string, number>();
  readonly world = { log: this.log, periodMs: PERIOD_MS, now: 0, failures: this.failures };
  #lastDynamic = 0;

  constructor(root: Tree) {
    this.spec = name(root);
    this.real = new Real(this.spec);
    this.model = new SupervisorModel(this.spec, this.world);
  }

  async start(): Promise<void> {
    vi.spyOn(performance, 'now').mockImplementation(() => this.world.now);
    this.model.start();
    await this.real.root.start();
    await this.compare('start', new Map());
  }

  async play(each: Step): Promise<void> {
    this.world.now += each.waitMs;
    const pids = new Map(this.real.pids);
    this.log.length = 0;
    this.real.log.length = 0;
    const failing = pick(this.model.workers(), each.failing)?.id;
    if (each.what === 'crash' && failing !== undefined) this.#failStarts(failing, each.failures);
    const done = each.what === 'crash' ? this.#crash(each) : await this.#ask(each);
    await this.real.rest();
    await this.compare(done, pids);
    for (const failures of [this.failures, this.real.failures]) failures.clear();
  }

  #failStarts(id: string, failures: number): void {
    this.failures.set(id, failures);
    this.real.failures.set(id, failures);
  }

  #crash({ which, reason }: Step): string {
    const victim = pick(this.model.workers(), which);
    if (victim === undefined) return 'no worker runs';
    this.real.crash(victim.id, reason);
    victim.end(reason);
    return `crash ${victim.id} ${reason}`;
  }

  async #ask({ what, which, child }: Step): Promise<string> {
    const model = pick(this.model.supervisors(), which);
    if (model === undefined || what === 'crash') return 'no supervisor runs';
    const isDynamic = model.spec.strategy === 'simple_one_for_one';
    if (what === 'start_child') return isDynamic ? this.#add(model) : 'nothing to start';
    const id = pick(model.children, child)?.spec.id ?? 'nobody';
    const address = isDynamic && what === 'terminate_child' ? (this.real.pids.get(id) ?? '<9.9.0>') : id;
    const expected = this.#expect(what, model, id, isDynamic);
    expect(await this.real.ask(model.spec.id, [what, address]), `${what} ${id}`).toBe(expected);
    return `${what} ${model.spec.id} ${id}`;
  }

  #expect(what: Step['what'], model: SupervisorModel, id: string, isDynamic: boolean): string {
    if (what === 'restart_child') return model.restartChild(id);
    if (what === 'delete_child') return model.deleteChild(id);
    const answer = model.terminateChild(id);
    // As in OTP, a process that does not exist is as good as terminated.
    return isDynamic && answer === 'not_found' ? 'ok' : answer;
  }

  async #add(model: SupervisorModel): Promise<string> {
    this.#lastDynamic += 1;
    const id = `${model.spec.id}.d${this.#lastDynamic}`;
    expect(await this.real.ask(model.spec.id, ['start_child', id])).toBe(model.add(id));
    return `start_child ${id}`;
  }

  async compare(done: string, before: ReadonlyMap<string, string>): Promise<void> {
    expect(ordered(this.real.log), done).toEqual(ordered(this.log));
    const supervisors = this.model.supervisors();
    const started = new Set(
      this.log.filter((line) => line.startsWith('start ')).map((line) => line.slice(6)),
    );
    for (const { id } of this.model.workers())
      expect(this.real.pids.get(id) === before.get(id), `${id} is the same after ${done}`).toBe(
        !started.has(id),
      );
    for (const { spec, children } of supervisors) {
      const isDynamic = spec.strategy === 'simple_one_for_one';
      const expected = children.map((child) => [child.spec.id, child.state === 'running']);
      expect(byId(await this.real.which(spec.id), isDynamic), `${spec.id} after ${done}`).toEqual(
        byId(expected, isDynamic),
      );
    }
    const alive = [...supervisors.map(({ spec }) => spec.id), ...this.model.workers().map(({ id }) => id)];
    expect(this.real.table.list()).toHaveLength(alive.length);
    expect(this.real.ends).toEqual(this.model.hasEnded ? ['shutdown'] : []);
  }
}

/** More by hand: ERLMCP_PROPERTY_RUNS=5000. A failure prints its seed and the smallest tree and steps. */
const RUNS = Number(process.env.ERLMCP_PROPERTY_RUNS ?? 200);

describe('supervision', () => {
  afterEach(() => void vi.restoreAllMocks());

  test('property: what ends, what starts, in which order, and what is left is what OTP says', {
    timeout: 60_000 + 400 * RUNS,
  }, async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(tree(3), steps, async (root, todo) => {
        const run = new Run(root);
        try {
          await run.start();
          for (const each of todo) await run.play(each);
          await run.real.root.stop();
          expect(run.real.table.list()).toEqual([]);
        } finally {
          vi.restoreAllMocks();
        }
      }),
      { numRuns: RUNS },
    );
  });
});
