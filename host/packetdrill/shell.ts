// What stands in backquotes: statements of our own (state, counter, pool, link, option), sysctl
// lines that set an option of the core or mean nothing here, and a short list of commands that
// prepare a kernel and mean nothing here either. Everything else is refused.

import { Counter, Option, Pool, State, StateName } from "../core/generated/abi.js";
import { readCounter, readPool } from "../core/observe.js";
import { suggestion } from "../suggest.js";
import { parseStackOption } from "./config.js";
import { failure, mistake, unsupported, type Place } from "./errors.js";
import { LONGEST_SECONDS } from "./parse.js";
import { recordOf, infoOf, type Run } from "./state.js";
import { checkCore } from "./wire.js";

const ids = Option as unknown as Readonly<Record<string, number>>;

interface Setting {
  readonly options: readonly string[];
  readonly toCore: (value: number) => number;
}

const sets = (options: string[], toCore = (value: number) => value): Setting => ({
  options,
  toCore,
});
const onOff = (value: number) => (value === 0 ? 0 : 1);
const secondsOfMs = (ms: number) => Math.ceil(ms / 1000);

/** The time after which Linux gives up, s, by a number of retransmissions from 200 ms on. */
const retriesToSeconds = (retries: number) =>
  Math.ceil(0.2 * (2 ** (Math.min(retries, 9) + 1) - 1) + 120 * Math.max(0, retries - 9));
/** The same for SYNs, from 1 s on. */
const synRetriesToSeconds = (retries: number) => 2 ** (retries + 1) - 1;

/** sysctl variables that are options of the core. */
export const SYSCTLS: Readonly<Record<string, Setting>> = {
  "net.ipv4.tcp_timestamps": sets(["TIMESTAMPS"], onOff),
  "net.ipv4.tcp_window_scaling": sets(["WINDOW_SCALE"], onOff),
  "net.ipv4.tcp_sack": sets(["SACK"], onOff),
  "net.ipv4.tcp_synack_retries": sets(["SYN_ACK_RETRIES"]),
  "net.ipv4.tcp_syn_retries": sets(["SYN_R2_SECONDS"], synRetriesToSeconds),
  "net.ipv4.tcp_retries2": sets(["R2_SECONDS"], retriesToSeconds),
  "net.ipv4.tcp_fin_timeout": sets(["ORPHAN_SECONDS"]),
  "net.ipv4.tcp_invalid_ratelimit": sets(["CHALLENGE_ACK_MS"]),
  "net.ipv4.tcp_rto_min_us": sets(["MINIMUM_RTO_MS"], (us) => Math.ceil(us / 1000)),
  "net.ipv4.tcp_keepalive_time": sets(["KEEP_IDLE_SECONDS"]),
  "net.ipv4.tcp_keepalive_intvl": sets(["KEEP_INTERVAL_SECONDS"]),
  "net.ipv4.tcp_keepalive_probes": sets(["KEEP_PROBES"]),
  "net.inet.tcp.always_keepalive": sets(["KEEP_ALIVE"], onOff),
  "net.inet.tcp.keepidle": sets(["KEEP_IDLE_SECONDS"], secondsOfMs),
  "net.inet.tcp.keepintvl": sets(["KEEP_INTERVAL_SECONDS"], secondsOfMs),
  "net.inet.tcp.keepcnt": sets(["KEEP_PROBES"]),
  "net.inet.tcp.keepinit": sets(["SYN_R2_SECONDS"], secondsOfMs),
  "net.inet.tcp.rfc1323": sets(["TIMESTAMPS", "WINDOW_SCALE"], onOff),
  "net.inet.tcp.sack.enable": sets(["SACK"], onOff),
  "net.inet.tcp.syncache.rexmtlimit": sets(["SYN_ACK_RETRIES"]),
  "net.inet.tcp.finwait2_timeout": sets(["ORPHAN_SECONDS"], secondsOfMs),
  "net.inet.tcp.msl": sets(["MSL_MS"]),
  "net.inet.tcp.delayed_ack": sets(["DELAYED_ACK_MS"], (on) => (on === 0 ? 0 : 40)),
  "net.inet.tcp.delacktime": sets(["DELAYED_ACK_MS"]),
  "net.inet.tcp.rexmit_min": sets(["MINIMUM_RTO_MS"]),
};

