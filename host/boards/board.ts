// The table of boards: what each is compiled from, with what, and what it runs on. Adding a board is adding
// a folder below boards/ and a row.

import type { ToolchainName } from "./toolchain.js";

export type EngineName = "aot" | "wasm3";
export type BoardProfile = "tiny" | "esp32";

export const ENGINES: readonly EngineName[] = ["aot", "wasm3"];
export const BOARD_PROFILES: readonly BoardProfile[] = ["tiny", "esp32"];

/** How an emulator is told of the board; the rest is common (emulator.ts). */
export type Emulator =
  | {
      readonly kind: "qemu";
      readonly program: string;
      readonly words: readonly string[];
      readonly nic: readonly string[];
      /** How time runs when instructions are counted. */
      readonly icount: string;
    }
  /** The chip as a program of Python, below boards/. */
  | { readonly kind: "unicorn"; readonly script: string };

export interface Board {
  readonly name: string;
  readonly about: string;
  readonly toolchain: ToolchainName;
  /** Names and values for the preprocessor. */
  readonly defines: readonly string[];
  /** C and assembler files below boards/, beside the common ones. */
  readonly sources: readonly string[];
  /** Folders below boards/ with its headers. */
  readonly includes: readonly string[];
  readonly script: string;
  readonly emulator: Emulator;
  /** Where the emulator puts what the board is told at boot (boards/common/board.h). */
  readonly bootAddress: number;
  /** Combinations that fit. */
  readonly engines: Readonly<Record<EngineName, readonly BoardProfile[]>>;
  /** Instructions for each tick of its counter, when instructions are counted; null: they cannot be. */
  readonly instructionsPerTick: number | null;
}

const ARM = ["-display", "none", "-monitor", "none"];

export const BOARDS: readonly Board[] = [
  {
    name: "mps2-an385",
    about: "Cortex-M3, LAN9118, 4 MiB: a roomy microcontroller",
    toolchain: "arm",
    defines: ["MOTE_CLOCK_HZ=25000000u"],
    sources: ["cortex-m/start.c", "mps2-an385/board.c", "drivers/lan9118.c"],
    includes: ["cortex-m", "drivers"],
    script: "mps2-an385/board.ld",
    emulator: {
      kind: "qemu",
      program: "qemu-system-arm",
      words: ["-M", "mps2-an385", ...ARM],
      nic: ["-net", "nic,netdev=n0"],
      icount: "shift=6",
    },
    bootAddress: 0x2000_0000,
    engines: { aot: ["tiny", "esp32"], wasm3: ["tiny", "esp32"] },
    // 64 ns an instruction (-icount shift=6), 40 ns a tick.
    instructionsPerTick: 0.625,
  },
  {
    name: "lm3s6965evb",
    about: "Cortex-M3 with 64 KiB of RAM and a MAC of its own: the proof for small RAM",
    toolchain: "arm",
    defines: ["MOTE_CLOCK_HZ=50000000u"],
    sources: ["cortex-m/start.c", "lm3s6965evb/board.c", "drivers/stellaris.c"],
    includes: ["cortex-m", "drivers"],
    script: "lm3s6965evb/board.ld",
    emulator: {
      kind: "qemu",
      program: "qemu-system-arm",
      words: ["-M", "lm3s6965evb", ...ARM],
      nic: ["-net", "nic,netdev=n0"],
      icount: "shift=6",
    },
    bootAddress: 0x2000_0000,
    engines: { aot: ["tiny"], wasm3: [] },
    instructionsPerTick: 0.3125,
  },
  {
    name: "riscv32-virt",
    about: "RV32IMC, virtio-net: the instructions of the ESP32-C3",
    toolchain: "riscv",
    defines: [],
    sources: ["riscv/start.S", "riscv/start.c", "riscv32-virt/board.c", "drivers/virtio.c"],
    includes: ["drivers"],
    script: "riscv32-virt/board.ld",
    emulator: {
      kind: "qemu",
      program: "qemu-system-riscv32",
      words: [
        ...[
          "-M",
          "virt",
          "-m",
          "16M",
          "-bios",
          "none",
          "-global",
          "virtio-mmio.force-legacy=false",
        ],
        ...[
          "-cpu",
          "rv32,h=off,g=off,a=off,f=off,d=off,s=off",
          "-display",
          "none",
          "-monitor",
          "none",
        ],
      ],
      nic: ["-device", "virtio-net-device,netdev=n0"],
      icount: "shift=0",
    },
    bootAddress: 0x8010_0000,
    engines: { aot: ["tiny", "esp32"], wasm3: ["tiny", "esp32"] },
    instructionsPerTick: 1,
  },
  {
    name: "esp32c3-direct",
    about: "ESP32-C3 without an SDK, W5500 over SPI: the image that is flashed",
    toolchain: "riscv",
    defines: [],
    sources: ["riscv/start.S", "riscv/start.c", "esp32c3-direct/board.c", "drivers/w5500.c"],
    includes: ["drivers"],
    script: "esp32c3-direct/board.ld",
    emulator: { kind: "unicorn", script: "esp32c3-direct/emulator/chip.py" },
    // In the image: the last page of the megabyte that it may have.
    bootAddress: 0xff000,
    engines: { aot: ["tiny", "esp32"], wasm3: ["tiny", "esp32"] },
    // On silicon its counter is a clock of 16 MHz; the emulator counts, when told to.
    instructionsPerTick: 1,
  },
];

export function findBoard(name: string): Board | undefined {
  return BOARDS.find((board) => board.name === name);
}
