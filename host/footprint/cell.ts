// One combination of board, engine and profile, and what its image takes, by section and by component.

import { readFileSync } from "node:fs";
import {
  BOARDS,
  ENGINES,
  type Board,
  type BoardProfile,
  type EngineName,
} from "../boards/board.js";
import { buildFirmware, type Firmware } from "../boards/firmware.js";
import { FLASH_SECTIONS, firmwareBytes, RAM_SECTIONS, sectionsOf } from "../boards/size.js";
import { parseLinkMap } from "./linkMap.js";

export interface Cell {
  readonly board: Board;
  readonly engine: EngineName;
  readonly profile: BoardProfile;
}

export const cellName = ({ board, engine, profile }: Cell) =>
  `${board.name}, ${engine}, ${profile}`;

/** Every combination that fits, of all boards or of one. */
export function cellsOf(boards: readonly Board[] = BOARDS): Cell[] {
  return boards.flatMap((board) =>
    ENGINES.flatMap((engine) =>
      board.engines[engine].map((profile) => ({ board, engine, profile })),
    ),
  );
}

/** In the order of tables. "rest": alignment, and what no file is named for. */
export const COMPONENTS = ["core", "engine", "common", "driver", "board", "libc", "rest"] as const;
export type Component = (typeof COMPONENTS)[number];

/** Others are for debuggers. */
export const IMAGE_SECTIONS: readonly string[] = [
  ...new Set([...FLASH_SECTIONS, ...RAM_SECTIONS, ".stack"]),
];

export interface CellSizes {
  /** Bytes of flash; of RAM all, with stack and boot block. */
  readonly flash: number;
  readonly ram: number;
  readonly sections: Readonly<Record<string, number>>;
  readonly flashBy: Readonly<Record<Component, number>>;
  /** "core": linear memory, which lies in the engine's. */
  readonly ramBy: Readonly<Record<Component | "stack", number>>;
}

/** By the source of an object, as Firmware.objects has it. */
export function componentOf(source: string): Component {
  if (source === "core") return "core";
  const [folder] = source.split("/");
  if (folder === "engine" || folder === "wasm3") return "engine";
  if (folder === "common") return "common";
  return folder === "drivers" ? "driver" : "board";
}

export async function measureSizes(
  cell: Cell,
  memoryBytes: number,
  onStep?: (text: string) => void,
): Promise<CellSizes> {
  const firmware = await buildFirmware({ ...cell, ...(onStep && { onStep }) });
  const sections = Object.fromEntries(
    [...(await sectionsOf(firmware))].filter(([name]) => IMAGE_SECTIONS.includes(name)),
  );
  const { flash, ram } = await firmwareBytes(firmware);
  const stack = sections[".stack"] ?? 0;
  const flashBy = byComponent(firmware, FLASH_SECTIONS, flash);
  const statics = byComponent(firmware, RAM_SECTIONS, ram - stack);
  const engine = statics.engine - memoryBytes;
  const ramBy = { ...statics, core: statics.core + memoryBytes, engine, stack };
  return { flash, ram, sections, flashBy, ramBy };
}

function byComponent(
  { elf, objects }: Firmware,
  sections: readonly string[],
  all: number,
): Record<Component, number> {
  const sourceOf = new Map([...objects].map(([source, object]) => [object, source]));
  const bytes = Object.fromEntries(COMPONENTS.map((name) => [name, 0])) as Record<
    Component,
    number
  >;
  for (const part of parseLinkMap(readFileSync(`${elf}.map`, "utf8"))) {
    if (!sections.includes(part.section) || part.file === "") continue;
    const source = sourceOf.get(part.file);
    bytes[source === undefined ? "libc" : componentOf(source)] += part.bytes;
  }
  const known = Object.values(bytes).reduce((sum, each) => sum + each, 0);
  return { ...bytes, rest: all - known };
}
