// First step of every script: makes node_modules match package-lock.json, with Node built-ins
// only, because before it nothing else is installed. `node tools/bootstrap.mjs [folder]`: folder
// is a package with a lock file of its own. Writes to stderr; stdout belongs to what runs next.

import { createHash } from "node:crypto";
import { readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Ends the process with a message when this Node is older than `engines` asks for. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [, major, minor] = /(\d+)\.(\d+)/.exec(engines.node).map(Number);
  const [ourMajor, ourMinor] = process.versions.node.split(".").map(Number);
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return;
  console.error(
    `This needs Node ${major}.${minor} or newer; this is ${process.version}.\n` +
      "Install a current Node (https://nodejs.org) and run the command again.",
  );
  process.exit(1);
}

/** What an installation depends on: the lock file, and what native packages are built for. */
function wantedStamp(folder) {
  const lock = readFileSync(join(folder, "package-lock.json"));
  const { platform, arch, versions } = process;
  return createHash("sha256")
    .update(`${platform} ${arch} ${versions.modules}\n`)
    .update(lock)
    .digest("hex");
}

function stampPath(folder) {
  return join(folder, "node_modules", ".mote-installed");
}

function isInstalled(folder, wanted) {
  try {
    if (readFileSync(stampPath(folder), "utf8") === wanted) return true;
  } catch {
    // No stamp: perhaps somebody ran npm themselves.
  }
  if (!matchesNpmRecord(folder)) return false;
  writeFileSync(stampPath(folder), wanted);
  return true;
}

/** True if what npm says it has installed (its hidden lock, written last) is what ours asks for. */
function matchesNpmRecord(folder) {
  const packagesOf = (path) => JSON.parse(readFileSync(join(folder, path), "utf8")).packages ?? {};
  let there;
  try {
    there = packagesOf("node_modules/.package-lock.json");
  } catch {
    return false;
  }
  const wanted = packagesOf("package-lock.json");
  const same = (path) => {
    const entry = wanted[path];
    // A package for another platform is left out by npm.
    if (!there[path]) return path === "" || (entry.optional === true && entry.os !== undefined);
    return entry?.version === there[path].version && entry.integrity === there[path].integrity;
  };
  return [...Object.keys(wanted), ...Object.keys(there)].every(same);
}

/** The npm that started this script, else the one in PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath ?? "";
  if (/^npm-cli\.c?js$/.test(basename(cli))) return { file: process.execPath, head: [cli] };
  return { file: "npm", head: [], shell: process.platform === "win32" };
}

/** Runs `npm ci` with its output on stderr; development packages too, whatever NODE_ENV says. */
async function runNpm(folder) {
  const { spawn } = await import("node:child_process");
  const { file, head, shell } = npmCommand();
  const flags = [
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ];
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    // Settings of the npm around us are about its own folder, not this one.
    if (/^npm_config_(global|prefix|local_prefix|omit|production|workspace|dry_run)$/i.test(name)) {
      delete env[name];
    }
  }
  const options = { cwd: folder, env, shell, stdio: ["ignore", process.stderr, process.stderr] };
  return new Promise((settle) => {
    const child = spawn(file, [...head, "ci", ...flags, "--loglevel=error"], options);
    child.on("error", (error) => settle(`npm could not be started: ${error.message}`));
    child.on("exit", (code, signal) =>
      settle(code === 0 ? "" : `npm ci ended with ${signal ?? code}`),
    );
  });
}

async function install(folder, wanted) {
  const { withLock } = await import("./lib/lock.mjs");
  const waiting = (pid) => {
    console.error(`waiting for another installation (process ${pid ?? "unknown"}) to end`);
  };
  return withLock(
    join(folder, ".tmp", "bootstrap.lock"),
    async () => {
      if (isInstalled(folder, wanted)) return true;
      console.error(`installing the packages of ${folder} (npm ci)`);
      // The stamp goes first and comes back last: an interrupted run is seen and done again.
      rmSync(stampPath(folder), { force: true });
      const problem = await runNpm(folder);
      if (problem === "") {
        writeFileSync(stampPath(folder), wanted);
        return true;
      }
      console.error(`The packages could not be installed: ${problem}.`);
      console.error(
        "Check the network and the registry (`npm config get registry`), then try again.",
      );
      return false;
    },
    waiting,
  );
}

checkNode();
const folder = realpathSync(resolve(process.argv[2] ?? ROOT));
const wanted = wantedStamp(folder);
if (!isInstalled(folder, wanted) && !(await install(folder, wanted))) process.exitCode = 1;
