// One line per event, for pipes and log files: when, what, which service, from where; at the end
// also the bytes, the time it took and the states the connection went through.

import { formatBytes, formatClock, formatDuration, plural } from "../format.js";
import type { ClosedEvent, ConnectionEvent, Report } from "./messages.js";

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
