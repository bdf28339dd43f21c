// Measures the release modules: bytes of code, memory, and what each kind of connection record
// costs, against the budgets. The build prints it, docs/footprint.md keeps it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, sha256 } from "./files.mjs";
import { readBoundary } from "./boundary.mjs";

/** Modules by profile. Those without built-in services (-bare), and without what works by itself as well (-core:
 * DHCP, DNS, mDNS, SNTP), ship nowhere, and have budgets of their own. */
const MODULES = {
  "tiny-bare": "tiny.bare.wasm",
  tiny: "tiny.wasm",
  "esp32-core": "esp32.core.wasm",
  "esp32-bare": "esp32.bare.wasm",
  esp32: "esp32.wasm",
  desktop: "desktop.wasm",
};

const KIB = 1024;
/** Services may cost esp32 so much. */
const SERVICES_MOST = 2500;
const WASM_BUDGET = {
  "tiny-bare": { most: 16 * KIB },
  tiny: { most: 16 * KIB },
  "esp32-core": { most: 24 * KIB },
  "esp32-bare": { most: 32 * KIB },
  esp32: { most: 32 * KIB + SERVICES_MOST },
};
/** By the bytes of an address in the records. */
const CONNECTION_BUDGET = { 16: { most: 240, aim: 208 }, 4: { most: 224, aim: 192 } };
const SYN_CACHE_BUDGET = { most: 52 };
const TIME_WAIT_BUDGET = { most: 44 };
/** Beside its ring. */
const SOCKET_BUDGET = { most: 64 };

/** One row per profile; each cell is a value with its budget, where there is one. */
export function measure(root = ROOT) {
  const { members } = readBoundary(root).enums.find((entry) => entry.name === "Constant");
  const id = Object.fromEntries(members.map(({ name, value }) => [name, value]));
  return Object.entries(MODULES).map(([profile, file]) => {
    const bytes = readFileSync(join(root, "build", file));
    const core = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports;
    const constant = (name) => core.constant(id[name]) >>> 0;
    const addressBytes = constant("ADDRESS_BYTES");
    const entry = (bytes, records, budget) =>
      constant(records) === 0 ? {} : { value: constant(bytes), ...budget };
    return {
      profile,
      sha: sha256(bytes).slice(0, 12),
      address: { value: addressBytes },
      wasm: { value: bytes.length, ...WASM_BUDGET[profile] },
      memory: { value: constant("MEMORY_BYTES") },
      tcbs: { value: constant("TCBS") },
      rings: { value: Math.min(constant("RECEIVE_RINGS"), constant("SEND_RINGS")) },
      ringBytes: { value: constant("RECEIVE_RING_BYTES") },
      connection: { value: constant("CONNECTION_BYTES"), ...CONNECTION_BUDGET[addressBytes] },
      synCache: entry("SYN_CACHE_BYTES", "SYN_ENTRIES", SYN_CACHE_BUDGET),
      timeWait: entry("TIME_WAIT_BYTES", "TIME_WAITS", TIME_WAIT_BUDGET),
      socket: entry("SOCKET_BYTES", "SOCKETS", SOCKET_BUDGET),
    };
  });
}

const COLUMNS = [
  ["wasm", "wasm bytes"],
  ["memory", "memory bytes"],
  ["tcbs", "TCBs"],
  ["rings", "rings each way"],
  ["ringBytes", "bytes per ring"],
  ["address", "bytes per address"],
  ["connection", "idle connection"],
  ["synCache", "SYN-cache entry"],
  ["timeWait", "TIME-WAIT entry"],
  ["socket", "UDP socket"],
];

/** Numbers over their budget, in words. */
export function overBudget(rows) {
  const problems = [];
  for (const row of rows) {
    for (const [key, title] of COLUMNS) {
      const { value, most } = row[key];
      if (most !== undefined && value > most) {
        problems.push(`${row.profile}: ${title}: ${value}, at most ${most} allowed`);
      }
    }
  }
  return problems;
}

/** The table as Markdown; the same text on the terminal and in docs/footprint.md. */
export function renderTable(rows) {
  const table = [["profile", "SHA-256", ...COLUMNS.map(([, title]) => title)]];
  for (const row of rows) {
    const cells = COLUMNS.map(([key]) => renderCell(row[key]));
    table.push([row.profile, `\`${row.sha}\``, ...cells]);
  }
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  const lines = table.map((line) => {
    return `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  });
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return lines.join("\n");
}

function renderCell({ value, most, aim }) {
  if (value === undefined) return "none";
  const number = value.toLocaleString("en-US");
  if (most === undefined) return number;
  const budget = most.toLocaleString("en-US");
  if (value > most) return `${number}: over its budget of ${budget}`;
  return aim
    ? `${number} (≤ ${budget}, aim ${aim.toLocaleString("en-US")})`
    : `${number} (≤ ${budget})`;
}
