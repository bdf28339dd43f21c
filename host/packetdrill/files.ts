// Which scripts are meant.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Scripts named, and below folders every *.pkt, in the order of their names. */
export function scriptFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path, { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => name.endsWith(".pkt"))
      .sort()
      .map((name) => join(path, name));
  });
}
