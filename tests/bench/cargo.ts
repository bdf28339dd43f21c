// Builds the Rust half of the bench on demand: the smoltcp server and the load. Runs before the
// network namespace is entered, because cargo may have to fetch crates.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BenchError } from "./arguments.js";

const BUILD_TIMEOUT_MS = 180_000;

export interface Programs {
  readonly server: string;
  readonly load: string;
  /** Name and version of the compiler, for the report. */
  readonly compiler: string;
}

// This file runs in dist/tests/bench; the Rust sources are not copied there.
const SOURCES = fileURLToPath(new URL("../../../tests/bench/smoltcp/", import.meta.url));
const TARGET = fileURLToPath(new URL("../../../build/bench/", import.meta.url));

export function buildPrograms(): void {
  const words = ["build", "--release", "--locked", "--quiet", "--target-dir", TARGET];
  const result = spawnSync("cargo", words, {
    cwd: SOURCES,
    encoding: "utf8",
    timeout: BUILD_TIMEOUT_MS,
    stdio: ["ignore", "inherit", "pipe"],
  });
  if (result.error !== undefined) throw cargoError(result.error as NodeJS.ErrnoException);
  if (result.status !== 0) {
    throw new BenchError(
      `cargo build in tests/bench/smoltcp failed (smoltcp 0.13 needs Rust 1.91 or newer):\n` +
        result.stderr.trim(),
    );
  }
}

/** Where buildPrograms() left them. */
export function locatePrograms(): Programs {
  const version = spawnSync("rustc", ["--version"], { encoding: "utf8" }).stdout ?? "";
  return {
    server: `${TARGET}release/smoltcp-server`,
    load: `${TARGET}release/load`,
    compiler: version.trim().replace(/ \(.*/, "") || "rustc",
  };
}

function cargoError(error: NodeJS.ErrnoException): BenchError {
  if (error.code === "ENOENT") {
    return new BenchError(
      "cargo is not installed: the bench compares with smoltcp, a Rust crate, and its load is " +
        "written in Rust.\nInstall Rust 1.91 or newer from https://rustup.rs, or run the part " +
        "that needs none: npm run bench -- --micro",
    );
  }
  if (error.code === "ETIMEDOUT") {
    return new BenchError(`cargo build took more than ${BUILD_TIMEOUT_MS / 1000} s and was ended`);
  }
  return new BenchError(`cargo: ${error.message}`);
}
