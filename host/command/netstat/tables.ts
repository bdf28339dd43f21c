// A look at a stack as text: tables with the columns that people know from netstat, and below them what somebody
// should see to.

import { counterNames } from "../../core/generated/abi.js";
import { counterMeanings } from "../../core/generated/meanings.js";
import type { CounterName } from "../../core/observe.js";
import { dropReason } from "../../metrics/families.js";
import { foldLine, renderColumns, type Column } from "../columns.js";
import { formatBytes, formatCount, formatDuration, formatUptime } from "../format.js";
import type { Format, Paint } from "../style.js";
import { listChanges, type Change } from "./changes.js";
import type { Look } from "./look.js";
import type { NetstatOptions } from "./options.js";
import { listSockets, type Details, type Listed } from "./sockets.js";

/** How it is drawn: the colours, and how wide lines may be. */
interface Style {
  readonly paint: Paint;
  readonly room: number;
}

/** Lines without their ends. */
export function renderLook(
  look: Look,
  options: NetstatOptions,
  paint: Paint,
  room = Infinity,
): string[] {
  const style = { paint, room };
  const parts = [
    ...(options.sockets === null ? [] : [renderSockets(look, options, style)]),
    ...(look.history === null ? [] : [renderHistory(look, style)]),
    ...(look.counters === null ? [] : [renderCounters(look.counters, style)]),
    ...(look.pools === null ? [] : [renderPools(look.pools, style)]),
  ];
  return [
    ...foldLine(renderTitle(look), room),
    ...parts.flatMap((lines) => ["", ...lines]).slice(1),
  ];
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
  { head: "Recv-Q", align: "right", leaves: 6 },
  { head: "Send-Q", align: "right", leaves: 6 },
  { head: "Local Address" },
  { head: "Foreign Address" },
  { head: "State" },
];
const TIMER_COLUMNS: readonly Column[] = [
  { head: "Timer" },
  { head: "Age", align: "right", leaves: 2 },
  { head: "RTT", align: "right", leaves: 4 },
  { head: "Cwnd", align: "right", leaves: 1 },
  { head: "Retrans", align: "right", leaves: 5 },
];
const SERVICE_COLUMN: Column = { head: "Service", leaves: 3 };

function renderSockets(look: Look, options: NetstatOptions, { paint, room }: Style): string[] {
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
  const warnings = forgotten
    .flatMap((each) => foldLine(warning(each), room))
    .map((line) => paint("yellow", line));
  return [
    ...renderColumns(columns, rows, paint, room),
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
  const { timer, timerMs, ackTimerMs, ageMs, rttMs, cwnd, retransmissions, allRetransmissions } =
    details;
  const timers = [
    ...(timer === null || timerMs === null ? [] : [`${timer} ${formatDuration(timerMs)}`]),
    ...(ackTimerMs === null ? [] : [`ack ${formatDuration(ackTimerMs)}`]),
  ];
  return [
    timers.join(", ") || "off",
    ageMs === null ? "" : formatDuration(ageMs),
    rttMs === null ? "" : formatRtt(rttMs),
    cwnd === 0 ? "" : formatBytes(cwnd),
    [retransmissions, allRetransmissions].filter((count) => count !== null).join("/"),
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
  { head: "Local Address", leaves: 2 },
  { head: "Foreign Address" },
  { head: "From" },
  { head: "To" },
  { head: "Cause", leaves: 3 },
  { head: "After", align: "right", leaves: 1 },
];

function renderHistory(look: Look, { paint, room }: Style): string[] {
  const { capacity, overwritten } = look.history!;
  if (capacity === 0) {
    return foldLine(
      `No history: the profile ${look.info.profile} keeps no changes of state.`,
      room,
    );
  }
  const rows = listChanges(look).map((change) => changeCells(change, paint));
  const lines = renderColumns(CHANGE_COLUMNS, rows, paint, room);
  if (overwritten > 0) {
    const gone = `${formatCount(overwritten)} older ones are gone: the ring keeps ${capacity}.`;
    lines.push(...foldLine(gone, room));
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
  { head: "Meaning", leaves: 1 },
];

function renderCounters(counters: NonNullable<Look["counters"]>, { paint, room }: Style): string[] {
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
  const table = (what: string, chosen: typeof all): string[] =>
    renderColumns(counterColumns(what), rows(chosen), paint, room);
  return [
    ...table("Dropped", all.filter(isDrop)),
    "",
    ...table(
      "Counted",
      all.filter((each) => !isDrop(each)),
    ),
  ];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const POOL_COLUMNS: readonly Column[] = [
  { head: "Pool" },
  { head: "Used", align: "right" },
  { head: "High water", align: "right" },
  { head: "Capacity", align: "right" },
];

function renderPools(pools: NonNullable<Look["pools"]>, { paint, room }: Style): string[] {
  const rows = pools.map(({ name, used, highWater, capacity }) => [
    name,
    formatCount(used),
    // Full once is when something may have been refused.
    paint(highWater >= capacity && capacity > 0 ? "yellow" : "bold", formatCount(highWater)),
    formatCount(capacity),
  ]);
  return renderColumns(POOL_COLUMNS, rows, paint, room);
}
