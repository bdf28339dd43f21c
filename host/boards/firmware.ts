// Builds firmware: the core by an engine, the common C, a board's. Objects are kept by the content of all that
// goes into them, so that only what changed is compiled.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Board, BoardProfile, EngineName } from "./board.js";
import { loadWasm3 } from "./wasm3.js";
import { runTool, TOOLCHAINS, type Toolchain } from "./toolchain.js";

/** What the image does: "app" serves connections, "probe" makes calls for whoever is at its console. */
export type Program = "app" | "probe";

export interface FirmwareOptions {
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
  readonly program?: Program;
  /** The console can damage the core's memory. */
  readonly testing?: boolean;
  /** -Os by default: firmware is chosen by its size. */
  readonly optimise?: string;
  /** Told what is compiled. */
  readonly onStep?: (text: string) => void;
}

export interface Firmware {
  readonly elf: string;
  /** What its emulator takes, and what is flashed: the ELF file, or its bytes as they lie in flash. */
  readonly image: string;
  /** Object files by their source, below boards/ or made for the profile. */
  readonly objects: ReadonlyMap<string, string>;
  readonly toolchain: Toolchain;
}

const fromPackage = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
export const BOARDS_FOLDER = fromPackage("boards");

const FLAGS = ["-std=c11", "-DNDEBUG", "-ffunction-sections", "-fdata-sections", "-fno-common"];
/** Of every board here. */
const POINTER_BYTES = 4;
/** What wasm2c writes has unused parts, and warnings about them are none of ours. */
const MADE_FLAGS = ["-w"];
const OWN_FLAGS = ["-Wall", "-Wextra", "-Werror"];

/** Of every microcontroller's board. */
const BOARD_COMMON = ["boot.c", "console.c", "sha256.c", "stack.c"].map((name) => `common/${name}`);

const PROGRAMS: Readonly<Record<Program, readonly string[]>> = {
  app: ["main.c", "services.c", "pump.c", "socket.c", "text.c"].map((name) => `common/${name}`),
  probe: ["common/probe.c"],
};

interface Unit {
  /** For people, and for tables. */
  readonly name: string;
  readonly path: string;
  readonly flags: readonly string[];
}

/** What an engine is compiled from. `made`: the folder with what was generated for the profile. */
interface EngineParts {
  readonly made: string;
  readonly units: readonly Unit[];
  readonly includes: readonly string[];
  readonly flags: readonly string[];
}

function aheadOfTime(profile: BoardProfile): EngineParts {
  const made = madeFolder(`build/aot/${profile}`);
  const units = [
    { name: "core", path: join(made, "core.c"), flags: MADE_FLAGS },
    { name: "engine/calls.c", path: join(made, "calls.c"), flags: OWN_FLAGS },
    ownUnit("engine/aot/engine.c"),
  ];
  return { made, units, includes: [], flags: [] };
}

async function wasm3(profile: BoardProfile): Promise<EngineParts> {
  const { wasm3Files, wasm3Flags, wasm3Sources } = await loadWasm3();
  const made = madeFolder(`build/wasm3-${profile}`);
  const sources = wasm3Sources();
  const folder = join(BOARDS_FOLDER, "engine/wasm3");
  const theirs = wasm3Files(sources).map((path) => ({
    name: `wasm3/${basename(path)}`,
    path,
    flags: [...MADE_FLAGS, "-include", join(folder, "config.h")],
  }));
  const units = [
    { name: "core", path: join(made, "module.c"), flags: OWN_FLAGS },
    { name: "engine/calls.c", path: join(made, "calls.c"), flags: OWN_FLAGS },
    ...["engine/wasm3/engine.c", "engine/wasm3/heap.c"].map(ownUnit),
    ...theirs,
  ];
  return { made, units, includes: [sources], flags: wasm3Flags(profile, POINTER_BYTES) };
}

const ownUnit = (path: string): Unit => ({
  name: path,
  path: join(BOARDS_FOLDER, path),
  flags: OWN_FLAGS,
});

function madeFolder(path: string): string {
  const folder = fromPackage(path);
  if (existsSync(join(folder, "profile.h"))) return folder;
  throw new Error(`${path} is not there: the C of the boards was not made; run: npm run build`);
}

