// What the tests of the component need, made or fetched once: the components themselves, and the Python package wasmtime,
// another engine than Node's. Both need a network the first time.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../files.mjs";
import { withLock } from "../lock.mjs";
import { runNode } from "../run.mjs";
import { buildComponents } from "./build.mjs";

/** build/component is of the modules in build/; packages of wit/ are installed when they are missing. */
export async function provideComponents() {
  return withLock(join(ROOT, ".tmp", "component.lock"), async () => {
    const { code, output } = await runNode("tools/bootstrap.mjs", ["wit"]);
    if (code !== 0) throw new Error(`the packages of wit/ are not installed:\n${output}`);
    return buildComponents();
  });
}

const WASMTIME = "wasmtime==50.0.1";
/** SHA-256 of its wheels, by system. */
const HASHES = {
  "Linux, x86-64": "cc14c3a17654e0394e0225b11813532ef0cd7bd1e222a0c5494cdedaabeddac4",
  "Linux, arm64": "675484e525c028dc02762b777f1db4477ea70caa3fec6775426daff4d64edfb1",
  "macOS, arm64": "ff4fc58ed3cbdb919d056accd4d280be13962a542754aaefd8a9b4654efa9bd9",
  "macOS, x86-64": "13fe813b922712a9e10fe0f48b2c56da06432eea4b24269bb7cd3a6b2720560b",
  "Windows, x86-64": "a8999581230471f4ff62073b1111eff3a01d45ccec0a908da3f2ae3a499d459c",
};

/** build/wasmtime: a folder for PYTHONPATH with the package wasmtime. */
export function provideWasmtime(root = ROOT) {
  const folder = join(root, "build/wasmtime");
  if (existsSync(folder)) return folder;
  mkdirSync(join(root, "build"), { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  try {
    install(made);
    // Somebody else may have been as far at the same time, with the same result.
    if (!existsSync(folder)) renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

function install(folder) {
  const list = join(folder, "requirements.txt");
  const hashes = Object.values(HASHES).map((hash) => `--hash=sha256:${hash}`);
  writeFileSync(list, `${WASMTIME} ${hashes.join(" ")}\n`);
  const words = ["-m", "pip", "install", "--require-hashes", "-r", list, "--target", folder];
  words.push("--only-binary=:all:", "--no-deps", "--no-compile", "--disable-pip-version-check");
  words.push("--root-user-action=ignore", "--retries", "2", "--timeout", "20");
  try {
    execFileSync("python3", words, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    throw new Error(`pip install of ${WASMTIME}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error) {
  const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim();
  if (error.code === "ENOENT" || /No module named '?pip/.test(said)) {
    return "python3 or pip is missing; install them: apt-get install python3 python3-pip";
  }
  if (/do not match the hashes/i.test(said)) return `the index has another package:\n${said}`;
  if (/No matching distribution/i.test(said)) return `it is not made for this system:\n${said}`;
  return `is there a network?\n${said}`;
}