/** sysctl variables without meaning here, by the beginning of their names, and why. */
export const IGNORED_SYSCTLS: readonly (readonly [string, string])[] = [
  ["net.ipv4.tcp_congestion_control", "the core has NewReno"],
  ["net.ipv4.tcp_ecn", "the core never asks for ECN and never agrees to it"],
  ["net.ipv4.tcp_rmem", "rings have the size of the build"],
  ["net.ipv4.tcp_wmem", "rings have the size of the build"],
  ["net.ipv4.tcp_mem", "pools have the size of the build"],
  ["net.core.", "queues of Linux's devices"],
  ["net.ipv4.tcp_tso", "no offload"],
  ["net.ipv4.tcp_min_tso_segs", "no offload"],
  ["net.ipv4.tcp_pacing", "no pacing"],
  ["net.ipv4.tcp_autocorking", "no corking"],
  ["net.ipv4.tcp_limit_output_bytes", "no queue below"],
  ["net.ipv4.tcp_moderate_rcvbuf", "rings have the size of the build"],
  ["net.ipv4.tcp_no_metrics_save", "nothing is kept between connections"],
  ["net.ipv4.route", "nothing is kept between connections"],
  ["net.ipv4.tcp_fastopen", "no Fast Open"],
  ["net.ipv4.tcp_early_retrans", "no tail loss probes"],
  ["net.ipv4.tcp_recovery", "no RACK: losses are told by RFC 6675"],
  ["net.ipv4.tcp_frto", "no F-RTO"],
  ["net.ipv4.tcp_dsack", "duplicates are told of (RFC 2883), as there by default"],
  ["net.ipv4.tcp_fack", "no forward acknowledgment"],
  ["net.ipv4.tcp_reordering", "three duplicates are a loss, as there by default"],
  ["net.ipv4.tcp_max_reordering", "three duplicates are a loss, as there by default"],
  ["net.ipv4.tcp_comp_sack", "acknowledgments are never held back to compress them"],
  ["net.ipv4.tcp_slow_start_after_idle", "the window starts again, as there by default"],
  ["net.ipv4.tcp_mtu_probing", "no probes of the MTU, as there by default"],
  ["net.ipv4.tcp_base_mss", "no probes of the MTU, as there by default"],
  ["net.ipv4.ip_no_pmtu_disc", "the path's MTU is always discovered, as there by default"],
  ["net.ipv4.tcp_retries1", "R1 is 3, as there by default"],
  ["net.ipv4.tcp_syncookies", "cookies are sent when the SYN cache is full"],
  ["net.ipv4.tcp_max_syn_backlog", "pools have the size of the build"],
  ["net.ipv4.tcp_abort_on_overflow", "a full listener is silent, as there by default"],
  ["net.ipv4.tcp_adv_win_scale", "a ring holds nothing but data"],
  ["net.ipv4.tcp_rfc1337", "a RST never ends TIME-WAIT"],
  ["net.ipv4.tcp_tw_reuse", "TIME-WAIT ends early as RFC 6191 says"],
  ["net.ipv4.tcp_challenge_ack_limit", "challenge ACKs are counted for each connection"],
  ["net.ipv4.tcp_notsent_lowat", "no limit of unsent bytes, as there by default"],
  ["net.ipv4.tcp_thin_", "no special treatment of thin streams, as there by default"],
  ["net.ipv4.tcp_min_rtt_wlen", "no minimum of the round-trip time is kept"],
  ["net.ipv4.tcp_shrink_window", "windows never shrink, as there by default"],
  ["net.ipv4.ip_local_port_range", "ports are random (RFC 6056)"],
  ["kern.", "FreeBSD's kernel, not its TCP"],
  ["net.inet.tcp.recvspace", "rings have the size of the build"],
  ["net.inet.tcp.sendspace", "rings have the size of the build"],
  ["net.inet.tcp.recvbuf_auto", "rings have the size of the build"],
  ["net.inet.tcp.sendbuf_auto", "rings have the size of the build"],
  ["net.inet.tcp.hostcache", "nothing is kept between connections"],
  ["net.inet.tcp.functions_default", "the core has one TCP"],
  ["net.inet.tcp.cc.algorithm", "the core has NewReno"],
  ["net.inet.tcp.ecn", "the core never asks for ECN and never agrees to it"],
  ["net.inet.tcp.rexmit_initial", "the first timeout is RFC 6298's second, as there by default"],
  ["net.inet.tcp.icmp_may_rst", "hard errors end a connection in SYN-SENT, as there by default"],
  ["net.inet.tcp.rexmit_slop", "the variance counts at least 1 ms (RFC 6298), not 200"],
  ["net.inet.tcp.rexmit_drop_options", "a SYN sent again keeps its options, as there by default"],
  ["net.inet.tcp.syncookies", "cookies are sent when the SYN cache is full"],
  ["net.inet.tcp.syncache.", "pools have the size of the build"],
  ["net.inet.tcp.rfc3042", "limited transmit is on, as there by default"],
  ["net.inet.tcp.rfc3390", "the initial window is RFC 6928's, as there by default"],
  ["net.inet.tcp.rfc3465", "cwnd grows by bytes (RFC 3465), as there by default"],
  ["net.inet.tcp.abc_l_var", "slow start grows by one segment for an ACK (RFC 5681)"],
  ["net.inet.tcp.path_mtu_discovery", "the path's MTU is always discovered"],
  ["net.inet.tcp.pmtud_blackhole", "black holes are not looked for, as there by default"],
  ["net.inet.tcp.mssdflt", "a peer without the option takes 536 bytes, as there by default"],
  ["net.inet.tcp.minmss", "the smallest MTU that is believed is the build's"],
  ["net.inet.tcp.fast_finwait2_recycle", "FIN-WAIT-2 has its whole time, as there by default"],
  ["net.inet.tcp.nolocaltimewait", "TIME-WAIT is for all, as there by default"],
  ["net.inet.tcp.insecure_", "RFC 5961 is on, as there by default"],
  ["net.inet.tcp.drop_synfin", "a SYN with FIN is always dropped"],
  ["net.inet.tcp.persm", "probes go by the retransmission timeout (RFC 9293 3.8.6.1)"],
  ["net.inet.tcp.do_prr", "recovery is RFC 6675's"],
  ["net.inet.tcp.do_lrd", "recovery is RFC 6675's"],
  ["net.inet.tcp.sack.", "recovery is RFC 6675's"],
  ["net.inet.tcp.newcwv", "the restart after idle is RFC 5681's, as there by default"],
  ["net.inet.tcp.tolerate_missing_ts", "timestamps must be there (RFC 7323), as there by default"],
  ["net.inet.tcp.reass.", "out of order data lie in the ring"],
  ["net.inet.tcp.tso", "no offload"],
  ["net.inet.tcp.log", "counters and traces are always there"],
  ["net.inet.tcp.fastopen", "no Fast Open"],
  ["net.inet.icmp.", "replies have the core's own limit"],
  ["net.inet.tcp.blackhole", "segments to nobody are answered, as there by default"],
  ["net.inet.tcp.initcwnd_segments", "the initial window is RFC 6928's, as there by default"],
];

