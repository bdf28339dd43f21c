// Compiles an application in AssemblyScript together with the core into one module: build/NAME.wasm, where NAME is the name
// of the application's folder; with --c FOLDER also C made from it, as tools/firmware.mjs does. See examples/sensor-page.

import { mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ASSERTS_ARE_GONE, SHRINK } from "./lib/core.mjs";
import { ROOT } from "./lib/files.mjs";
import { writeFirmware } from "./lib/firmware.mjs";
import { profileOf } from "./lib/profiles.mjs";
import { runNode } from "./lib/run.mjs";

const USAGE = "npm run application -- PROFILE FOLDER [--c FOLDER]";

function readWords() {
  try {
    return parseArgs({ options: { c: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    console.error(`${error.message}\nusage: ${USAGE}`);
    return process.exit(2);
  }
}

const { positionals, values } = readWords();
const [word, folder] = positionals;
const profile = profileOf(word, USAGE);
if (folder === undefined) {
  console.error(`usage: ${USAGE}   (the folder has an index.ts)`);
  process.exit(2);
}

/** The profile's own settings: its memory, its flags. */
const { targets, options } = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8"));
// Without built-in services: the application is the service.
const target = targets[`${profile}-bare`];
const name = basename(resolve(folder));
const file = join(ROOT, "build", `${name}.wasm`);

async function run(program, words) {
  const { code, output } = await runNode(program, words);
  const news = output.replace(/^Last converge was suboptimal\.\n/gm, "").trimEnd();
  if (news !== "") console.error(news);
  if (code !== 0) process.exit(1);
}

mkdirSync(join(ROOT, "build"), { recursive: true });
await run("node_modules/assemblyscript/bin/asc.js", [
  join(resolve(folder), "index.ts"),
  ...["--config", "none", "--outFile", file, "--runtime", options.runtime],
  ...["-O3z", "--converge", "--noAssert"],
  ...["--initialMemory", `${target.initialMemory}`, "--maximumMemory", `${target.maximumMemory}`],
  ...["--lowMemoryLimit", `${target.lowMemoryLimit}`],
  ...target.use.flatMap((each) => ["--use", each]),
]);
const shrink = [
  "node_modules/binaryen/bin/wasm-opt",
  [ASSERTS_ARE_GONE, ...SHRINK, file, "-o", file],
];
await run(...shrink);
console.log(`${file}: ${statSync(file).size} bytes`);
if (values.c !== undefined)
  console.log(`${(await writeFirmware(name, values.c)).join(", ")} are in ${values.c}`);
