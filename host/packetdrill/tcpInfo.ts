// Names that assertions may use: what Linux's tcp_info calls them, worked out from the core's
// records, and every variable of RecordInfo by its own name.

import { Constant, State, StateName } from "../core/generated/abi.js";
import type { Core } from "../core/core.js";
import type { RecordInfo } from "../core/recordInfo.js";
import { readRecords } from "../core/records.js";

/** Linux's numbers of the states (include/net/tcp_states.h), by our own. */
const LINUX_STATES: Readonly<Record<number, number>> = {
  [State.ESTABLISHED]: 1,
  [State.SYN_SENT]: 2,
  [State.SYN_RECEIVED]: 3,
  [State.FIN_WAIT_1]: 4,
  [State.FIN_WAIT_2]: 5,
  [State.TIME_WAIT]: 6,
  [State.CLOSED]: 7,
  [State.CLOSE_WAIT]: 8,
  [State.LAST_ACK]: 9,
  [State.LISTEN]: 10,
  [State.CLOSING]: 11,
};

/** Values of assertions. */
export const INFO_CONSTANTS: Readonly<Record<string, number>> = {
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  // The core's own, for `state == ESTABLISHED`.
  ...Object.fromEntries(
    Object.entries(StateName).map(([value, name]) => [name.replaceAll("-", "_"), Number(value)]),
  ),
};

const segments = (bytes: number, mss: number) => (mss > 0 ? Math.ceil(bytes / mss) : 0);

type Read = (info: RecordInfo, core: Core) => number;

/** In the units of tcp_info: microseconds, segments. */
const TCP_INFO: Readonly<Record<string, Read>> = {
  tcpi_state: ({ state }) => LINUX_STATES[state] ?? 0,
  tcpi_ca_state: ({ loss, recovery, dupAcks }) => (loss ? 4 : recovery ? 3 : dupAcks ? 1 : 0),
  tcpi_retransmits: ({ retries }) => retries,
  tcpi_total_retrans: ({ retransmits }) => Math.max(0, retransmits),
  tcpi_backoff: ({ retries }) => retries,
  tcpi_options: ({ timestamps, sack, sndScale, rcvScale }) =>
    (timestamps ? 1 : 0) | (sack ? 2 : 0) | (sndScale || rcvScale ? 4 : 0),
  tcpi_snd_wscale: ({ sndScale }) => sndScale,
  tcpi_rcv_wscale: ({ rcvScale }) => rcvScale,
  tcpi_rto: ({ rtoMs }) => rtoMs * 1000,
  tcpi_snd_mss: ({ sndMss }) => sndMss,
  tcpi_unacked: ({ sndNxt, sndUna, sndMss }) => segments((sndNxt - sndUna) >>> 0, sndMss),
  tcpi_rtt: ({ srttUs }) => srttUs,
  tcpi_rttvar: ({ rttvarUs }) => rttvarUs,
  tcpi_snd_cwnd: ({ cwnd, sndMss }) => (sndMss > 0 ? Math.floor(cwnd / sndMss) : 0),
  // Nothing was lost yet: Linux's word for "unlimited".
  tcpi_snd_ssthresh: ({ ssthresh, sndMss }) =>
    ssthresh >= 0x7fffffff ? 0x7fffffff : sndMss > 0 ? Math.floor(ssthresh / sndMss) : 0,
  tcpi_rcv_space: (_info, core) => core.constant(Constant.RECEIVE_RING_BYTES),
  tcpi_snd_wnd: ({ sndWnd }) => sndWnd,
  tcpi_rcv_wnd: ({ rcvWnd }) => rcvWnd,
  tcpi_notsent_bytes: ({ sndEnd, sndNxt }) => Math.max(0, (sndEnd - sndNxt) | 0),
};

/** The value of a name for a connection; undefined: there is no such name. */
export function infoValue(core: Core, info: RecordInfo, name: string): number | undefined {
  if (Object.hasOwn(TCP_INFO, name)) return TCP_INFO[name]?.(info, core);
  const value = Object.hasOwn(info, name) ? info[name as keyof RecordInfo] : undefined;
  return typeof value === "number" ? value : undefined;
}

/** For messages. */
export function infoNames(core: Core): string[] {
  const [any] = readRecords(core);
  const own = any ? Object.entries(any).filter(([, value]) => typeof value === "number") : [];
  return [...Object.keys(TCP_INFO), ...own.map(([name]) => name)];
}
