// Names of exports: INTERFACE$function in AssemblyScript, where they have to be identifiers, and those that the component
// model gives them.

import { kebab } from "../emit-wit.mjs";

/** Interfaces that are of another package than ours. */
const PACKAGES = { run: "wasi:cli/run@0.2.0" };

export function componentName(name) {
  const [, from, what] = /^(\w+)\$(\w+)$/.exec(name) ?? [];
  if (from === undefined) return name;
  return `${PACKAGES[from] ?? `motetcp:stack/${from}@0.1.0`}#${kebab(what)}`;
}
