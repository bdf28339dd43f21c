// What a build of the core is compiled from.

/** Entry files: their exports are the module's. tiny has no sockets. */
export function entriesOf(target) {
  const all = ["assembly/index.ts", "assembly/indexSockets.ts"];
  return target.startsWith("tiny") ? all.slice(0, 1) : all;
}
