// What a build of the core is compiled from.

const CORE = "assembly/index.ts";
const SOCKETS = "assembly/indexSockets.ts";
const CLIENTS = "assembly/indexClients.ts";
const SERVICES = "assembly/indexServices.ts";

/** Files whose exports are those of modules. */
export const ENTRIES = [CORE, SOCKETS, CLIENTS, SERVICES];

/** Builds that leave something out: tiny has neither sockets nor what works by itself; those that only
 * measure have no services. */
const FEWER = {
  "tiny-bare": [CORE],
  "esp32-core": [CORE, SOCKETS],
  "esp32-bare": [CORE, SOCKETS, CLIENTS],
};

/** Entry files of a build. */
export function entriesOf(target) {
  return FEWER[target] ?? (target.startsWith("tiny") ? [CORE, SERVICES] : ENTRIES);
}

/** Passes over a module that must be small. */
export const SHRINK = [
  // Features of the module, as asc sets them; -Oz cannot be told to use others.
  ...["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals"].map(
    (feature) => `--enable-${feature}`,
  ),
  // asc's own -Oz leaves a tenth: it inlines for speed, and runs before its last cleaning. Global
  // effects tell later rounds which calls only compute. No pointer lies below zero, so that what is
  // added to one may become an offset (--low-memory-unused).
  ...["--zero-filled-memory", "--low-memory-unused", "--always-inline-max-function-size=3", "-Oz"],
  ...["--generate-global-effects", "-Oz", "--generate-global-effects", "-Oz", "--converge"],
  // The functions called most get the numbers that take one byte.
  "--reorder-functions",
];

/** A release build has no assertion left to keep; told the same, a checked one would lose its own. */
export const ASSERTS_ARE_GONE = "--traps-never-happen";
