// Lists and hashes files: what the build compares to see whether anything changed.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** Paths (relative to the root, with /) of the files below a folder; none if it does not exist. */
export function filesBelow(folder, keep = () => true) {
  const found = [];
  const visit = (path) => {
    let entries;
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const full = join(path, entry.name);
      if (entry.isDirectory() && entry.name !== "node_modules") visit(full);
      else if (entry.isFile()) found.push(relative(ROOT, full).split(sep).join("/"));
    }
  };
  visit(join(ROOT, folder));
  return found.filter(keep).sort();
}

/** One hash over names and contents; a missing file counts as such. */
export function hashFiles(paths, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const path of paths) {
    let content;
    try {
      content = readFileSync(join(ROOT, path));
    } catch {
      content = "missing";
    }
    hash.update(`\n${path}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

export function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes a file unless that is what it has: a compiler that reads it at the same time is not disturbed. */
export function writeChanged(path, text) {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    // It is not there.
  }
  writeFileSync(path, text);
}
