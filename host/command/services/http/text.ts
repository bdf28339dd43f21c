// The status page as plain text, for curl and terminals: at most 80 columns, no colours.

import { formatBytes, formatCount, formatUptime, plural } from "../../format.js";
import type { Status, StatusConnection } from "./status.js";

export function renderText(status: Status): string {
  return [
    `MoteTCP ${status.version}, profile ${status.profile}, up ${formatUptime(status.uptimeMs)}`,
    `${status.address} on ${status.link}`,
    "",
    `services     ${status.services.map(({ name, hostPort }) => `${name} ${hostPort}`).join(", ")}`,
    ...renderTraffic(status.counters),
    "",
    ...renderConnections(status),
    "",
    ...renderPools(status),
    "",
    ...renderDrops(status.counters),
    "",
    "As JSON, with every counter: /json; for Prometheus: /metrics",
    "",
  ].join("\n");
}

function renderTraffic(counters: Readonly<Record<string, number>>): string[] {
  const of = (name: string): number => counters[name] ?? 0;
  return [
    `received     ${plural(of("rx_frames"), "frame")}, ${formatBytes(of("rx_bytes"))}`,
    `sent         ${plural(of("tx_frames"), "frame")}, ${formatBytes(of("tx_bytes"))}`,
  ];
}

function renderConnections(status: Status): string[] {
  const { connections, connectionsTotal } = status;
  if (connectionsTotal === 0) return ["no connections"];
  const header = ["STATE", "SERVICE", "REMOTE", "RECV-Q", "SEND-Q", "RTT"];
  const lines = alignColumns([header, ...connections.map(row)], [3, 4, 5]);
  const more = connectionsTotal - connections.length;
  if (more > 0) lines.push(`... and ${formatCount(more)} more`);
  return lines;
}

function row(connection: StatusConnection): string[] {
  return [
    connection.state,
    connection.service || String(connection.localPort),
    `${connection.remoteAddress}:${connection.remotePort}`,
    String(connection.receiveQueue),
    String(connection.sendQueue),
    connection.rttMs > 0 ? `${connection.rttMs} ms` : "-",
  ];
}

function renderPools({ pools }: Status): string[] {
  const rows = pools.map(({ name, used, highWater, capacity }) => [
    name.replaceAll("_", " "),
    formatCount(used),
    formatCount(highWater),
    formatCount(capacity),
  ]);
  return alignColumns([["POOL", "USED", "HIGHEST", "OF"], ...rows], [1, 2, 3]);
}

function renderDrops(counters: Readonly<Record<string, number>>): string[] {
  const dropped = Object.entries(counters).filter(
    ([name, count]) => /(^|_)drops?(_|$)/.test(name) && count > 0,
  );
  if (dropped.length === 0) return ["nothing dropped"];
  const rows = dropped.map(([name, count]) => [
    name.replace(/^drop_/, "").replaceAll("_", " "),
    formatCount(count),
  ]);
  return alignColumns([["DROPPED", "COUNT"], ...rows], [1]);
}

/** Columns of equal width, two blanks apart; those in `right` are aligned to the right. */
function alignColumns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
}
