// mote doctor: what it finds on machines of each kind, and the lines that it gives for each; and on this one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { machineProbe, type Probe } from "../../host/command/doctor/probe.js";
import { doctor } from "../../host/command/doctor/run.js";
import { output } from "./support/output.js";
import { main } from "./support/process.js";

interface Machine {
  platform?: string;
  node?: string;
  files?: Record<string, string>;
  /** Errno of /dev/net/tun; "": it opens. */
  tun?: string;
  programs?: readonly string[];
  userId?: number;
  /** unshare works. */
  unshares?: boolean;
  built?: boolean;
  koffi?: boolean;
}

function probeOf(machine: Machine): Probe {
  const { files = {}, programs = [], built = true } = machine;
  return {
    platform: machine.platform ?? "linux",
    nodeVersion: machine.node ?? "22.1.0",
    userId: machine.userId ?? 1000,
    exists: (path) => path in files || (built && path.endsWith(".wasm")),
    read: (path) => files[path] ?? null,
    list: (path) =>
      Object.keys(files)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split("/")[0]!),
    open: () => machine.tun ?? "",
    find: (program) => (programs.includes(program) ? `/usr/bin/${program}` : null),
    succeeds: () => machine.unshares ?? false,
    loads: () => Promise.resolve(machine.koffi ?? true),
  };
}

