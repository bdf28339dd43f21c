// The C sources of the interpreter wasm3, which are never part of this package.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the build has put them, or the checkout that MOTE_WASM3 names. */
export function wasm3Sources(checkout = process.env.MOTE_WASM3 ?? ""): string {
  const fetched = fileURLToPath(
    new URL("../../../build/wasm3/pywasm3-0.5.0/wasm3", import.meta.url),
  );
  const folders = checkout === "" ? [fetched] : [join(checkout, "source"), checkout];
  const folder = folders.find((path) => existsSync(join(path, "wasm3.h")));
  if (folder !== undefined) return folder;
  throw new Error(`the sources of wasm3 are not in ${folders.join(" and ")}`);
}

/** The C files that an engine needs, without the interfaces to systems that a checkout has beside them. */
export function wasm3Files(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^m3_(?!api_).*\.c$/.test(name));
  return names.sort().map((name) => join(folder, name));
}
