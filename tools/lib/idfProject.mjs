// The ESP-IDF project (boards/esp32) as a folder that `idf.py build` takes where there is no Node: with the C files of
// all boards and those made of a profile.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeAheadOfTime } from "./aheadOfTime.mjs";
import { filesBelow, ROOT } from "./files.mjs";

const PROJECT = "boards/esp32";
const COMPONENT = `${PROJECT}/components/motetcp`;
/** Folders of headers that stand beside the component's files, as below boards/. */
const SHARED = ["common", "engine", "engine/aot"];
/** Of a profile: core/ in the component. */
const MADE = ["core.c", "core.h", "calls.c", "profile.h"];

/** C files that the component's CMakeLists.txt names, by the links that menuconfig chooses between. */
export function componentSources(root = ROOT) {
  const text = readFileSync(join(root, COMPONENT, "CMakeLists.txt"), "utf8");
  const names = [...text.matchAll(/[\w./-]+\.c\b/g)].map(([name]) => name);
  const links = names.filter((name) => /^link_\w+\.c$/.test(name));
  const others = names.filter((name) => !links.includes(name));
  return { links, others: [...new Set(others)] };
}

/** Hand-written C files of the firmware with one link, and where their headers are: for commonShare. */
export function handWritten(link, root = ROOT) {
  const { others } = componentSources(root);
  const sources = [...others, link].filter((name) => !name.startsWith("core/"));
  const place = (name) => (name.includes("/") ? `boards/${name}` : `${COMPONENT}/${name}`);
  const folders = [COMPONENT, ...SHARED.map((folder) => `boards/${folder}`)];
  // The generated C includes these.
  const runtime = ["memory.h", "wasm-rt.h"].map((name) => `boards/engine/aot/${name}`);
  return { sources: [`${PROJECT}/main/main.c`, ...sources.map(place), ...runtime], folders };
}

/** Writes the project of a profile into a folder, which it empties before. What idf.py has made in there is kept. */
export async function exportIdfProject(profile, folder, root = ROOT) {
  const made = await makeAheadOfTime(profile, root);
  const component = join(folder, "components/motetcp");
  for (const part of ["main", "components"])
    rmSync(join(folder, part), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of filesBelow(PROJECT)) {
    cpSync(join(root, path), join(folder, path.slice(PROJECT.length)));
  }
  const copy = (from, to) => {
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  };
  for (const shared of SHARED) {
    for (const name of readdirSync(join(root, "boards", shared))) {
      if (name.endsWith(".h"))
        copy(join(root, "boards", shared, name), join(component, shared, name));
    }
  }
  for (const name of componentSources(root).others) {
    if (SHARED.includes(dirname(name))) copy(join(root, "boards", name), join(component, name));
  }
  for (const name of MADE) copy(join(made, name), join(component, "core", basename(name)));
  copy(join(root, "LICENSE"), join(component, "LICENSE"));
  return folder;
}
