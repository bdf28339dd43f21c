// What a build of the core is compiled from.

/** Files whose exports are those of modules. */
export const ENTRIES = [
  "assembly/index.ts",
  "assembly/indexSockets.ts",
  "assembly/indexClients.ts",
];

/** Entry files of a build: tiny has connections only, esp32-core nothing that works by itself. */
export function entriesOf(target) {
  if (target.startsWith("tiny")) return ENTRIES.slice(0, 1);
  return target === "esp32-core" ? ENTRIES.slice(0, 2) : ENTRIES;
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
