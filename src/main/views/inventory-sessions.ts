/**
 * Sessions, the last used first, out of two sorted lists: those in memory, and the store's order of use. Of a million records only
 * those are read that are shown, or that a filter by transport has to look into; in short turns, and for two seconds at most.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ParamsOf, SessionRow, SessionsResult } from '../../control/index.ts';
import type { LiveSession, SessionRecord, Sessions, UseKey } from '../../host/index.ts';

const DEFAULT_LIMIT = 100;
const SEARCH_MS = 2_000;
const TURN_MS = 5;
const PAGE = 100;

type Params = ParamsOf<'sessions'>;

interface Found {
  usedAt: number;
  row: SessionRow;
}

export async function listSessions(sessions: Sessions, params: Params): Promise<SessionsResult> {
  const { limit = DEFAULT_LIMIT, state, transport } = params;
  const wanted = (record: SessionRecord): boolean =>
    transport === undefined || record.transport === transport;
  const live = state === 'rest' ? { looked: 0, found: [] } : newestLive(sessions, limit, wanted);
  const rest =
    state === 'live' ? { looked: 0, found: [] } : await newestAtRest(sessions, limit, wanted, live.found);
  const rows = [...live.found, ...rest.found]
    .sort((one, other) => other.usedAt - one.usedAt)
    .slice(0, limit)
    .map(({ row }) => row);
  return { total: sessions.count, searched: live.looked + rest.looked, rows };
}

/** Sorted only a few at a time: there may be many, and few are shown. */
function newestLive(
  sessions: Sessions,
  limit: number,
  wanted: (record: SessionRecord) => boolean,
): { looked: number; found: Found[] } {
  let kept: LiveSession[] = [];
  let looked = 0;
  const cut = (): void => {
    kept = kept.sort((one, other) => other.usedAt - one.usedAt).slice(0, limit);
  };
  for (const session of sessions.live()) {
    if (!session.durable || session.ended) continue;
    looked++;
    if (wanted(session.record)) kept.push(session);
    if (kept.length >= 2 * limit + PAGE) cut();
  }
  cut();
  return { looked, found: kept.map((session) => ({ usedAt: session.usedAt, row: liveRow(session) })) };
}

/** Goes on until what comes is older than all that can be shown. */
async function newestAtRest(
  sessions: Sessions,
  limit: number,
  wanted: (record: SessionRecord) => boolean,
  live: readonly Found[],
): Promise<{ looked: number; found: Found[] }> {
  const found: Found[] = [];
  let looked = 0;
  /** Of the live ones, those that were used later than where the walk is. */
  let newer = 0;
  for await (const [usedAt, id] of inTurns(sessions)) {
    while (newer < live.length && live[newer]!.usedAt >= usedAt) newer++;
    if (found.length + newer >= limit) break;
    const record = sessions.isLive(id) ? undefined : sessions.stored.get(id);
    if (record === undefined) continue;
    looked++;
    if (wanted(record)) found.push({ usedAt, row: restRow(record) });
  }
  return { looked, found };
}

/** The order of use, newest first, read a page at a time; others have their turn in between. */
async function* inTurns(sessions: Sessions): AsyncGenerator<UseKey> {
  const end = performance.now() + SEARCH_MS;
  let turn = performance.now() + TURN_MS;
  let page: UseKey[] = [];
  do {
    page = sessions.stored.newest(PAGE, page.at(-1));
    for (const key of page) {
      yield key;
      if (performance.now() < turn) continue;
      await nextTurn();
      turn = performance.now() + TURN_MS;
    }
  } while (page.length === PAGE && performance.now() < end);
}

function liveRow(session: LiveSession): SessionRow {
  return {
    ...common(session.record, session.usedAt),
    state: 'live',
    hydrated: session.channels.size > 0,
    streams: session.sinks.length,
    calls_in_flight: session.inFlight.size,
  };
}

const restRow = (record: SessionRecord): SessionRow => ({
  ...common(record, record.usedAt),
  state: 'rest',
  hydrated: false,
  streams: 0,
  calls_in_flight: 0,
});

const common = (record: SessionRecord, usedAt: number) => ({
  session: record.id,
  client: clientName(record.initialize),
  transport: record.transport,
  protocol: record.protocolVersion,
  subscriptions: Object.keys(record.subscriptions).length,
  created: new Date(record.createdAt).toISOString(),
  used: new Date(usedAt).toISOString(),
});

/** As the client names itself. */
function clientName(initialize: unknown): string | null {
  const info = (initialize as { params?: { clientInfo?: { name?: unknown; version?: unknown } } } | undefined)
    ?.params?.clientInfo;
  return typeof info?.name === 'string' ? `${info.name} ${info.version ?? ''}`.trim() : null;
}
