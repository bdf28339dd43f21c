// What of an image belongs to whom: read from the linker's map, section by section and file by file.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Firmware } from "../boards/firmware.js";

/** In the order of tables. */
export const COMPONENTS = [
  "core",
  "engine",
  "interpreter",
  "common",
  "driver",
  "board",
  "C library",
] as const;
export type Component = (typeof COMPONENTS)[number];

export interface ComponentBytes {
  readonly flash: number;
  /** Without the stack. */
  readonly ram: number;
}

const BEGIN = "Linker script and memory map";
/** A section of an object: its name and numbers stand on one line, or on two. */
const PIECE = /^ (\.[\w.$]+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)$/gm;
const IN_FLASH = /^\.(text|rodata|srodata|vectors|ARM|data|sdata)/;
const IN_RAM = /^\.(data|sdata|bss|sbss|COMMON)/;

function componentOf(unit: string | undefined): Component {
  if (unit === undefined) return "C library";
  if (unit === "core") return "core";
  if (unit.startsWith("engine/")) return "engine";
  if (unit.startsWith("wasm3/")) return "interpreter";
  if (unit.startsWith("common/")) return "common";
  return unit.startsWith("drivers/") ? "driver" : "board";
}

export function componentsOf({ elf, objects }: Firmware): Map<Component, ComponentBytes> {
  const text = readFileSync(`${elf}.map`, "utf8");
  const kept = text.slice(text.indexOf(BEGIN)).replace(/^( \.[\w.$]+)\n\s+0x/gm, "$1 0x");
  const units = new Map([...objects].map(([unit, object]) => [basename(object), unit]));
  const sums = new Map<Component, { flash: number; ram: number }>();
  for (const component of COMPONENTS) sums.set(component, { flash: 0, ram: 0 });
  for (const [, section = "", , bytes = "0", file = ""] of kept.matchAll(PIECE)) {
    const sum = sums.get(componentOf(units.get(basename(file))))!;
    if (IN_FLASH.test(section)) sum.flash += parseInt(bytes, 16);
    if (IN_RAM.test(section)) sum.ram += parseInt(bytes, 16);
  }
  return sums;
}