/** Commands that prepare a kernel or its devices, and restore them. */
export const IGNORED_COMMANDS: readonly RegExp[] = [
  /(^|\/)defaults\.sh$/,
  /^\/tmp\/sysctl_restore_\S*\.sh$/,
  /^(tc|ethtool|kldload|kldunload|modprobe|ip) /,
  /^(true|sync)$/,
];

/** Runs what stands between backquotes, statement by statement. */
export function runShell(run: Run, text: string, place: Place): void {
  const lines = text
    .replace(/\\\n/g, " ")
    .split(/\n|&&|;/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  for (const line of lines.filter((part) => part !== "")) runLine(run, line, place);
}

function runLine(run: Run, line: string, place: Place): void {
  const [command = "", ...words] = line.split(/\s+/);
  const statement = Object.hasOwn(STATEMENTS, command) ? STATEMENTS[command] : undefined;
  if (statement) return statement(run, words, place);
  if (/(^|\/)sysctl$/.test(command)) return sysctl(run, words, place);
  if (/(^|\/)set_sysctls\.py$/.test(command)) return sysctl(run, words.map(fromProc), place);
  if (command === "sleep") {
    const seconds = Number(words[0]);
    if (!(seconds >= 0 && seconds <= LONGEST_SECONDS)) {
      throw mistake(`expected seconds from 0 to ${LONGEST_SECONDS}, found ${words[0]}`, place);
    }
    return run.wire.advanceTo(run.wire.nowUs() + seconds * 1e6);
  }
  if (IGNORED_COMMANDS.some((pattern) => pattern.test(line))) return;
  throw unsupported(`no shell here: ${line} is not run`, place);
}

/** /proc/sys/net/ipv4/tcp_sack=1 as net.ipv4.tcp_sack=1. */
const fromProc = (word: string) =>
  word.replace(/^\/proc\/sys\/([^=]*)/, (_, path: string) => path.replaceAll("/", "."));

function sysctl(run: Run, words: string[], place: Place): void {
  // Flags; and spaces around the equals sign.
  const text = words.filter((word) => !/^-\w+$/.test(word)).join(" ");
  const pairs = text.replace(/\s*=\s*/g, "=").matchAll(/([\w.]+)=("[^"]*"|\S+)/g);
  for (const [, name = "", value = ""] of pairs) setSysctl(run, name, value, place);
}

function setSysctl(run: Run, name: string, value: string, place: Place): void {
  const setting = Object.hasOwn(SYSCTLS, name) ? SYSCTLS[name] : undefined;
  if (!setting) {
    if (IGNORED_SYSCTLS.some(([prefix]) => name.startsWith(prefix))) return;
    throw unsupported(`the runner does not know the variable ${name}`, place);
  }
  for (const option of setting.options) {
    const id = ids[option];
    const number = setting.toCore(Number(value));
    if (id !== undefined) {
      checkCore(run.wire.core.exports.setOption(0, id, number), `${name}=${value}`);
    } else if (number !== 0) {
      throw unsupported(`${name}=${value}: the core has no ${option} yet`, place);
    }
  }
}

type Statement = (run: Run, words: string[], place: Place) => void;

const STATEMENTS: Readonly<Record<string, Statement>> = {
  state: assertState,
  counter: assertCounter,
  pool: assertPool,
  link(run, [word], place) {
    if (word !== "up" && word !== "down") throw mistake("expected link up or link down", place);
    run.wire.setLink(word === "up");
  },
  option(run, words, place) {
    const [id, value] = parseStackOption(words.join(""), place);
    checkCore(run.wire.core.exports.setOption(0, id, value), words.join(""));
  },
};

const STATES = Object.values(StateName);

/** `state 4 ESTABLISHED`, `state - SYN-RECEIVED`: `-` is the connection that packets belong to. */
function assertState(run: Run, [who = "", name = ""]: string[], place: Place): void {
  const wanted = STATES.find((state) => state === name.toUpperCase().replaceAll("_", "-"));
  if (wanted === undefined) {
    throw mistake(`expected a state${suggestion(name, STATES)}, found ${name || "nothing"}`, place);
  }
  const came = StateName[stateOf(run, who, place)] ?? "CLOSED";
  if (came !== wanted) throw failure("the state differs", { expected: wanted, found: came });
}

/** A connection without a record is CLOSED. */
function stateOf(run: Run, who: string, place: Place): number {
  if (who !== "-") {
    const socket = run.sockets.get(Number(who));
    if (!socket) throw mistake(`expected a socket or -, found ${who || "nothing"}`, place);
    return infoOf(run, socket)?.state ?? State.CLOSED;
  }
  return (run.underTest && recordOf(run, run.underTest)?.state) ?? State.CLOSED;
}

function idOf(table: object, name: string, what: string, place: Place): number {
  const numbers = table as Readonly<Record<string, number>>;
  const known = Object.keys(numbers).filter((key) => key !== "COUNT");
  const found = known.find((key) => key === name.toUpperCase());
  if (found !== undefined) return numbers[found]!;
  throw mistake(`there is no ${what} ${name}${suggestion(name, known)}`, place);
}

function numberIn(word: string | undefined, place: Place): number {
  if (word !== undefined && /^\d+$/.test(word)) return Number(word);
  throw mistake(`expected a number, found ${word ?? "nothing"}`, place);
}

/** `counter TCP_RESETS_SENT 1`: how often since the script began. */
function assertCounter(run: Run, [name = "", number]: string[], place: Place): void {
  const id = idOf(Counter, name, "counter", place);
  const wanted = numberIn(number, place);
  const came = (readCounter(run.wire.core, id) - (run.counters[id] ?? 0)) >>> 0;
  if (came !== wanted) {
    throw failure(`the counter ${name} differs`, { expected: `${wanted}`, found: `${came}` });
  }
}

/** `pool TCB 1`: records in use. */
function assertPool(run: Run, [name = "", number]: string[], place: Place): void {
  const id = idOf(Pool, name, "pool", place);
  const wanted = numberIn(number, place);
  const came = readPool(run.wire.core, id).used;
  if (came !== wanted) {
    throw failure(`the pool ${name} differs`, { expected: `${wanted}`, found: `${came}` });
  }
}
