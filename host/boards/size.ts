// What an image takes of a board: bytes of flash, and of RAM with its stack.

import type { Firmware } from "./firmware.js";
import { runTool } from "./toolchain.js";

export interface FirmwareBytes {
  readonly flash: number;
  /** Everything: data, zeroes, stack, what the board is told at boot. */
  readonly ram: number;
}

/** What lies in flash; .data is copied to RAM at the start. */
export const FLASH_SECTIONS: readonly string[] = [
  ".head",
  ".text",
  ".rodata",
  ".ARM.exidx",
  ".data",
];
/** Of RAM, beside the stack. */
export const RAM_SECTIONS: readonly string[] = [".data", ".bss"];

/** Sections by name, with their bytes. */
export async function sectionsOf({ elf, toolchain }: Firmware): Promise<Map<string, number>> {
  const text = await runTool(toolchain, "size", ["-A", elf]);
  const rows = [...text.matchAll(/^(\.\S+)\s+(\d+)\s+\d+$/gm)];
  return new Map(rows.map(([, name, bytes]) => [name!, Number(bytes)]));
}

export async function firmwareBytes(firmware: Firmware): Promise<FirmwareBytes> {
  const sections = await sectionsOf(firmware);
  const bytes = (name: string) => sections.get(name) ?? 0;
  const symbols = await runTool(firmware.toolchain, "nm", [firmware.elf]);
  const ram = /^([0-9a-f]+) \w mote_ram_used$/m.exec(symbols)?.[1];
  if (ram === undefined) throw new Error(`${firmware.elf} does not say what RAM it uses`);
  const flash = FLASH_SECTIONS.reduce((sum, name) => sum + bytes(name), 0);
  return { flash, ram: parseInt(ram, 16) };
}
