// What of an image belongs to whom: read from the linker's map, section by section and file by file.

import { readFileSync } from "node:fs";
import type { Firmware } from "../boards/firmware.js";
import { firmwareBytes, FLASH_SECTIONS, RAM_SECTIONS, sectionsOf } from "../boards/size.js";
import { parseLinkMap } from "./linkMap.js";

/** In the order of tables. "rest": alignment, and of RAM what the board is told at boot. */
export const COMPONENTS = [
  "core",
  "engine",
  "interpreter",
  "common",
  "driver",
  "board",
  "C library",
  "rest",
] as const;
export type Component = (typeof COMPONENTS)[number];

export interface ComponentBytes {
  readonly flash: number;
  /** Without the stack. */
  readonly ram: number;
}

function componentOf(unit: string | undefined): Component {
  if (unit === undefined) return "C library";
  if (unit === "core") return "core";
  if (unit.startsWith("engine/")) return "engine";
  if (unit.startsWith("wasm3/")) return "interpreter";
  if (unit.startsWith("common/")) return "common";
  return unit.startsWith("drivers/") ? "driver" : "board";
}

/** Together they are the whole image. */
export async function componentsOf(firmware: Firmware): Promise<Map<Component, ComponentBytes>> {
  const { elf, objects } = firmware;
  const units = new Map([...objects].map(([unit, object]) => [object, unit]));
  const sums = new Map<Component, { flash: number; ram: number }>();
  for (const component of COMPONENTS) sums.set(component, { flash: 0, ram: 0 });
  const all = await firmwareBytes(firmware);
  const stack = (await sectionsOf(firmware)).get(".stack") ?? 0;
  const rest = { flash: all.flash, ram: all.ram - stack };
  for (const { section, bytes, file } of parseLinkMap(readFileSync(`${elf}.map`, "utf8"))) {
    // Filled up.
    if (file === "") continue;
    const sum = sums.get(componentOf(units.get(file)))!;
    if (FLASH_SECTIONS.includes(section)) {
      sum.flash += bytes;
      rest.flash -= bytes;
    }
    if (RAM_SECTIONS.includes(section)) {
      sum.ram += bytes;
      rest.ram -= bytes;
    }
  }
  return sums.set("rest", rest);
}
