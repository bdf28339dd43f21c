// Follows every connection from accept to its end: bytes, states, duration. Lives in the thread of
// the stack; tells the command in batches, and only when something changed, so an idle stack stays
// asleep. States come from the stack's trace ring, which also shows those of closed handles.

import type { Connection } from "../../core/connection.js";
import type { ConnectionInfo, StateName, TraceEntry } from "../../core/observe.js";
import type { Stack } from "../../core/stack.js";
import type { ServeConnection } from "../services/service.js";
import { closeFirst } from "../services/linger.js";
import type { ConnectionEvent, Report, Row } from "./messages.js";
import { WatchedConnection } from "./watched.js";

/** Events kept between two reports, at most. */
const EVENTS_KEPT = 2_000;
/** Rows of open connections in a report, at most. */
const OPEN_ROWS = 50;
/** Rows of ended connections. */
const CLOSED_ROWS = 5;
/** States remembered of one connection, at most: RFC 9293 has no longer way to the end. */
const STATES_KEPT = 8;
/** How often connections that nobody holds any more are looked for when the trace did not tell. */
const SWEEP_MS = 1_000;

export interface SessionsOptions {
  readonly rows: boolean;
  readonly reportMs: number;
  readonly report: (report: Report) => void;
}

export interface Sessions {
  /** Takes over a new connection and hands it to its service. */
  begin(name: string, service: ServeConnection, connection: Connection): void;
  /** Closes all that are open, resets what is left after `withinMs`, then calls back with how many. */
  stop(withinMs: number, done: (cut: number) => void): void;
}

interface Session {
  readonly id: number;
  readonly name: string;
  readonly remote: string;
  readonly localPort: number;
  readonly handle: number;
  readonly openedAt: number;
  readonly openedMs: number;
  readonly connection: WatchedConnection;
  states: StateName[];
  /** When the owner let go of it; -1: it is still held. */
  releasedMs: number;
  /** How long it lived, once the trace has told its end; -1: not yet. */
  durationMs: number;
  error: string;
}

