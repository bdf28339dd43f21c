// What kind of system this is, and how programs are installed on it.

import type { Probe } from "./probe.js";

export type SystemName = "debian" | "fedora" | "arch" | "macos" | "windows" | "linux" | "other";

export interface System {
  readonly name: SystemName;
  /** "Debian GNU/Linux 12 (bookworm)". */
  readonly title: string;
  /** It runs in a container, which was made with or without rights and devices. */
  readonly isContainer: boolean;
}

export function findSystem(probe: Probe): System {
  const release = readRelease(probe.read("/etc/os-release") ?? "");
  const name = nameOf(probe.platform, `${release["ID"] ?? ""} ${release["ID_LIKE"] ?? ""}`);
  const title = release["PRETTY_NAME"] ?? TITLES[probe.platform] ?? probe.platform;
  const isContainer = ["/.dockerenv", "/run/.containerenv"].some((path) => probe.exists(path));
  return { name, title, isContainer };
}

const TITLES: Readonly<Record<string, string>> = {
  darwin: "macOS",
  win32: "Windows",
  linux: "Linux",
};

function nameOf(platform: string, families: string): SystemName {
  if (platform === "darwin") return "macos";
  if (platform === "win32") return "windows";
  if (platform !== "linux") return "other";
  if (/\b(debian|ubuntu)\b/.test(families)) return "debian";
  if (/\b(fedora|rhel|centos)\b/.test(families)) return "fedora";
  return /\barch\b/.test(families) ? "arch" : "linux";
}

/** os-release(5): NAME=value, quoted or not. */
function readRelease(text: string): Record<string, string> {
  const lines = text.matchAll(/^([A-Z_]+)=["']?(.*?)["']?$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
}

/** Lines that have been run, on Debian 12; the others are from documentation. */
export function isProved(system: System, line: string): boolean {
  return system.name === "debian" && /^(sudo (apt-get|ip)|npm) /.test(line);
}

/** Names of a package where they have it; a system that is left out has none. */
export type Packages = Partial<Record<SystemName, string>>;

const INSTALL: Partial<Record<SystemName, string>> = {
  debian: "sudo apt-get install",
  fedora: "sudo dnf install",
  arch: "sudo pacman -S --needed",
  macos: "brew install",
  windows: "winget install --exact --id",
};

/** The line that installs it; null: nothing is known for this system. */
export function installLine(system: System, packages: Packages): string | null {
  const [names, command] = [packages[system.name], INSTALL[system.name]];
  return names === undefined || command === undefined ? null : `${command} ${names}`;
}
