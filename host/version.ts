// The version of this package.

import { readFileSync } from "node:fs";

let known: string | undefined;

export function packageVersion(): string {
  if (known === undefined) {
    const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    known = (JSON.parse(manifest) as { version: string }).version;
  }
  return known;
}
