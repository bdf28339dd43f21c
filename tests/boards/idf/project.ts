// The ESP-IDF project (boards/esp32) without ESP-IDF: its configuration as menuconfig would write it, and its firmware
// compiled for this machine among fakes (world.c, fakes/).

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { fromRoot } from "../../static/support/module.js";
import { compileNative, COMMON } from "../support/native.js";

export const COMPONENT = "boards/esp32/components/motetcp";
export const FAKES = fromRoot("tests/boards/idf/fakes");
const load = (path: string) => import(pathToFileURL(fromRoot(path)).href) as Promise<unknown>;

interface Project {
  exportIdfProject(profile: string, folder: string): Promise<string>;
  componentSources(): { links: string[]; others: string[] };
  handWritten(link: string): { sources: string[]; folders: string[] };
}
export const { exportIdfProject, componentSources, handWritten } = (await load(
  "tools/lib/idfProject.mjs",
)) as Project;
export const { commonShare, linesOfCode } = (await load("tools/lib/commonShare.mjs")) as {
  commonShare(
    sources: string[],
    folders: string[],
  ): { common: number; own: number; share: number; files: Record<string, number> };
  linesOfCode(text: string): number;
};

export type Link = "WIFI" | "EMAC" | "W5500" | "OPENETH";
export const LINKS: readonly Link[] = ["WIFI", "EMAC", "W5500", "OPENETH"];
export const TARGETS = ["ESP32", "ESP32S3", "ESP32C3", "ESP32C6"] as const;
export type Target = (typeof TARGETS)[number];

const read = (path: string) => readFileSync(fromRoot(path), "utf8");

interface Option {
  readonly type: string;
  readonly links: readonly string[];
  readonly defaults: readonly { value: string; target?: string | undefined }[];
}

/** Options of the menu by their names, of what Kconfig's language is used there. */
export function menu(): Map<string, Option> {
  const options = new Map<string, Option>();
  for (const part of read(`${COMPONENT}/Kconfig.projbuild`)
    .split(/^\s*config /m)
    .slice(1)) {
    const name = /^\w+/.exec(part)![0];
    const type = /^\s*(string|int|bool) /m.exec(part)![1]!;
    const links = [...part.matchAll(/depends on (.*)/g)].flatMap(([, what]) =>
      [...what!.matchAll(/MOTE_LINK_(\w+)/g)].map(([, link]) => link!),
    );
    const defaults = [...part.matchAll(/^\s*default (\S+)(?: if IDF_TARGET_(\w+))?$/gm)].map(
      ([, value, target]) => ({ value: value!, target }),
    );
    options.set(name, { type, links, defaults });
  }
  return options;
}

/** Symbols that sdkconfig.defaults sets, with their values. */
export function defaultsFile(): Map<string, string> {
  const lines = [...read("boards/esp32/sdkconfig.defaults").matchAll(/^CONFIG_(\w+)=(.*)$/gm)];
  return new Map(lines.map(([, name, value]) => [name!, value === "y" ? "1" : value!]));
}

/** sdkconfig.h; what `changes` says is set in menuconfig. */
export function configHeader(
  target: Target,
  link: Link,
  changes: Readonly<Record<string, string>> = {},
): string {
  const values = defaultsFile();
  for (const [name, option] of menu()) {
    if (name.startsWith("MOTE_LINK_")) {
      if (name === `MOTE_LINK_${link}`) values.set(name, "1");
      continue;
    }
    if (option.links.length > 0 && !option.links.includes(link)) continue;
    const chosen = option.defaults.find(
      (each) => each.target === undefined || each.target === target,
    );
    values.set(name, changes[name] ?? chosen!.value);
  }
  const lines = [...values].map(([name, value]) => `#define CONFIG_${name} ${value}`);
  return `#pragma once\n${lines.join("\n")}\n`;
}

const folder = mkdtempSync(join(tmpdir(), "mote-idf-"));
after(() => rmSync(folder, { recursive: true }));

export const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];

/** Addresses that tests/static/support/frames.ts has. */
export const TEST_NETWORK = { MOTE_ADDRESS: '"192.0.2.1"', MOTE_HOST_NAME: '""' };

const linkFile = (link: Link) => `${COMPONENT}/link_${link === "WIFI" ? "wifi" : "eth"}.c`;

let configs = 0;

/** A folder with sdkconfig.h. */
export function configFolder(target: Target, link: Link, changes = {}): string {
  const here = join(folder, `${target}-${link}-${configs++}`);
  mkdirSync(here, { recursive: true });
  writeFileSync(join(here, "sdkconfig.h"), configHeader(target, link, changes));
  return here;
}

const programs = new Map<string, Promise<string>>();

/** The firmware among the fakes, with the profile esp32; compiled once for each link. */
function programOf(link: Link, changes: Readonly<Record<string, string>>): Promise<string> {
  const key = `${link} ${JSON.stringify(changes)}`;
  const known = programs.get(key);
  if (known !== undefined) return known;
  const includes = [configFolder("ESP32", link, changes), FAKES, fromRoot(COMPONENT)];
  const own = [`${COMPONENT}/hal.c`, linkFile(link), "boards/esp32/main/main.c"];
  const program = compileNative("esp32", folder, {
    name: `idf-${link}-${programs.size}`,
    sources: [
      ...COMMON,
      "common/services.c",
      ...[...own, "tests/boards/idf/world.c"].map((path) => fromRoot(path)),
    ],
    flags: ["-O1", ...SANITIZERS],
    link: [...includes.map((path) => `-I${path}`), ...(link === "WIFI" ? [] : ["-Wl,--wrap=free"])],
  });
  programs.set(key, program);
  return program;
}

export interface Run {
  readonly lines: readonly string[];
  /** Numbers of the last line: buffers handed over, come back, and still in the queue. */
  readonly buffers: number;
  readonly returned: number;
  readonly queued: number;
}

/** Plays lines to the firmware; words: what calls of the fakes answer. See world.c. */
export async function play(
  link: Link,
  lines: readonly string[],
  words: readonly string[] = [],
  changes: Readonly<Record<string, string>> = TEST_NETWORK,
): Promise<Run> {
  const program = await programOf(link, changes);
  const { stdout, stderr, status } = spawnSync(program, [...words], {
    input: lines.map((line) => `${line}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0 || stderr !== "") throw new Error(`${link}: ${status}\n${stderr}\n${stdout}`);
  const all = stdout.split("\n").slice(0, -1);
  const sum = /^buffers (\d+) returned (\d+) queued (\d+)$/.exec(all.at(-1) ?? "")!;
  const [buffers, returned, queued] = sum.slice(1).map(Number) as [number, number, number];
  return { lines: all.slice(0, -1), buffers, returned, queued };
}

/** Whether the compiler takes a file of the component, as it would stand in a version of ESP-IDF; "": it does. */
export function compilerSays(link: Link, target: Target, idf: readonly [number, number]): string {
  const includes = [
    configFolder(target, link),
    FAKES,
    ...[COMPONENT, "boards/common", "boards/engine", "build/aot/esp32"].map((path) =>
      fromRoot(path),
    ),
  ];
  const files = [`${COMPONENT}/hal.c`, linkFile(link), "boards/esp32/main/main.c"];
  const words = [
    ...["-std=gnu17", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"],
    ...[`-DFAKE_IDF_MAJOR=${idf[0]}`, `-DFAKE_IDF_MINOR=${idf[1]}`],
    ...includes.map((path) => `-I${path}`),
    ...files.map((path) => fromRoot(path)),
  ];
  const { stderr, status } = spawnSync("gcc", words, { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}
