// A look at a stack as text: tables with the columns that people know from netstat, and below them what somebody
// should see to.

import { counterNames } from "../../core/generated/abi.js";
import { counterMeanings } from "../../core/generated/meanings.js";
import type { CounterName } from "../../core/observe.js";
import { dropReason } from "../../metrics/families.js";
import { renderColumns, type Column } from "../columns.js";
import { formatBytes, formatCount, formatDuration, formatUptime } from "../format.js";
import type { Format, Paint } from "../style.js";
import { listChanges, type Change } from "./changes.js";
import type { Look } from "./look.js";
import type { NetstatOptions } from "./options.js";
import { listSockets, type Details, type Listed } from "./sockets.js";

/** Lines without their ends. */
export function renderLook(look: Look, options: NetstatOptions, paint: Paint): string[] {
  const parts = [
    ...(options.sockets === null ? [] : [renderSockets(look, options, paint)]),
    ...(look.history === null ? [] : [renderHistory(look, paint)]),
    ...(look.counters === null ? [] : [renderCounters(look.counters, paint)]),
    ...(look.pools === null ? [] : [renderPools(look.pools, paint)]),
  ];
  return [renderTitle(look), ...parts.flatMap((lines) => ["", ...lines]).slice(1)];
}

function renderTitle({ greeting, info, interfaces }: Look): string {
  const addresses = interfaces.flatMap((each) => each.addresses);
  const facts = [
    `pid ${greeting.pid}`,
    `profile ${info.profile}`,
    addresses.join(", ") || "no address yet",
    `up ${formatUptime(info.uptimeMs)}`,
  ];
  return `Stack ${greeting.name} (${facts.join(", ")})`;
}

// Sockets.

const COLUMNS: readonly Column[] = [
  { head: "Proto" },
  { head: "Recv-Q", align: "right" },
  { head: "Send-Q", align: "right" },
  { head: "Local Address" },
  { head: "Foreign Address" },
  { head: "State" },
];
const TIMER_COLUMNS: readonly Column[] = [
  { head: "Timer" },
  { head: "Age", align: "right" },
  { head: "RTT", align: "right" },
  { head: "Cwnd", align: "right" },
  { head: "Retrans", align: "right" },
];
const SERVICE_COLUMN: Column = { head: "Service" };

function renderSockets(look: Look, options: NetstatOptions, paint: Paint): string[] {
  const listed = listSockets(look, options);
  const named = look.services.length > 0;
  const columns = [
    ...COLUMNS,
    ...(options.timers ? TIMER_COLUMNS : []),
    ...(named ? [SERVICE_COLUMN] : []),
  ];
  const rows = listed.map((each) => [
    ...socketCells(each, paint),
    ...(options.timers ? timerCells(each.details) : []),
    ...(named ? [each.service ?? ""] : []),
  ]);
  const forgotten = listed.filter(({ details }) => details?.forgotten === true);
  const warnings = forgotten.map((each) => paint("yellow", warning(each)));
  return [
    ...renderColumns(columns, rows, paint),
    ...(warnings.length === 0 ? [] : ["", ...warnings]),
  ];
}

function socketCells(each: Listed, paint: Paint): string[] {
  const { proto, receiveQueue, sendQueue, state } = each;
  return [
    proto,
    String(receiveQueue),
    String(sendQueue),
    endpoint(each.localAddress, each.localPort),
    endpoint(each.remoteAddress, each.remotePort),
    paint(colourOf(each), state),
  ];
}

const endpoint = (address: string, port: number): string => `${address}:${port === 0 ? "*" : port}`;

function colourOf({ state, details }: Listed): Format {
  if (details?.forgotten === true) return "red";
  if (state === "LISTEN") return "blue";
  if (state === "ESTABLISHED") return "green";
  return state === "TIME-WAIT" || state === "CLOSED" ? "dim" : "yellow";
}

