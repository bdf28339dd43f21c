// Connections and sockets of a look as netstat lists them, whatever way they are printed: who waits first, then the
// others, each with the service that it belongs to.

import type { ConnectionInfo } from "../../core/observe.js";
import type { SocketInfo } from "../../core/socketRecords.js";

/** What is listed: of a look at a stack, or of a stack itself. */
export interface Seen {
  readonly connections: readonly ConnectionInfo[];
  /** null: the build has none. */
  readonly sockets: readonly SocketInfo[] | null;
  /** Who owns which port. */
  readonly services: readonly { readonly port: number; readonly name: string }[];
}

/** Which sockets are listed. */
export interface SocketFilter {
  readonly tcp: boolean;
  readonly udp: boolean;
  /** Only those that wait for somebody. */
  readonly listening: boolean;
}

/** Which of it. */
export interface Wanted {
  /** null: nothing. */
  readonly sockets: SocketFilter | null;
  /** A connection that has been in CLOSE-WAIT for so long counts as forgotten. */
  readonly closeWaitMs: number;
}

/** What the timer of a connection is for, in the words of ss. */
export type TimerName = "on" | "persist" | "keepalive" | "timewait";

export interface Listed {
  readonly proto: "tcp" | "udp" | "icmp";
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  /** 0: any, or nobody. */
  readonly remotePort: number;
  /** "" where there are none. */
  readonly state: string;
  /** null: nobody has said whose it is. */
  readonly service: string | null;
  /** null: of a socket for datagrams, or a listener. */
  readonly details: Details | null;
}

export interface Details {
  readonly timer: TimerName | null;
  /** null: it is not armed. */
  readonly timerMs: number | null;
  readonly ackTimerMs: number | null;
  /** Since it came into its state; null: not known. */
  readonly ageMs: number | null;
  /** null: none was measured. */
  readonly rttMs: number | null;
  readonly rttVarMs: number | null;
  readonly rtoMs: number;
  readonly cwnd: number;
  readonly ssthresh: number;
  /** In a row, without an answer. */
  readonly retransmissions: number;
  /** Of the connection, so far; null: the profile does not count them. */
  readonly allRetransmissions: number | null;
  /** It has been in CLOSE-WAIT for so long that its owner may have forgotten it. */
  readonly forgotten: boolean;
}

export function listSockets(
  { connections, sockets, services }: Seen,
  { sockets: filter, closeWaitMs }: Wanted,
): Listed[] {
  if (filter === null) return [];
  const owner = new Map(services.map((service) => [service.port, service.name]));
  const listed = [
    ...(filter.tcp ? connections.map((info) => listConnection(info, owner, closeWaitMs)) : []),
    ...(filter.udp ? (sockets ?? []).map((socket) => listSocket(socket, owner)) : []),
  ];
  const shown = filter.listening ? listed.filter(isWaiting) : listed;
  return shown.sort(inOrder);
}

type Owners = ReadonlyMap<number, string>;

function listConnection(info: ConnectionInfo, owners: Owners, closeWaitMs: number): Listed {
  const { localAddress, localPort, remoteAddress, remotePort, state } = info;
  const listens = state === "LISTEN";
  return {
    proto: "tcp",
    // Of a listener the connections that wait to be accepted, as ss has them.
    receiveQueue: listens ? info.sendQueue : info.receiveQueue,
    sendQueue: listens ? 0 : info.sendQueue,
    ...{ localAddress, localPort, remoteAddress, remotePort, state },
    service: owners.get(localPort) ?? null,
    details: listens ? null : describe(info, closeWaitMs),
  };
}

function listSocket(socket: SocketInfo, owners: Owners): Listed {
  const { protocol, receiveQueue, sendQueue, localAddress, localPort } = socket;
  const { remoteAddress, remotePort } = socket;
  const isUdp = protocol === "udp";
  return {
    proto: isUdp ? "udp" : "icmp",
    ...{ receiveQueue, sendQueue, localAddress, localPort, remoteAddress, remotePort },
    state: "",
    service: isUdp ? (owners.get(localPort) ?? null) : null,
    details: null,
  };
}

function describe(info: ConnectionInfo, closeWaitMs: number): Details {
  const { srttUs, rttvarUs, rtoMs, cwnd, ssthresh, retries, retransmits, state } = info;
  const measured = srttUs !== 0;
  // What the SYN cache keeps of a handshake is no more than its timer.
  const ageMs = info.pool === "syn_cache" ? null : info.ageMs;
  return {
    timer: timerOf(info),
    timerMs: armed(info.timerMs),
    ackTimerMs: armed(info.ackTimerMs),
    ageMs,
    rttMs: measured ? srttUs / 1000 : null,
    rttVarMs: measured ? rttvarUs / 1000 : null,
    ...{ rtoMs, cwnd, ssthresh, retransmissions: retries },
    // Those of the caches keep no count.
    allRetransmissions: info.pool === "tcb" && retransmits >= 0 ? retransmits : null,
    forgotten: state === "CLOSE-WAIT" && ageMs !== null && ageMs >= closeWaitMs,
  };
}

const armed = (ms: number): number | null => (ms < 0 ? null : ms);

/** The core has one timer for all of them; which it is follows from what is under way. */
function timerOf(info: ConnectionInfo): TimerName | null {
  const { state, timerMs, sndUna, sndNxt, sndWnd, sendQueue } = info;
  if (timerMs < 0) return null;
  if (state === "TIME-WAIT") return "timewait";
  // A byte that probes the window is under way, too.
  if (sendQueue > 0 && sndWnd === 0) return "persist";
  if (state === "SYN-SENT" || state === "SYN-RECEIVED" || sndUna !== sndNxt) return "on";
  return sendQueue > 0 ? "persist" : "keepalive";
}

/** It talks to nobody yet. */
const isWaiting = ({ proto, state, remotePort }: Listed): boolean =>
  proto === "tcp" ? state === "LISTEN" : remotePort === 0;

const PROTOS = ["tcp", "udp", "icmp"];

function inOrder(a: Listed, b: Listed): number {
  return (
    PROTOS.indexOf(a.proto) - PROTOS.indexOf(b.proto) ||
    Number(isWaiting(b)) - Number(isWaiting(a)) ||
    a.localPort - b.localPort ||
    a.remoteAddress.localeCompare(b.remoteAddress) ||
    a.remotePort - b.remotePort
  );
}
