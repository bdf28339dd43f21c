// Builds and installs the library of the board "posix": PREFIX/lib/libmotetcp.a and .so, PREFIX/include/motetcp.h,
// PREFIX/lib/pkgconfig/motetcp.pc. See docs/guides/library.md.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeAheadOfTime } from "./lib/aheadOfTime.mjs";
import { declaredIn, oneHeader } from "./lib/amalgamate.mjs";
import { ROOT } from "./lib/files.mjs";
import { COMMON, compileNative, runCompiler } from "./lib/native.mjs";
import { profileOf } from "./lib/profiles.mjs";

const USAGE = "npm run library -- PROFILE [--prefix FOLDER]";
const SOURCES = [...COMMON, "posix/hal.c"];
const FLAGS = ["-O2", "-ffunction-sections", "-fdata-sections"];
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** Programs that were linked with one go on with the next of the same first number (0.x: first two). */
const SERIES = version
  .split(".")
  .slice(0, version.startsWith("0.") ? 2 : 1)
  .join(".");

/** Other names than those of the header are nobody's business, and must not meet those of a program. */
async function buildShared(profile, folder, names, scratch) {
  const script = join(scratch, "exports.map");
  writeFileSync(script, `{ global: ${names.map((name) => `${name};`).join(" ")} local: *; };\n`);
  const soname = `libmotetcp.so.${SERIES}`;
  const name = `libmotetcp.so.${version}`;
  const link = ["-shared", `-Wl,-soname,${soname}`, `-Wl,--version-script=${script}`];
  await compileNative(profile, folder, { name, sources: SOURCES, flags: FLAGS, link });
  for (const link of [soname, "libmotetcp.so"]) {
    rmSync(join(folder, link), { force: true });
    if (link !== name) symlinkSync(name, join(folder, link));
  }
}

async function buildStatic(profile, folder, names, scratch) {
  const parts = { name: "motetcp.o", sources: SOURCES, flags: FLAGS, link: ["-r", "-nostdlib"] };
  const object = await compileNative(profile, scratch, parts);
  const list = join(scratch, "names");
  writeFileSync(list, names.map((name) => `${name}\n`).join(""));
  runCompiler("objcopy", [`--keep-global-symbols=${list}`, object], "binutils");
  const archive = join(folder, "libmotetcp.a");
  rmSync(archive, { force: true });
  runCompiler("ar", ["rcs", archive, object], "binutils");
}

/** Found from where the file lies, so that the whole of it may be moved. */
const pkgConfig = (profile) => `prefix=\${pcfiledir}/../..
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: motetcp
Description: TCP/IP stack that never allocates memory, on a TAP device (profile ${profile})
Version: ${version}
Cflags: -I\${includedir}
Libs: -L\${libdir} -lmotetcp
`;

function readWords() {
  try {
    return parseArgs({ options: { prefix: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    console.error(`${error.message}\nusage: ${USAGE}`);
    return process.exit(2);
  }
}

const { positionals, values } = readWords();
const profile = profileOf(positionals[0], USAGE);
const prefix = resolve(values.prefix ?? join(ROOT, "build/library", profile));
const scratch = mkdtempSync(join(tmpdir(), "mote-library-"));
try {
  const made = await makeAheadOfTime(profile);
  const header = oneHeader(profile, made, ["posix.h"]);
  const names = declaredIn(header);
  for (const folder of ["include", "lib/pkgconfig"]) {
    mkdirSync(join(prefix, folder), { recursive: true });
  }
  writeFileSync(join(prefix, "include/motetcp.h"), header);
  writeFileSync(join(prefix, "lib/pkgconfig/motetcp.pc"), pkgConfig(profile));
  await buildShared(profile, join(prefix, "lib"), names, scratch);
  await buildStatic(profile, join(prefix, "lib"), names, scratch);
  console.log(`The library of ${profile} is in ${prefix}. To compile with it:`);
  console.log(`  export PKG_CONFIG_PATH=${join(prefix, "lib/pkgconfig")}`);
  console.log("  gcc main.c $(pkg-config --cflags --libs motetcp)");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}
