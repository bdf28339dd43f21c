// How much of the hand-written C that a board is compiled from is common to all boards: lines of code, without blank
// lines and comments, of C files and of the headers that they include. What is generated does not count, nor do the
// headers of a system.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./files.mjs";

const GENERATED = new Set(["boards/common/motetcp.h"]);
const COMMON = /^boards\/(common|engine)\//;

/** Lines that hold code. Texts of C have no comment in them here. */
export function linesOfCode(text) {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*/g, "");
  return bare.split("\n").filter((line) => line.trim() !== "").length;
}

/** Files and all headers of the repository that they include, by quoted name: in their own folder or one of `folders`. */
function withHeaders(files, folders, root) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const text = readFileSync(join(root, path), "utf8");
    for (const [, name] of text.matchAll(/^\s*#include "([^"]+)"/gm)) {
      const places = [dirname(path), ...folders].map((folder) => join(folder, name));
      const place = places.find((each) => existsSync(join(root, each)));
      if (place !== undefined) visit(relative(".", place));
    }
  };
  files.forEach(visit);
  return [...found].filter((path) => !GENERATED.has(path)).sort();
}

/** { common, own, share, files }: lines, the share of common ones (0 to 1), and lines by file. */
export function commonShare(sources, folders, root = ROOT) {
  const files = {};
  const sum = { common: 0, own: 0 };
  for (const path of withHeaders(sources, folders, root)) {
    files[path] = linesOfCode(readFileSync(join(root, path), "utf8"));
    sum[COMMON.test(path) ? "common" : "own"] += files[path];
  }
  return { ...sum, share: sum.common / (sum.common + sum.own), files };
}
