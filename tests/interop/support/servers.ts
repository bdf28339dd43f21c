// Servers of others in the test's namespace: dnsmasq (DHCP and DNS), unbound (DNS), chronyd (NTP), and
// avahi-daemon (multicast DNS) with a message bus of its own. None of them touches this machine: their
// files lie in a folder of the test, and chronyd leaves the clock alone.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Daemon, program, startDaemon, temporaryFolder } from "./daemon.js";
import { output } from "./programs.js";

export interface Dnsmasq extends Daemon {
  /** Lines of its leases: when it ends, MAC, address, name, client identifier. */
  leases(): string[][];
}

const DNSMASQ = [
  ...["--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=root"],
  ...["--pid-file", "--log-facility=-", "--no-resolv", "--no-hosts", "--no-ping"],
  ...["--bind-interfaces", "--except-interface=lo", "--dhcp-authoritative"],
];

/** dnsmasq on a device; `words` say what it serves. */
export async function startDnsmasq(
  t: TestContext,
  device: string,
  words: readonly string[],
): Promise<Dnsmasq> {
  const file = join(temporaryFolder(t), "leases");
  writeFileSync(file, "");
  const all = [...DNSMASQ, `--interface=${device}`, `--dhcp-leasefile=${file}`, ...words];
  const daemon = await startDaemon(t, [...program("dnsmasq"), ...all], /started, version/);
  const leases = (): string[][] => {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => line.split(" "));
  };
  return Object.defineProperties({ leases } as Dnsmasq, Object.getOwnPropertyDescriptors(daemon));
}

/** unbound as the server of one zone, from a file of that zone. `options`: lines for its server. */
export async function startUnbound(
  t: TestContext,
  address: string,
  zone: { readonly name: string; readonly lines: readonly string[] },
  options: readonly string[] = [],
): Promise<Daemon> {
  const folder = temporaryFolder(t);
  const head = [`$ORIGIN ${zone.name}.`, "$TTL 60", "@ SOA ns root 1 3600 600 86400 60", "@ NS ns"];
  writeFileSync(join(folder, "zone"), [...head, ...zone.lines, ""].join("\n"));
  const lines = [
    "server:",
    ` interface: ${address}`,
    " do-daemonize: no",
    ' username: ""',
    ' chroot: ""',
    ` directory: "${folder}"`,
    ' pidfile: ""',
    " use-syslog: no",
    ' logfile: ""',
    " access-control: 0.0.0.0/0 allow",
    " do-ip6: no",
    ' module-config: "iterator"',
    // What it has by itself for "test." and the like (RFC 6761) makes room.
    ` local-zone: "${zone.name}." nodefault`,
    ...options.map((option) => ` ${option}`),
    "auth-zone:",
    ` name: "${zone.name}."`,
    ` zonefile: "${join(folder, "zone")}"`,
    "remote-control:",
    " control-enable: no",
    "",
  ];
  const file = join(folder, "unbound.conf");
  writeFileSync(file, lines.join("\n"));
  return startDaemon(t, [...program("unbound"), "-d", "-c", file], /start of service/);
}

/** chronyd, which tells its machine's time as if it were right, and does not set it. */
export async function startChronyd(t: TestContext, address: string): Promise<Daemon> {
  const folder = temporaryFolder(t);
  const lines = [
    "local stratum 5",
    "allow all",
    `bindaddress ${address}`,
    "cmdport 0",
    "bindcmdaddress /",
    `pidfile ${join(folder, "pid")}`,
    "",
  ];
  const file = join(folder, "chrony.conf");
  writeFileSync(file, lines.join("\n"));
  const words = [...program("chronyd"), "-d", "-x", "-u", "root", "-f", file];
  return startDaemon(t, words, /Disabled control of system clock/);
}

export interface Avahi extends Daemon {
  /** Runs avahi-browse, avahi-resolve or avahi-publish to its end; its stdout. */
  command(words: readonly string[]): Promise<string>;
  /** avahi-publish: tells of something until it is stopped. */
  publish(words: readonly string[]): Promise<Daemon>;
}

/** Rules of a message bus on which everybody may do everything. */
const busRules = (socket: string) => `<busconfig>
<listen>unix:path=${socket}</listen>
<auth>EXTERNAL</auth>
<policy context="default">
<allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
</policy>
</busconfig>
`;

const avahiRules = (device: string, hostName: string) => `[server]
host-name=${hostName}
use-ipv4=yes
use-ipv6=no
allow-interfaces=${device}
[wide-area]
enable-wide-area=no
[publish]
publish-workstation=no
publish-hinfo=no
`;

/** It wants a user of its own to be there, and writes into /run: both only in its own view. */
const AVAHI_VIEW = [
  'mount -t tmpfs tmpfs /run && mount --bind "$0/passwd" /etc/passwd',
  'mount --bind "$0/group" /etc/group && exec "$@"',
].join(" && ");

/** avahi-daemon on a device, as `hostName`.local or whatever it has to take instead. */
export async function startAvahi(t: TestContext, device: string, hostName: string): Promise<Avahi> {
  const folder = temporaryFolder(t);
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  put("passwd", "root:x:0:0::/:/bin/sh\navahi:x:0:0::/:/bin/false\n");
  put("group", "root:x:0:\navahi:x:0:\n");
  const socket = join(folder, "bus");
  const rules = put("bus.conf", busRules(socket));
  const bus = ["dbus-daemon", `--config-file=${rules}`, "--nofork", "--print-address"];
  await startDaemon(t, bus, /^unix:path=/m);

  const variables = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${socket}` };
  const named = (name: string) => program(name, variables);
  const words = ["unshare", "--mount", "sh", "-c", AVAHI_VIEW, folder, ...named("avahi-daemon")];
  words.push("-f", put("avahi.conf", avahiRules(device, hostName)));
  words.push("--no-drop-root", "--no-chroot", "--no-rlimits");
  const daemon = await startDaemon(t, words, /Server startup complete/);
  const more = {
    command: ([name = "", ...rest]: readonly string[]) => output([...named(name), ...rest]),
    publish: (rest: readonly string[]) =>
      startDaemon(t, [...named("avahi-publish"), ...rest], /^Established under name/m),
  };
  return Object.defineProperties(more as Avahi, Object.getOwnPropertyDescriptors(daemon));
}
