// Measures the release modules: bytes of code, memory, and what each kind of connection record
// costs, against the budgets. The build prints it, docs/footprint.md keeps it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, sha256 } from "./files.mjs";
import { readBoundary } from "./boundary.mjs";

/** Modules by profile; esp32-core is esp32 without what works by itself (DHCP, DNS, mDNS, SNTP): it ships
 * nowhere, and has a budget of its own. */
const MODULES = {
  tiny: "tiny.wasm",
  "esp32-core": "esp32.core.wasm",
  esp32: "esp32.wasm",
  desktop: "desktop.wasm",
};

/** Of modules by their profile, of connections by the bytes of an address in the records, of sockets beside their ring. */
const BUDGETS = JSON.parse(readFileSync(join(ROOT, "tests/budgets.json"), "utf8"));

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
      wasm: { value: bytes.length, ...BUDGETS.modules[profile] },
      memory: { value: constant("MEMORY_BYTES") },
      tcbs: { value: constant("TCBS") },
      rings: { value: Math.min(constant("RECEIVE_RINGS"), constant("SEND_RINGS")) },
      ringBytes: { value: constant("RECEIVE_RING_BYTES") },
      connection: { value: constant("CONNECTION_BYTES"), ...BUDGETS.connection[addressBytes] },
      synCache: entry("SYN_CACHE_BYTES", "SYN_ENTRIES", BUDGETS.synCache),
      timeWait: entry("TIME_WAIT_BYTES", "TIME_WAITS", BUDGETS.timeWait),
      socket: entry("SOCKET_BYTES", "SOCKETS", BUDGETS.socket),
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
