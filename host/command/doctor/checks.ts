// What is looked at, one function each: what was found, and the line that enables what is missing.

import { fileURLToPath } from "node:url";
import { coreFile } from "../../node/builds.js";
import type { Probe } from "./probe.js";
import { installLine, type Packages, type System } from "./system.js";

/** ok; missing: the line helps; none: this system does not have such a thing. */
export type FindingState = "ok" | "missing" | "none";

export interface Finding {
  readonly state: FindingState;
  /** "qemu-system-arm is not installed". */
  readonly text: string;
  /** Enables it, as it is to be typed; null: nothing to type. */
  readonly line: string | null;
}

export interface Check {
  readonly name: string;
  /** What it is good for. */
  readonly use: string;
  /** Nothing works without it. */
  readonly isNeeded: boolean;
  look(probe: Probe, system: System): Finding | Promise<Finding>;
}

const ok = (text: string): Finding => ({ state: "ok", text, line: null });
const none = (text: string): Finding => ({ state: "none", text, line: null });
const missing = (text: string, line: string | null): Finding => ({ state: "missing", text, line });

const LEAST_NODE = [20, 19];
const CAP_NET_ADMIN = 12;
const TUN = "/dev/net/tun";
const OWN_DEVICE =
  "sudo ip tuntap add mote0 mode tap user $USER && sudo ip addr add 198.18.0.1/30 dev mote0 && sudo ip link set mote0 up";
const WITH_DEVICE = "docker run --device /dev/net/tun --cap-add NET_ADMIN IMAGE";

const node: Check = {
  name: "Node",
  use: "everything",
  isNeeded: true,
  look({ nodeVersion }) {
    const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
    const [leastMajor = 0, leastMinor = 0] = LEAST_NODE;
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok(nodeVersion);
    const text = `${nodeVersion} is too old: ${LEAST_NODE.join(".")} or newer is needed`;
    return missing(text, "npm install --global node@22");
  },
};

const modules: Check = {
  name: "modules of the core",
  use: "everything",
  isNeeded: true,
  look(probe) {
    const isThere = probe.exists(fileURLToPath(coreFile("desktop")));
    return isThere ? ok("built") : missing("not built yet", "npm run build");
  },
};

const koffi: Check = {
  name: "koffi",
  use: "TAP devices",
  isNeeded: false,
  async look(probe) {
    if (probe.platform !== "linux") return none("TAP devices are for Linux alone");
    return (await probe.loads("koffi"))
      ? ok("loads")
      : missing("does not load", "npm install koffi");
  },
};

const tun: Check = {
  name: TUN,
  use: "TAP devices",
  isNeeded: false,
  look(probe, { isContainer }) {
    if (probe.platform !== "linux")
      return none("TAP devices are for Linux alone; --link user works");
    const code = probe.open(TUN);
    if (code === "") return ok("can be opened");
    if (isContainer) return missing(`cannot be opened (${code})`, WITH_DEVICE);
    if (code === "ENOENT") return missing("is not there", "sudo modprobe tun");
    return missing(`cannot be opened (${code})`, `sudo chmod 666 ${TUN}`);
  },
};

const rights: Check = {
  name: "a TAP device",
  use: "ping, tcpdump and every other program of this machine reach the stack",
  isNeeded: false,
  look(probe, { isContainer }) {
    if (probe.platform !== "linux")
      return none("TAP devices are for Linux alone; --link user works");
    if (hasCapability(probe, CAP_NET_ADMIN)) return ok("this user may make them (CAP_NET_ADMIN)");
    const own = ownDevices(probe);
    if (own.length > 0) return ok(`${own.join(", ")}: this user's own`);
    const text = "this user may not make one, and has none";
    return missing(text, isContainer ? WITH_DEVICE : OWN_DEVICE);
  },
};

/** Whether the process has a capability (capabilities(7)). */
function hasCapability(probe: Probe, number: number): boolean {
  const [, mask = "0"] =
    /^CapEff:\s*([0-9a-f]+)$/m.exec(probe.read("/proc/self/status") ?? "") ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(number)) & 1n) === 1n;
}

/** TAP devices that belong to this user. */
function ownDevices(probe: Probe): string[] {
  const folder = "/sys/class/net";
  return probe
    .list(folder)
    .filter((name) => probe.read(`${folder}/${name}/owner`)?.trim() === String(probe.userId));
}

