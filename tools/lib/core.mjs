// What a build of the core is compiled from.

/** Files whose exports are those of modules. */
export const ENTRIES = [
  "assembly/index.ts",
  "assembly/indexSockets.ts",
  "assembly/indexClients.ts",
];

/** Entry files of a build: tiny has connections only. */
export function entriesOf(target) {
  return target.startsWith("tiny") ? ENTRIES.slice(0, 1) : ENTRIES;
}
