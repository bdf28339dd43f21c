// The status page as HTML: one self-contained document, readable without the script, which only
// fetches the page again every two seconds while it is looked at.

import { createHash } from "node:crypto";
import { formatBytes, formatCount, formatUptime } from "../../format.js";
import type { Status, StatusConnection } from "./status.js";
import { pageStyle } from "./style.js";

/** The list of all counters stays open across a refresh if it was. */
const pageScript = `
const refresh = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch("/", { headers: { accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = document.querySelector("details")?.open;
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    if (open) document.querySelector("details").open = true;
    document.title = fresh.title;
  } catch {
    document.querySelector("footer").textContent = "No answer: the stack has stopped.";
  }
};
setInterval(refresh, 2000);
`;

const scriptHash = createHash("sha256").update(pageScript).digest("base64");

/** Nothing is loaded from anywhere, and only our own script runs. */
export const pageSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; " +
  `script-src 'sha256-${scriptHash}'`;

export function renderPage(status: Status): string {
  const open = status.states["ESTABLISHED"] ?? 0;
  const main = `<header><h1>Mote<span>TCP</span></h1><p>${escape(status.address)} on ${escape(status.link)} · profile ${escape(
    status.profile,
  )} · ${escape(status.version)}</p></header>
${renderFacts(status, open)}
${renderConnections(status)}
<div class="columns">
${renderPools(status)}
${renderCounters(status.counters)}
</div>
<footer>The same as plain text: <code>curl</code> this address. For machines: <a href="/json">/json</a>, <a href="/metrics">/metrics</a></footer>`;
  return document(`MoteTCP: ${open} open`, main, pageScript);
}

export function renderProblemPage(title: string, text: string): string {
  const main = `<header><h1>Mote<span>TCP</span></h1></header>
<section><h2>${escape(title)}</h2><p class="none">${escape(text)}.</p></section>
<footer><a href="/">Status</a></footer>`;
  return document(title, main);
}

function document(title: string, main: string, script?: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='6' fill='%230f9d94'/%3E%3C/svg%3E">
<style>${pageStyle}</style>
</head>
<body>
<main>
${main}
</main>
${script === undefined ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

function renderFacts(status: Status, open: number): string {
  const of = (name: string): number => status.counters[name] ?? 0;
  const facts = [
    [formatUptime(status.uptimeMs), "uptime"],
    [formatCount(open), open === 1 ? "open connection" : "open connections"],
    [formatCount(of("tcp_passive_opens")), "accepted so far"],
    [formatBytes(of("rx_bytes")), `received, ${formatCount(of("rx_frames"))} frames`],
    [formatBytes(of("tx_bytes")), `sent, ${formatCount(of("tx_frames"))} frames`],
  ];
  const cards = facts.map(([value, label]) => `<div><b>${value}</b><span>${label}</span></div>`);
  return `<section class="facts">${cards.join("")}</section>`;
}

function renderConnections({ connections, connectionsTotal, services }: Status): string {
  const listening = services
    .map(({ name, hostPort }) => `${escape(name)} <span class="mono">${hostPort}</span>`)
    .join(" · ");
  const title = `<h2>Connections <small>listening: ${listening}</small></h2>`;
  if (connectionsTotal === 0) return `<section>${title}<p class="none">None.</p></section>`;
  const more = connectionsTotal - connections.length;
  return `<section>${title}
<div class="scroll"><table>
<tr><th>State</th><th>Service</th><th>Remote</th><th class="n">Unread</th><th class="n">Unacknowledged</th><th class="n">Window</th><th class="n">RTT</th></tr>
${connections.map(renderConnection).join("\n")}
</table></div>${more > 0 ? `<p class="none">and ${formatCount(more)} more</p>` : ""}
</section>`;
}

function renderConnection(connection: StatusConnection): string {
  const { state, service, localPort, remoteAddress, remotePort } = connection;
  const kind = state === "ESTABLISHED" ? " open" : state === "TIME-WAIT" ? " rest" : "";
  const cells = [
    formatBytes(connection.receiveQueue),
    formatBytes(connection.sendQueue),
    connection.congestionWindow > 0 ? formatBytes(connection.congestionWindow) : "–",
    connection.rttMs > 0 ? `${connection.rttMs} ms` : "–",
  ];
  return `<tr><td><span class="state${kind}">${escape(state)}</span></td><td>${escape(
    service || String(localPort),
  )}</td><td class="mono">${escape(remoteAddress)}:${remotePort}</td>${cells
    .map((cell) => `<td class="n">${cell}</td>`)
    .join("")}</tr>`;
}

function renderPools({ pools }: Status): string {
  const rows = pools.map(({ name, used, highWater, capacity }) => {
    const percent = (value: number): string =>
      (capacity > 0 ? Math.min(100, (value / capacity) * 100) : 0).toFixed(1);
    const mark =
      highWater > 0 ? `<u style="left:min(${percent(highWater)}%, 100% - 2px)"></u>` : "";
    return `<div class="pool" title="highest so far: ${highWater}"><span>${escape(
      label(name),
    )}</span><div class="track"><i style="width:${percent(used)}%"></i>${mark}</div><span>${formatCount(
      used,
    )} of ${formatCount(capacity)}</span></div>`;
  });
  return `<section><h2>Pools <small>the mark: highest so far</small></h2>${rows.join("\n")}</section>`;
}

function renderCounters(counters: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counters);
  const dropped = entries.filter(([name, count]) => isDrop(name) && count > 0);
  const drops =
    dropped.length === 0
      ? `<p class="none">Nothing dropped.</p>`
      : `<dl class="warn">${dropped.map(([name, count]) => definition([name.replace(/^drop_/, ""), count])).join("")}</dl>`;
  return `<section><h2>Dropped</h2>${drops}
<details><summary>All ${entries.length} counters</summary><dl>${entries.map(definition).join("")}</dl></details></section>`;
}

function isDrop(name: string): boolean {
  return /(^|_)drops?(_|$)/.test(name);
}

function definition([name, count]: [string, number]): string {
  return `<dt>${escape(label(name))}</dt><dd>${formatCount(count)}</dd>`;
}

/** rx_frames: "rx frames"; the acronyms of the field in capitals. */
function label(name: string): string {
  return name
    .replaceAll("_", " ")
    .replace(/\b(arp|ip|icmp|tcp|tcb|syn|ack|rst|paws)\b/g, (word) => word.toUpperCase());
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
