// System packages of the tests (tests/packages.apt): which are missing, and their installation
// with apt-get: nothing recommended, no questions, no services started.

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./files.mjs";

const POLICY = "/usr/sbin/policy-rc.d";
export const SETUP_COMMAND = "npm run setup:system";

/** Lines of the list: { name, command }. */
function readList() {
  const lines = readFileSync(join(ROOT, "tests/packages.apt"), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [name, command] = line.split("#").map((part) => part.trim());
    return name === "" ? [] : [{ name, command: command ?? name }];
  });
}

function isInPath(command) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Names of packages that are not there. Where there is no dpkg, their commands are looked for. */
export function missingPackages() {
  const list = readList();
  if (!isInPath("dpkg-query")) {
    return list.filter(({ command }) => !isInPath(command)).map(({ name }) => name);
  }
  const names = list.map(({ name }) => name);
  const format = "${Package} ${db:Status-Abbrev}\\n";
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", format, ...names], { encoding: "utf8" });
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => / ii/.test(line))
      .map((line) => line.split(" ")[0]),
  );
  return names.filter((name) => !installed.has(name));
}

export function isRoot() {
  return process.getuid?.() === 0;
}

export function canInstall() {
  return isInPath("apt-get") && (isRoot() || isInPath("sudo"));
}

/** Installs packages; "" or what went wrong. Without root it starts itself again under sudo. */
export function installPackages(names) {
  if (!isInPath("apt-get")) {
    return `this system has no apt-get: install with its own package manager: ${names.join(" ")}`;
  }
  if (!isRoot()) {
    if (!isInPath("sudo")) return `not root and no sudo: as root, run ${SETUP_COMMAND}`;
    const script = join(ROOT, "tools/setup-system.mjs");
    const { status } = spawnSync("sudo", [process.execPath, script], { stdio: "inherit" });
    return status === 0 ? "" : "the installation under sudo failed";
  }
  return withServicesOff(() => {
    const options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
    const updated = aptGet([...options, "update"]);
    const wanted = ["--yes", "--no-install-recommends", ...names];
    if (aptGet([...options, "install", ...wanted]) === 0) return "";
    return `apt-get could not install ${names.join(" ")}${updated === 0 ? "" : " (apt-get update failed, too)"}`;
  });
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", DEBIAN_PRIORITY: "critical" };
  // stdout is for test results: apt-get writes to stderr.
  const { status } = spawnSync("apt-get", args, { env, stdio: ["ignore", 2, 2] });
  return status ?? 1;
}

/** While packages are installed, Debian's policy file forbids the start of their services. */
function withServicesOff(work) {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    return work();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}
