// System packages of the tests (tests/packages.apt): which are missing, and their installation
// with apt-get: nothing recommended, nothing removed, no questions, no services started. Those with
// a service of their own are only unpacked into build/system, with the libraries that they lack.

import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./files.mjs";

const POLICY = "/usr/sbin/policy-rc.d";
export const SETUP_COMMAND = "npm run setup:system";

/** Where packages with a service are unpacked. */
const UNPACKED = join(ROOT, "build/system");
const QUIET = { DEBIAN_FRONTEND: "noninteractive", DEBIAN_PRIORITY: "critical" };

/** Lines of the list: { name, command, unpack }. */
function readList() {
  const lines = readFileSync(join(ROOT, "tests/packages.apt"), "utf8").split("\n");
  return lines.flatMap((line) => {
    const [name, comment] = line.split("#").map((part) => part.trim());
    const [command, how] = comment?.split(", ") ?? [name];
    return name === "" ? [] : [{ name, command, unpack: how === "unpacked" }];
  });
}

function isInPath(command, more = []) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin", ...more];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian keeps the programs of PostgreSQL's server out of PATH, by version. */
function postgresFolders(root) {
  const folder = join(root, "usr/lib/postgresql");
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return versions.map((version) => join(folder, version, "bin"));
}

/** Names of packages that are not there. Where there is no dpkg, their commands are looked for. */
export function missingPackages() {
  const list = readList();
  const more = [
    ...["usr/bin", "usr/sbin"].map((folder) => join(UNPACKED, folder)),
    ...["/", UNPACKED].flatMap(postgresFolders),
  ];
  const lacking = list.filter(({ command }) => !isInPath(command, more));
  if (!isInPath("dpkg-query")) return lacking.map(({ name }) => name);
  const names = list.filter(({ unpack }) => !unpack).map(({ name }) => name);
  const format = "${Package} ${db:Status-Abbrev}\\n";
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", format, ...names], { encoding: "utf8" });
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => / ii/.test(line))
      .map((line) => line.split(" ")[0]),
  );
  const unpacked = lacking.filter(({ unpack }) => unpack).map(({ name }) => name);
  return [...names.filter((name) => !installed.has(name)), ...unpacked];
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
  const unpacked = readList().filter(({ name, unpack }) => unpack && names.includes(name));
  const toUnpack = unpacked.map(({ name }) => name);
  const toInstall = names.filter((name) => !toUnpack.includes(name));
  const updated = aptGet(["update"]);
  const problem = withServicesOff(() => install(toInstall)) || unpack(toUnpack);
  return problem === "" || updated === 0 ? problem : `${problem} (apt-get update failed, too)`;
}

function install(names) {
  if (names.length === 0) return "";
  const options = ["--yes", "--no-install-recommends", "--no-remove"];
  if (aptGet(["install", ...options, ...names]) === 0) return "";
  return `apt-get could not install ${names.join(" ")}`;
}

/**
 * What apt-get would install for these packages: they, their parts by version (postgresql-15) and libraries are
 * fetched and unpacked.
 */
function unpack(names) {
  if (names.length === 0) return "";
  const problem = `could not unpack ${names.join(" ")}`;
  const words = ["install", "--simulate", "--no-install-recommends", ...names];
  const { status, stdout } = spawnSync("apt-get", words, { encoding: "utf8" });
  if (status !== 0) return problem;
  const found = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  const isPart = (name) => names.some((whole) => name.startsWith(`${whole}-`));
  const wanted = found.filter((name) => name.startsWith("lib") || isPart(name));
  const folder = join(UNPACKED, "archives");
  mkdirSync(folder, { recursive: true });
  if (aptGet(["download", ...new Set([...names, ...wanted])], folder) !== 0) return problem;
  const archives = readdirSync(folder).map((name) => join(folder, name));
  const failed = archives.some((path) => spawnSync("dpkg-deb", ["-x", path, UNPACKED]).status);
  rmSync(folder, { recursive: true });
  return failed ? problem : "";
}

function aptGet(args, cwd = ROOT) {
  const env = { ...process.env, ...QUIET };
  const options = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
  // stdout is for test results: apt-get writes to stderr.
  const stdio = ["ignore", 2, 2];
  const { status } = spawnSync("apt-get", [...options, ...args], { cwd, env, stdio });
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