/** Compiles and links; throws with what the compiler said, or what is missing. */
export async function buildFirmware(options: FirmwareOptions): Promise<Firmware> {
  const { board, engine, profile, program = "app", testing = false, optimise = "-Os" } = options;
  const toolchain = TOOLCHAINS[board.toolchain];
  const parts = engine === "aot" ? aheadOfTime(profile) : await wasm3(profile);
  const name = `${engine}-${profile}-${program}${testing ? "-testing" : ""}`;
  const folder = fromPackage(`build/boards/${board.name}/${name}`);
  mkdirSync(folder, { recursive: true });
  const own = [...BOARD_COMMON, ...board.sources, ...PROGRAMS[program]];
  const units = [...parts.units, ...own.map(ownUnit)];
  if (program === "probe") {
    const path = fromPackage(`build/aot/${profile}/exports.c`);
    units.push({ name: "engine/exports.c", path, flags: OWN_FLAGS });
  }
  const folders = [
    parts.made,
    ...["common", "engine", `engine/${engine}`, ...board.includes].map((path) =>
      join(BOARDS_FOLDER, path),
    ),
    ...parts.includes,
  ];
  const flags = [
    ...toolchain.flags,
    ...FLAGS,
    optimise,
    `-DMOTE_ENGINE="${engine}"`,
    ...parts.flags,
    ...(testing ? ["-DMOTE_TESTING"] : []),
    ...board.defines.map((define) => `-D${define}`),
    ...folders.map((path) => `-I${path}`),
  ];
  const compiler = await runTool(toolchain, "gcc", ["-dumpfullversion", "-dumpmachine"]);
  const headers = folders.flatMap(headersIn).map((path) => readFileSync(path));
  const common = hashOf([compiler, ...headers]);
  const objects = new Map<string, string>();
  for (const unit of units) {
    const object = join(folder, `${basename(unit.path).replace(/\.\w$/, "")}-${objects.size}.o`);
    const words = [...flags, ...unit.flags, "-c", unit.path];
    const key = hashOf([words.join("\n"), common, readFileSync(unit.path)]);
    if (!isCurrent(object, key)) {
      options.onStep?.(`compiling ${unit.name}`);
      await makeFile(object, key, (fresh) => runTool(toolchain, "gcc", [...words, "-o", fresh]));
    }
    objects.set(unit.name, object);
  }
  const elf = join(folder, "firmware.elf");
  await link(options, toolchain, [...objects.values()], elf);
  if (board.emulator.kind === "qemu") return { elf, image: elf, objects, toolchain };
  const image = join(folder, "firmware.bin");
  await runTool(toolchain, "objcopy", ["-O", "binary", elf, image]);
  return { elf, image, objects, toolchain };
}

async function link(
  { board, onStep }: FirmwareOptions,
  toolchain: Toolchain,
  objects: readonly string[],
  elf: string,
): Promise<void> {
  const script = resolve(BOARDS_FOLDER, board.script);
  const folders = board.includes.map((path) => `-L${join(BOARDS_FOLDER, path)}`);
  const words = [
    ...toolchain.flags,
    ...toolchain.link,
    "-Wl,--gc-sections",
    `-Wl,-Map=${elf}.map`,
    ...folders,
    `-T${script}`,
    ...objects,
  ];
  const inputs = [...objects, script, ...board.includes.flatMap(scriptsIn)];
  const key = hashOf([words.join("\n"), ...inputs.map((path) => readFileSync(path))]);
  if (isCurrent(elf, key)) return;
  onStep?.("linking");
  await makeFile(elf, key, (fresh) => runTool(toolchain, "gcc", [...words, "-o", fresh]));
}

const filesWith = (ending: string) => (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
const headersIn = filesWith(".h");
const scriptsIn = (include: string) => filesWith(".ld")(join(BOARDS_FOLDER, include));

function hashOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

const isCurrent = (file: string, key: string) =>
  existsSync(file) && existsSync(`${file}.key`) && readFileSync(`${file}.key`, "utf8") === key;

/** A file is whole, or not there: another build of the same may be at work, or this one be ended. */
async function makeFile(
  file: string,
  key: string,
  make: (fresh: string) => Promise<unknown>,
): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  rmSync(`${file}.key`, { force: true });
  await make(fresh);
  renameSync(fresh, file);
  writeFileSync(`${file}.key`, key);
}
