// Socket options, one line each: what the core has under which option, what this layer keeps, what
// is accepted and means nothing here, what the core does not have yet. An option of the core that
// comes later needs its name in this table and nothing else.

import { Option } from "../core/generated/abi.js";

const SECOND_MS = 1000;

export type OptionRule =
  /** `toCore` and `fromCore` translate the unit; `stackWide`: for all connections. */
  | {
      readonly how: "core";
      readonly id: number | undefined;
      readonly lacking: string;
      readonly toCore: (value: number) => number;
      readonly fromCore: (value: number) => number;
      readonly stackWide: boolean;
    }
  /** Kept, given back, and otherwise without effect; `initially` is its value before. */
  | { readonly how: "kept"; readonly why: string; readonly initially: Initial }
  /** Done in calls/options.ts. */
  | { readonly how: "special" }
  /** `off`: the value that switches it off, which is how things are. */
  | { readonly how: "missing"; readonly lacking: string; readonly off: number | undefined };

export type Initial = number | "sendRing" | "receiveRing" | "mss";

const same = (value: number) => value;
const ids = Option as unknown as Readonly<Record<string, number>>;

interface Units {
  toCore?: (value: number) => number;
  fromCore?: (value: number) => number;
  stackWide?: boolean;
}

/** An option of the core by its name; where a build of the core has none, `lacking` says what. */
function core(name: string, lacking: string, units: Units = {}): OptionRule {
  const { toCore = same, fromCore = same, stackWide = false } = units;
  return { how: "core", id: ids[name], lacking, toCore, fromCore, stackWide };
}

const kept = (why: string, initially: Initial = 0): OptionRule => ({ how: "kept", why, initially });
const missing = (lacking: string, off?: number): OptionRule => ({ how: "missing", lacking, off });
/** What a socket is. */
const fixed = (value: number): OptionRule => kept("it never changes", value);
const special: OptionRule = { how: "special" };

const seconds: Units = {
  toCore: (ms) => Math.ceil(ms / SECOND_MS),
  fromCore: (value) => value * SECOND_MS,
};

export const SOCKET_OPTIONS: Readonly<Record<string, OptionRule>> = {
  // SOL_SOCKET
  SO_ERROR: special,
  SO_LINGER: special,
  SO_REUSEADDR: kept("a port is free as soon as its listener is closed"),
  SO_REUSEPORT: kept("one listener has a port"),
  SO_RCVBUF: kept("rings have the size that the build gives them", "receiveRing"),
  SO_SNDBUF: kept("rings have the size that the build gives them", "sendRing"),
  SO_RCVBUFFORCE: kept("rings have the size that the build gives them", "receiveRing"),
  SO_SNDBUFFORCE: kept("rings have the size that the build gives them", "sendRing"),
  SO_KEEPALIVE: core("KEEP_ALIVE", "keepalive"),
  SO_OOBINLINE: kept("urgent data are always in line (RFC 6093)", 1),
  SO_PRIORITY: kept("the link has no classes"),
  SO_MARK: kept("there are no routing rules"),
  SO_DEBUG: kept("counters and traces are always there"),
  SO_BROADCAST: kept("TCP never sends to all"),
  SO_NOSIGPIPE: kept("there are no signals"),
  SO_TIMESTAMP: kept("TCP delivers no times of packets"),
  SO_DOMAIN: fixed(2),
  SO_TYPE: fixed(1),
  SO_PROTOCOL: fixed(6),
  SO_ACCEPTCONN: special,
  SO_RCVLOWAT: missing("a low-water mark", 1),
  SO_SNDLOWAT: missing("a low-water mark", 1),
  SO_RCVTIMEO: missing("limits of time for reading; give the call an end as +0...0.2"),
  SO_SNDTIMEO: missing("limits of time for writing; give the call an end as +0...0.2"),
  SO_MAX_PACING_RATE: missing("pacing"),
  SO_TIMESTAMPING: missing("timestamps of packets for programs", 0),
  SO_ZEROCOPY: missing("zero-copy sending", 0),
  // IPPROTO_TCP
  TCP_NODELAY: core("NO_DELAY", "TCP_NODELAY"),
  TCP_MAXSEG: core("MSS", "a limit of the segment size for a connection"),
  TCP_KEEPIDLE: core("KEEP_IDLE_SECONDS", "keepalive"),
  TCP_KEEPINTVL: core("KEEP_INTERVAL_SECONDS", "keepalive"),
  TCP_KEEPCNT: core("KEEP_PROBES", "keepalive"),
  TCP_KEEPINIT: core("SYN_R2_SECONDS", "a limit of time for SYN", { stackWide: true }),
  TCP_USER_TIMEOUT: core("R2_SECONDS", "a user timeout", seconds),
  TCP_LINGER2: core("ORPHAN_SECONDS", "a limit of FIN-WAIT-2", { stackWide: true }),
  TCP_INFO: special,
  TCP_CONGESTION: special,
  TCP_FUNCTION_BLK: special,
  TCP_QUICKACK: missing("quick acknowledgments; DELAYED_ACK_MS sets the delay"),
  TCP_CORK: missing("corking", 0),
  TCP_NOPUSH: missing("corking", 0),
  TCP_DEFER_ACCEPT: missing("deferred accepting", 0),
  TCP_FASTOPEN: missing("TCP Fast Open", 0),
  TCP_FASTOPEN_CONNECT: missing("TCP Fast Open", 0),
  TCP_SYNCNT: missing("a number of retransmissions of SYN; SYN_R2_SECONDS limits the time"),
  TCP_WINDOW_CLAMP: missing("a limit of the window", 0),
  TCP_NOTSENT_LOWAT: missing("a limit of unsent bytes"),
  TCP_MD5SIG: missing("TCP MD5 signatures", 0),
  TCP_LOG: kept("counters and traces are always there"),
  TCP_INQ: missing("the number of unread bytes beside a message", 0),
  TCP_REPAIR: missing("repair of connections", 0),
  TCP_SAVE_SYN: missing("kept SYNs", 0),
  TCP_NOOPT: missing("connections without options", 0),
  TCP_REMOTE_UDP_ENCAPS_PORT: missing("TCP in UDP", 0),
  // IPPROTO_IP
  IP_TTL: core("TTL", "a time to live"),
  IP_TOS: core("DSCP", "a DSCP", {
    toCore: (tos) => tos >> 2,
    fromCore: (dscp) => dscp << 2,
  }),
  IP_MTU_DISCOVER: kept("the path's MTU is always discovered", 2),
  IP_DONTFRAG: kept("packets always forbid fragments", 1),
  IP_RECVERR: kept("errors are told by the call that meets them"),
  IP_RECVTOS: kept("TCP delivers no header fields"),
  IP_MTU: missing("the path's MTU for programs; TCP_MAXSEG tells the segment size"),
};