const release = (lines: string) => ({ "/etc/os-release": lines });
const DEBIAN = release('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
const UBUNTU = release('ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n');
const FEDORA = release('ID=fedora\nPRETTY_NAME="Fedora Linux 41 (Workstation Edition)"\n');
const ARCH = release('ID=arch\nPRETTY_NAME="Arch Linux"\n');
const PLAIN_USER = { "/proc/self/status": "CapEff:\t0000000000000000\n" };
const ALL_RIGHTS = { "/proc/self/status": "Name:\tnode\nCapEff:\t000001ffffffffff\n" };
const ALL_PROGRAMS = [
  ...["unshare", "ip", "wireshark", "iperf3", "qemu-system-arm", "qemu-system-riscv32"],
  ...["arm-none-eabi-gcc", "riscv64-unknown-elf-gcc", "cc", "chromium"],
];

async function textOf(machine: Machine): Promise<string> {
  const { io, out } = output();
  await doctor(false, io, probeOf(machine));
  return out();
}

async function linesOf(machine: Machine): Promise<Record<string, string | null>> {
  const { io, out } = output();
  await doctor(true, io, probeOf(machine));
  const { checks } = JSON.parse(out()) as {
    checks: { name: string; state: string; line: string | null }[];
  };
  const missing = checks.filter(({ state }) => state === "missing");
  return Object.fromEntries(missing.map(({ name, line }) => [name, line]));
}

test("a Debian that has everything", async () => {
  const text = await textOf({
    files: { ...DEBIAN, ...ALL_RIGHTS },
    programs: ALL_PROGRAMS,
    unshares: true,
  });
  assert.equal(text.split("\n")[0], "Debian GNU/Linux 12 (bookworm)");
  assert.match(text, /yes +│ Node +│ 22\.1\.0 +│ everything/);
  assert.match(text, /this user may make them \(CAP_NET_ADMIN\)/);
  assert.match(text, /\nNothing is missing\.\n$/);
});

test("a Debian that has nothing: the lines that enable it, once each", async () => {
  const files = { ...DEBIAN, ...PLAIN_USER, "/proc/sys/kernel/unprivileged_userns_clone": "0\n" };
  const text = await textOf({ files, tun: "ENOENT", koffi: false, programs: ["unshare"] });
  assert.equal(
    text.slice(text.indexOf("To enable")),
    `To enable what is missing:
  npm install koffi
    koffi
  sudo modprobe tun
    /dev/net/tun
  sudo ip tuntap add mote0 mode tap user $USER && sudo ip addr add 198.18.0.1/30 dev mote0 && sudo ip link set mote0 up
    a TAP device
  sudo sysctl -w kernel.unprivileged_userns_clone=1
    network namespaces
  sudo apt-get install iproute2
    ip
  sudo apt-get install wireshark
    wireshark
  sudo apt-get install iperf3
    iperf3
  sudo apt-get install qemu-system-arm
    qemu-system-arm
  sudo apt-get install qemu-system-misc
    qemu-system-riscv32
  sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi
    arm-none-eabi-gcc
  sudo apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf
    riscv64-unknown-elf-gcc
  sudo apt-get install gcc libc6-dev
    cc
  sudo apt-get install chromium
    chromium

Nobody has run on such a system yet, they are from documentation:
  sudo modprobe tun
  sudo sysctl -w kernel.unprivileged_userns_clone=1
`,
  );
});

test("Ubuntu: AppArmor forbids namespaces; a TAP device of one's own is found; tun may not be opened", async () => {
  const files = {
    ...UBUNTU,
    ...PLAIN_USER,
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
    "/proc/sys/kernel/unprivileged_userns_clone": "1\n",
    "/sys/class/net/mote0/owner": "1000\n",
    "/sys/class/net/other/owner": "1001\n",
  };
  const machine = { files, programs: ALL_PROGRAMS, tun: "EACCES" };
  assert.deepEqual(await linesOf(machine), {
    "/dev/net/tun": "sudo chmod 666 /dev/net/tun",
    "network namespaces": "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
  });
  assert.match(await textOf(machine), /mote0: this user's own/);
});

test("a container: what it must be started with", async () => {
  const files = { ...DEBIAN, ...PLAIN_USER, "/.dockerenv": "" };
  const machine = { files, programs: ALL_PROGRAMS, tun: "ENOENT" };
  const run = "docker run --device /dev/net/tun --cap-add NET_ADMIN IMAGE";
  assert.deepEqual(await linesOf(machine), {
    "/dev/net/tun": run,
    "a TAP device": run,
    "network namespaces": "docker run --privileged IMAGE",
  });
  assert.match(await textOf(machine), /^Debian GNU\/Linux 12 \(bookworm\), in a container\n/);
});

const OTHERS: [title: string, machine: Machine, iperf3: string | null][] = [
  ["Fedora", { files: { ...FEDORA, ...ALL_RIGHTS } }, "sudo dnf install iperf3"],
  ["Arch Linux", { files: { ...ARCH, ...ALL_RIGHTS } }, "sudo pacman -S --needed iperf3"],
  ["macOS", { platform: "darwin" }, "brew install iperf3"],
  ["Windows", { platform: "win32" }, null],
  ["another Linux", { files: ALL_RIGHTS }, null],
];
for (const [title, machine, iperf3] of OTHERS) {
  test(`${title}: its own package manager, and a word that nobody has run it there`, async () => {
    assert.equal((await linesOf(machine))["iperf3"], iperf3);
    const text = await textOf(machine);
    if (iperf3 !== null) assert.match(text, /Nobody has run on such a system yet[^]*iperf3/);
    assert.equal(text.includes("TAP devices are for Linux alone"), machine.platform !== undefined);
    if (iperf3 === null) assert.match(text, /no line is known for: .*iperf3/);
  });
}

test("without the modules, or with an old Node, the exit code is 1", async () => {
  for (const machine of [{ built: false }, { node: "18.20.0" }, { node: "20.18.3" }]) {
    const { io, out } = output();
    assert.equal(await doctor(false, io, probeOf({ files: DEBIAN, ...machine })), 1);
    assert.match(out(), /not built yet|is too old: 20\.19 or newer/);
  }
});

test("this machine: what is said of programs is so, and nothing was changed", () => {
  const devices = machineProbe.list("/sys/class/net");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "doctor", "--json"], {
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const { checks } = JSON.parse(stdout) as {
    checks: { name: string; state: string; text: string; use: string }[];
  };
  assert.equal(checks.find(({ name }) => name === "Node")?.text, process.versions.node);
  const programs = checks.filter(({ text }) => text.startsWith("/"));
  for (const { text } of programs) assert.ok(machineProbe.exists(text), text);
  assert.deepEqual(machineProbe.list("/sys/class/net"), devices);
});
