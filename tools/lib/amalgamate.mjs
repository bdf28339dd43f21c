// Several C files as one: each `#include "..."` becomes the text of the file, once. What firmware of one's own adds
// (tools/firmware.mjs), and the one header of the library (tools/library.mjs).

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "./files.mjs";

const FOLDERS = ["common", "engine", "engine/aot", "posix"].map((path) =>
  join(ROOT, "boards", path),
);
const INCLUDE = /^#include "([^"]+)".*$/gm;
/** What motetcp.h has in it where it is written for one profile. */
const OF_HEADER = ["motetcp.h", "profile.h", "pump.h", "socket.h", "text.h"];

function find(name, folders) {
  const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
  if (path === undefined) throw new Error(`${name} is nowhere in ${folders.join(", ")}`);
  return path;
}

/** The text of a file with what it includes in its place; `done`: names that stand there already. */
function expand(path, folders, done) {
  return readFileSync(path, "utf8").replace(INCLUDE, (line, included) => {
    const name = basename(included);
    if (done.has(name)) return "";
    done.add(name);
    return name === "hal.h" ? line : expand(find(name, folders), folders, done).trimEnd();
  });
}

const banner = (what, profile) =>
  `/* ${what} of MoteTCP, profile ${profile}: put together from boards/ by its tools, with the MIT licence. */\n\n`;

/** motetcp.h for one profile, with all that it includes; `more`: further headers of boards/. */
export function oneHeader(profile, made, more = []) {
  const folders = [made, ...FOLDERS];
  const done = new Set(["motetcp.h"]);
  const texts = ["profile.h", "motetcp.h", ...more].map((name) =>
    expand(find(name, folders), folders, done.add(name)),
  );
  return banner("The header", profile) + texts.join("\n");
}

/** C files, by name, as one that includes motetcp.h and hal.h alone. */
export function oneSource(what, profile, made, names) {
  const folders = [made, ...FOLDERS];
  const done = new Set(OF_HEADER);
  const texts = names.map((name) => expand(find(name, folders), folders, done));
  return `${banner(what, profile)}#include "motetcp.h"\n\n${texts.join("\n")}`;
}

/** Names of the functions that a header declares and does not define. */
export function declaredIn(header) {
  const code = header.replace(/\/\*[^]*?\*\//g, "");
  const found = [...code.matchAll(/^(?!static |typedef |#)[\w ]+[ *](mote_\w+)\([^;{}]*\);/gm)];
  return [...new Set(found.map((match) => match[1]))].sort();
}
