// What a feature costs: bytes of the esp32 module with it, less those without it. Each is a build of
// its own, with a bit of MOTE_WITHOUT (assembly/config.ts).

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ASSERTS_ARE_GONE, entriesOf, SHRINK } from "./core.mjs";
import { ROOT } from "./files.mjs";
import { runAll, runNode } from "./run.mjs";

/** By their bits, as in config.ts. */
const FEATURES = [
  [1, "UDP and echo sockets"],
  [2, "reassembly of fragments"],
  [4 | 64, "multicast groups, IGMP (and what needs them: multicast DNS)"],
  [16, "DHCP client, link-local addresses"],
  [32, "DNS client"],
  [64, "multicast DNS responder"],
  [128, "SNTP client"],
  [256, "built-in services"],
];

async function sizeWithout(folder, bits) {
  const module = join(folder, `${bits}.wasm`);
  const use = bits === 0 ? [] : ["--use", `MOTE_WITHOUT=${bits}`];
  const args = [...entriesOf("esp32"), "--target", "esp32", "--outFile", module, ...use];
  // asconfig.json names a text file, too, which would be written beside the build's own.
  const text = ["--textFile", `${module}.wat`];
  const asc = await runNode("node_modules/assemblyscript/bin/asc.js", [...args, ...text]);
  if (asc.code !== 0) throw new Error(`esp32 without ${bits} does not compile: ${asc.output}`);
  const flags = [ASSERTS_ARE_GONE, ...SHRINK, module, "-o", module];
  const shrunk = await runNode("node_modules/binaryen/bin/wasm-opt", flags);
  if (shrunk.code !== 0) throw new Error(shrunk.output);
  return readFileSync(module).length;
}

/** Rows of [feature, bytes]. Takes about a minute. */
export async function featurePrices() {
  const folder = mkdtempSync(join(ROOT, "build", ".features-"));
  try {
    const sizes = new Map();
    const builds = [0, ...FEATURES.map(([bits]) => bits)].map((bits) => async () => {
      sizes.set(bits, await sizeWithout(folder, bits));
    });
    await runAll(builds, 2);
    return FEATURES.map(([bits, name]) => [name, sizes.get(0) - sizes.get(bits)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