export function createSessions(stack: Stack, options: SessionsOptions): Sessions {
  const open = new Map<number, Session>();
  /** The same by ports: the trace knows no handle while nobody holds the connection. */
  const byPorts = new Map<number, Session>();
  let released = 0;
  let closedRows: Row[] = [];
  let events: ConnectionEvent[] = [];
  let skipped = 0;
  let served = 0;
  let receivedBefore = 0;
  let sentBefore = 0;
  let scheduled = false;
  let lastSweepMs = 0;
  let lostBefore = 0;
  let stopped = false;

  function record(event: ConnectionEvent): void {
    if (events.length < EVENTS_KEPT) events.push(event);
    else skipped++;
  }

  /** Sees to it that a report follows soon. */
  function changed(): void {
    if (scheduled || stopped) return;
    scheduled = true;
    stack.after(options.reportMs, tell);
  }

  function tell(): void {
    scheduled = false;
    if (stopped) return;
    followTraces();
    sweep();
    options.report(makeReport());
    events = [];
    skipped = 0;
    // What nobody holds makes no calls of its own: look again until it has ended.
    if (released > 0) changed();
  }

  function begin(name: string, service: ServeConnection, inner: Connection): void {
    const connection = new WatchedConnection(inner, {
      moved: changed,
      released: (error) => release(session, error),
    });
    const session: Session = {
      id: ++served,
      name,
      remote: `${inner.remoteAddress}:${inner.remotePort}`,
      localPort: inner.localPort,
      handle: inner.handle,
      openedAt: Date.now(),
      openedMs: stack.clock.now(),
      connection,
      // What has happened since the handshake is in the trace ring.
      states: ["ESTABLISHED"],
      releasedMs: -1,
      durationMs: -1,
      error: "",
    };
    open.set(session.handle, session);
    byPorts.set(portsKey(session.localPort, inner.remotePort), session);
    const { id, remote, openedAt } = session;
    record({ event: "opened", id, time: openedAt, service: name, remote });
    changed();
    connection.serve(service);
  }

  function release(session: Session, error: string): void {
    session.releasedMs = stack.clock.now();
    session.error = error;
    released++;
    // A reset ends it at once; otherwise bytes and FIN are still on their way, or the trace was
    // faster than the service.
    if (error !== "") end(session, "CLOSED", sinceOpened(session));
    else if (session.durationMs >= 0) end(session, session.states.at(-1)!, session.durationMs);
    changed();
  }

  function end(session: Session, last: StateName, durationMs: number): void {
    if (!open.delete(session.handle)) return;
    const key = portsKey(session.localPort, session.connection.remotePort);
    if (byPorts.get(key) === session) byPorts.delete(key);
    if (session.releasedMs >= 0) released--;
    if (session.states.at(-1) !== last) session.states.push(last);
    const { id, name: service, remote, connection, states, error } = session;
    const { received, sent } = connection;
    receivedBefore += received;
    sentBefore += sent;
    const closed = {
      id,
      service,
      remote,
      received,
      sent,
      durationMs,
      ...(error === "" ? {} : { error }),
    };
    record({ event: "closed", time: Date.now(), ...closed, states });
    const row = { ...closed, state: last, since: session.openedAt };
    closedRows = [...closedRows, row].slice(-CLOSED_ROWS);
    changed();
  }

  function sinceOpened({ openedMs }: Session): number {
    return Math.round((stack.clock.now() - openedMs) * 10) / 10;
  }

  function followTraces(): void {
    for (const entry of stack.traces()) {
      const session =
        open.get(entry.handle) ?? byPorts.get(portsKey(entry.localPort, entry.remotePort));
      if (session !== undefined) follow(session, entry);
    }
  }

  function follow(session: Session, { from, to, timeMs }: TraceEntry): void {
    const { states } = session;
    // Of the handshake the session is the result; TIME-WAIT is left by an earlier one of these ports.
    if (to === "SYN-RECEIVED" || to === "ESTABLISHED" || from === "TIME-WAIT") return;
    if (states.at(-1) !== to && states.length < STATES_KEPT) states.push(to);
    if (to !== "CLOSED" && to !== "TIME-WAIT") return;
    session.durationMs = lifetime(session, timeMs);
    if (session.releasedMs >= 0) end(session, to, session.durationMs);
  }

  /** Finds the end of connections whose trace was overwritten, or whose build has none. */
  function sweep(): void {
    const nowMs = stack.clock.now();
    const lost = stack.tracesLost();
    if (released === 0 || (lost === lostBefore && nowMs - lastSweepMs < SWEEP_MS)) return;
    lostBefore = lost;
    lastSweepMs = nowMs;
    const there = new Map(stack.connections().map((info) => [keyOf(info), info.state]));
    for (const session of [...open.values()]) {
      if (session.releasedMs < 0) continue;
      const state = there.get(`${session.localPort} ${session.remote}`);
      if (state === undefined || state === "TIME-WAIT")
        end(session, state ?? "CLOSED", sinceOpened(session));
      else if (session.states.at(-1) !== state) session.states.push(state);
    }
  }

  function makeReport(): Report {
    const totals = { received: receivedBefore, sent: sentBefore };
    for (const { connection } of open.values()) {
      totals.received += connection.received;
      totals.sent += connection.sent;
    }
    return {
      type: "report",
      events,
      skipped,
      open: open.size,
      served,
      ...totals,
      rows: options.rows ? [...open.values()].slice(-OPEN_ROWS).map(makeRow) : [],
      closedRows: options.rows ? closedRows : [],
    };
  }

  function stop(withinMs: number, done: (cut: number) => void): void {
    const deadlineMs = stack.clock.now() + withinMs;
    for (const session of open.values()) {
      // Held until after the deadline: only a connection that is held can be reset.
      if (session.releasedMs < 0) closeFirst(session.connection, stack, 2 * withinMs);
    }
    const check = (): void => {
      followTraces();
      sweep();
      if (open.size > 0 && stack.clock.now() < deadlineMs) {
        stack.after(20, check);
        return;
      }
      const left = [...open.values()];
      for (const session of left) session.connection.abort();
      for (const session of left) end(session, "CLOSED", sinceOpened(session));
      tell();
      stopped = true;
      // One more turn, so that the resets leave.
      stack.after(left.length > 0 ? 20 : 0, () => done(left.length));
    };
    check();
  }

  return { begin, stop };
}

/** From accept to a moment of the trace, whose 32 bits wrap; never negative by rounding. */
function lifetime({ openedMs }: Session, traceMs: number): number {
  return Math.max(0, (traceMs - Math.floor(openedMs)) | 0);
}

function makeRow(session: Session): Row {
  const { id, name, remote, connection, openedAt } = session;
  const held = connection.state;
  const state = session.releasedMs < 0 && held !== "CLOSED" ? held : session.states.at(-1)!;
  const { received, sent } = connection;
  return { id, service: name, remote, state, received, sent, since: openedAt };
}

/** Two hosts may come from the same port: the newer one counts, the other is found by the sweep. */
function portsKey(localPort: number, remotePort: number): number {
  return localPort * 65_536 + remotePort;
}

function keyOf({ localPort, remoteAddress, remotePort }: ConnectionInfo): string {
  return `${localPort} ${remoteAddress}:${remotePort}`;
}
