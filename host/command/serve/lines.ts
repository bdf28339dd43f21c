// One line per event, for pipes and log files: when, what, which service, from where; at the end
// also the bytes, the time it took and the states the connection went through.

import { formatBytes, formatClock, formatDuration, plural } from "../format.js";
import { isBridged } from "../network/tap.js";
import { sourceOf } from "./arrival.js";
import type { AddressReport, ClosedEvent, ConnectionEvent, Report } from "./messages.js";
import type { Place } from "./place.js";

export function renderEvents({ events, skipped }: Report): string {
  const lines = events.map(renderEvent);
  if (skipped > 0) lines.push(`... and ${plural(skipped, "event")} more at once`);
  return lines.map((line) => `${line}\n`).join("");
}

function renderEvent(event: ConnectionEvent): string {
  const { time, event: what, service, remote } = event;
  const start = `${formatClock(time, true)} ${what} ${service} ${remote}`;
  return event.event === "opened" ? start : `${start} ${renderEnd(event)}`;
}

function renderEnd({ received, sent, durationMs, states, error }: ClosedEvent): string {
  const bytes = `in ${formatBytes(received)} out ${formatBytes(sent)}`;
  const failure = error === undefined ? "" : ` ${error}`;
  return `${bytes} ${formatDuration(durationMs)} ${states.join(" > ")}${failure}`;
}

/** An address has yet to come: for what it waits, and what may be missing. */
export function renderWaiting({ link }: Pick<Place, "link">): string {
  const [, name] = /^tap:(.*)$/.exec(link) ?? [];
  const lines = [`Waiting for an address by DHCP on ${link}. Ctrl-C stops.`];
  if (name !== undefined && !isBridged(name)) {
    const bridge = `as in: ip link set ${name} master br0`;
    lines.push(`The device is in no bridge yet: put it where a server is, ${bridge}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

export function renderUnanswered(): string {
  return "No DHCP server has answered yet; without one comes a link-local address, after a minute or so.\n";
}

export function renderAddress(report: AddressReport): string {
  const start = `${formatClock(report.time, true)} address`;
  if (report.address === null) return `${start} gone: a server is looked for again\n`;
  return `${start} ${report.address}, ${sourceOf(report)}\n`;
}

export function renderName({ time, name }: { time: number; name: string }): string {
  return `${formatClock(time, true)} name ${name}.local: another host has the one of before\n`;
}
