// Compilers for boards: what they are called, their flags, and the package that brings them.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

export type ToolchainName = "arm" | "riscv";

export interface Toolchain {
  readonly prefix: string;
  /** Debian packages. */
  readonly packages: readonly string[];
  readonly flags: readonly string[];
  readonly link: readonly string[];
}

export const TOOLCHAINS: Readonly<Record<ToolchainName, Toolchain>> = {
  arm: {
    prefix: "arm-none-eabi-",
    packages: ["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"],
    flags: ["-mcpu=cortex-m3", "-mthumb", "--specs=nano.specs"],
    link: ["-nostartfiles"],
  },
  riscv: {
    prefix: "riscv64-unknown-elf-",
    packages: ["gcc-riscv64-unknown-elf", "picolibc-riscv64-unknown-elf"],
    // With rv32imc_zicsr gcc 12 would silently take libraries of 64 bits.
    flags: ["-march=rv32imc", "-misa-spec=2.2", "-mabi=ilp32", "--specs=picolibc.specs"],
    link: ["-nostartfiles"],
  },
};

const run = promisify(execFile);
const MOST_OUTPUT = 16 * 1024 * 1024;

/** What a program of a toolchain printed. Throws with its own words, or with the package that is missing. */
export async function runTool(
  { prefix, packages }: Toolchain,
  name: string,
  words: readonly string[],
): Promise<string> {
  try {
    const { stdout } = await run(prefix + name, words, { maxBuffer: MOST_OUTPUT });
    return stdout;
  } catch (cause) {
    const { code, stderr = "" } = cause as { code?: unknown; stderr?: string };
    if (code === "ENOENT") throw missing(prefix + name, packages, cause);
    throw new Error(inWords(stderr) ?? `${prefix}${name}: ${stderr.trim()}`, { cause });
  }
}

/** A program that is not there, and what brings it. */
export function missing(program: string, packages: readonly string[], cause?: unknown): Error {
  const text = `${program} is missing; on Debian: apt-get install ${packages.join(" ")}`;
  return Object.assign(new Error(text, { cause }), { code: "ENOENT" });
}

/** The linker's numbers when something does not fit, for people. */
export function inWords(stderr: string): string | undefined {
  const found = [...stderr.matchAll(/region [`'](\w+)' overflowed by (\d+) bytes?/g)];
  if (found.length === 0) return undefined;
  const parts = found.map(([, region, bytes]) => {
    return `${region === "RAM" ? "RAM" : "flash"} by ${Number(bytes).toLocaleString("en-US")} bytes`;
  });
  return `the firmware does not fit this board: it is over its ${parts.join(", and over its ")}`;
}