/** Switches of distributions that forbid namespaces to users, with what allows them. */
const NAMESPACE_SWITCHES: readonly (readonly [string, string, string])[] = [
  ["kernel.apparmor_restrict_unprivileged_userns", "1", "0"],
  ["kernel.unprivileged_userns_clone", "0", "1"],
  ["user.max_user_namespaces", "0", "15000"],
];

const namespaces: Check = {
  name: "network namespaces",
  use: "a network of your own without root; the tests over TAP",
  isNeeded: false,
  look(probe, system) {
    if (probe.platform !== "linux") return none("namespaces are for Linux alone");
    if (probe.find("unshare") === null)
      return missing("unshare is not installed", installLine(system, UTIL_LINUX));
    const words =
      probe.userId === 0 ? ["--net", "true"] : ["--user", "--map-root-user", "--net", "true"];
    if (probe.succeeds("unshare", words)) return ok("can be made");
    if (system.isContainer) return missing("cannot be made", "docker run --privileged IMAGE");
    const found = NAMESPACE_SWITCHES.find(([name, off]) => {
      const path = `/proc/sys/${name.replaceAll(".", "/")}`;
      return probe.read(path)?.trim() === off;
    });
    if (found === undefined) return missing("cannot be made", null);
    const [name, off, on] = found;
    return missing(`forbidden (${name} = ${off})`, `sudo sysctl -w ${name}=${on}`);
  },
};

const UTIL_LINUX: Packages = { debian: "util-linux", fedora: "util-linux", arch: "util-linux" };

/** A program, or one of several that do. */
function program(names: string | readonly string[], use: string, packages: Packages): Check {
  const all = [names].flat();
  return {
    name: all[0]!,
    use,
    isNeeded: false,
    look(probe, system) {
      const found = all.map((each) => probe.find(each)).find((path) => path !== null);
      if (found != null) return ok(found);
      return missing("is not installed", installLine(system, packages));
    },
  };
}

const same = (name: string): Packages => ({ debian: name, fedora: name, arch: name, macos: name });

export const checks: readonly Check[] = [
  node,
  modules,
  koffi,
  tun,
  rights,
  namespaces,
  program("ip", "setting up TAP devices by hand", {
    debian: "iproute2",
    fedora: "iproute",
    arch: "iproute2",
  }),
  program(["wireshark", "tshark"], "reading captures", {
    debian: "wireshark",
    fedora: "wireshark",
    arch: "wireshark-qt",
    macos: "--cask wireshark",
    windows: "WiresharkFoundation.Wireshark",
  }),
  program("iperf3", "measuring throughput against another host", same("iperf3")),
  program("qemu-system-arm", "boards with a Cortex-M3, without the board", {
    debian: "qemu-system-arm",
    fedora: "qemu-system-arm-core",
    arch: "qemu-system-arm",
    macos: "qemu",
    windows: "SoftwareFreedomConservancy.QEMU",
  }),
  program("qemu-system-riscv32", "boards with RISC-V, without the board", {
    debian: "qemu-system-misc",
    fedora: "qemu-system-riscv-core",
    arch: "qemu-system-riscv",
    macos: "qemu",
    windows: "SoftwareFreedomConservancy.QEMU",
  }),
  program("arm-none-eabi-gcc", "building firmware for Arm", {
    debian: "gcc-arm-none-eabi libnewlib-arm-none-eabi",
    fedora: "arm-none-eabi-gcc-cs arm-none-eabi-newlib",
    arch: "arm-none-eabi-gcc arm-none-eabi-newlib",
    macos: "--cask gcc-arm-embedded",
    windows: "Arm.GnuArmEmbeddedToolchain",
  }),
  program("riscv64-unknown-elf-gcc", "building firmware for RISC-V", {
    debian: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
  }),
  program(["cc", "gcc", "clang"], "the C library and the host for wasm3 on a desk", {
    debian: "gcc libc6-dev",
    fedora: "gcc",
    arch: "gcc",
    macos: "llvm",
    windows: "LLVM.LLVM",
  }),
  program(["chromium", "chromium-browser", "google-chrome", "firefox"], "the pages in a browser", {
    debian: "chromium",
    fedora: "chromium",
    arch: "chromium",
    macos: "--cask chromium",
    windows: "Google.Chrome",
  }),
];