function timerCells(details: Details | null): string[] {
  if (details === null) return TIMER_COLUMNS.map(() => "");
  const { timer, timerMs, ackTimerMs, ageMs, rttMs, cwnd, retransmissions } = details;
  const timers = [
    ...(timer === null || timerMs === null ? [] : [`${timer} ${formatDuration(timerMs)}`]),
    ...(ackTimerMs === null ? [] : [`ack ${formatDuration(ackTimerMs)}`]),
  ];
  return [
    timers.join(", ") || "off",
    ageMs === null ? "" : formatDuration(ageMs),
    rttMs === null ? "" : formatRtt(rttMs),
    cwnd === 0 ? "" : formatBytes(cwnd),
    String(retransmissions),
  ];
}

/** Three digits that count. */
const formatRtt = (ms: number): string => `${Number(ms.toPrecision(3))} ms`;

function warning({ localAddress, localPort, remoteAddress, remotePort, service, details }: Listed) {
  const where = `${endpoint(localAddress, localPort)} <- ${endpoint(remoteAddress, remotePort)}`;
  const who = service === null ? "whoever holds it" : `the service ${service}, which owns it,`;
  const since = formatUptime(details?.ageMs ?? 0);
  return `CLOSE-WAIT for ${since}: ${where}: the peer has closed, ${who} has not`;
}

// History.

const CHANGE_COLUMNS: readonly Column[] = [
  { head: "Ago", align: "right" },
  { head: "Local Address" },
  { head: "Foreign Address" },
  { head: "From" },
  { head: "To" },
  { head: "Cause" },
  { head: "After", align: "right" },
];

function renderHistory(look: Look, paint: Paint): string[] {
  const { capacity, overwritten } = look.history!;
  if (capacity === 0) {
    return [`No history: the profile ${look.info.profile} keeps no changes of state.`];
  }
  const rows = listChanges(look).map((change) => changeCells(change, paint));
  const lines = renderColumns(CHANGE_COLUMNS, rows, paint);
  if (overwritten > 0) {
    lines.push(`${formatCount(overwritten)} older ones are gone: the ring keeps ${capacity}.`);
  }
  return lines;
}

function changeCells(change: Change, paint: Paint): string[] {
  const { agoMs, from, to, cause, afterMs, localAddress, remoteAddress } = change;
  return [
    formatDuration(agoMs),
    endpoint(localAddress ?? "*", change.localPort),
    endpoint(remoteAddress ?? "*", change.remotePort),
    from,
    paint(to === "ESTABLISHED" ? "green" : to === "CLOSED" ? "dim" : "yellow", to),
    cause,
    afterMs === null ? "" : formatDuration(afterMs),
  ];
}

// Counters and pools.

const counterColumns = (what: string): readonly Column[] => [
  { head: "Count", align: "right" },
  { head: what },
  { head: "Meaning" },
];

function renderCounters(counters: NonNullable<Look["counters"]>, paint: Paint): string[] {
  const all = counterNames.map((name, id) => ({
    name,
    value: counters[name as CounterName],
    // Under the heading "Dropped" it need not be said again.
    meaning: capital((counterMeanings[id] ?? "").replace(/^Dropped: /, "")),
  }));
  const isDrop = ({ name }: { name: string }): boolean => dropReason(name) !== null;
  const rows = (chosen: typeof all): string[][] =>
    chosen.map(({ name, value, meaning }) => {
      const style: Format = value === 0 ? "dim" : isDrop({ name }) ? "yellow" : "bold";
      return [paint(style, formatCount(value)), name, paint("dim", meaning)];
    });
  return [
    ...renderColumns(counterColumns("Dropped"), rows(all.filter(isDrop)), paint),
    "",
    ...renderColumns(counterColumns("Counted"), rows(all.filter((each) => !isDrop(each))), paint),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const POOL_COLUMNS: readonly Column[] = [
  { head: "Pool" },
  { head: "Used", align: "right" },
  { head: "High water", align: "right" },
  { head: "Capacity", align: "right" },
];

function renderPools(pools: NonNullable<Look["pools"]>, paint: Paint): string[] {
  const rows = pools.map(({ name, used, highWater, capacity }) => [
    name,
    formatCount(used),
    // Full once is when something may have been refused.
    paint(highWater >= capacity && capacity > 0 ? "yellow" : "bold", formatCount(highWater)),
    formatCount(capacity),
  ]);
  return renderColumns(POOL_COLUMNS, rows, paint);
}
