// Creates a TAP device and sets up the host's side of it by ioctl: no command is run. Where the
// device exists and belongs to the user but may not be changed, its settings are compared instead.

import { closeSync, constants as fsConstants, openSync } from "node:fs";
import { userInfo } from "node:os";
import { formatAddress, parseAddress, parsePrefix, type Prefix } from "../core/address.js";
import { errnoName, type Linux } from "./linux.js";

const TUNSETIFF = 0x400454ca;
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const SIOCGIFADDR = 0x8915;
const SIOCSIFADDR = 0x8916;
const SIOCGIFNETMASK = 0x891b;
const SIOCSIFNETMASK = 0x891c;
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const AF_INET = 2;

/** struct ifreq: 16 bytes of name, then a union of 24. */
const IFREQ_BYTES = 40;
const IFREQ_UNION = 16;
const IFREQ_ADDRESS = 20;
const NAME_BYTES = 15;

const DEVICE = "/dev/net/tun";

export interface TapDeviceOptions {
  /** The host's address with prefix length, for instance 198.18.0.1/30; null: it has none there. */
  hostAddress: string | null;
  /** Default: what the device has (1500). */
  mtu?: number;
}

export interface TapDevice {
  fd: number;
  name: string;
  mtu: number;
}

/** Opens the device and brings the host's side up. Throws errors that name the remedy. */
export function openTapDevice(linux: Linux, name: string, options: TapDeviceOptions): TapDevice {
  const host = options.hostAddress === null ? null : parsePrefix(options.hostAddress);
  if (!/^[^\s/]{1,15}$/.test(name)) {
    throw tapError(
      "EINVAL",
      name,
      `a device name has 1 to ${NAME_BYTES} characters, no space or /`,
    );
  }
  const fd = openNode(name, options.hostAddress);
  const socket = linux.inetSocket();
  try {
    const actual = attach(linux, fd, name, options.hostAddress);
    const setup = { linux, socket, name: actual };
    configure(setup, host, options.mtu);
    return { fd, name: actual, mtu: readMtu(setup) };
  } catch (error) {
    closeSync(fd);
    throw error;
  } finally {
    linux.close(socket);
  }
}

/** To be closed with closeSync: a worker closes what its fs opened and did not close, once more when
 * it ends, whoever has that number by then. */
function openNode(name: string, hostAddress: string | null): number {
  try {
    return openSync(DEVICE, fsConstants.O_RDWR | fsConstants.O_NONBLOCK);
  } catch (cause) {
    const { code = "EIO" } = cause as NodeJS.ErrnoException;
    const advice = code === "EACCES" ? accessAdvice(name, hostAddress) : OPEN_ADVICE[code];
    throw tapError(code, name, advice ?? `${DEVICE} cannot be opened`, cause);
  }
}

const CONTAINER = "in Docker start the container with: --device /dev/net/tun --cap-add NET_ADMIN";

const OPEN_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: `${DEVICE} does not exist: the tun module is not loaded; run: sudo modprobe tun (${CONTAINER})`,
  ENODEV: `${DEVICE} has no driver behind it; run: sudo modprobe tun (${CONTAINER})`,
  ENXIO: `${DEVICE} has no driver behind it; run: sudo modprobe tun (${CONTAINER})`,
  EPERM: `opening ${DEVICE} is not permitted here; ${CONTAINER} (or use: --link user)`,
};

/** Both steps at once: who may open the node only still has no device. Root of a user namespace has. */
function accessAdvice(name: string, hostAddress: string | null): string {
  const open = `sudo chmod 0666 ${DEVICE}`;
  const steps = process.getuid?.() === 0 ? [open] : [open, persistentTapCommand(name, hostAddress)];
  return `this user may not open ${DEVICE}; run: ${steps.join(" && ")} (or use: --link user)`;
}

/** TUNSETIFF: creates the device, or attaches to one that exists. */
function attach(linux: Linux, fd: number, name: string, hostAddress: string | null): string {
  const request = ifreq(name);
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI, IFREQ_UNION);
  if (linux.ioctl(fd, TUNSETIFF, request) < 0) {
    const code = errnoName(linux.errno());
    throw tapError(code, name, attachAdvice(code, name, hostAddress));
  }
  const end = request.indexOf(0);
  return request.toString("latin1", 0, Math.min(end < 0 ? IFREQ_UNION : end, NAME_BYTES));
}

function attachAdvice(code: string, name: string, hostAddress: string | null): string {
  switch (code) {
    case "EPERM":
      return (
        "creating the device needs CAP_NET_ADMIN, and one that exists must be owned by this user; " +
        `run: ${persistentTapCommand(name, hostAddress)} (or use: --link user)`
      );
    case "EBUSY":
      return (
        "the name is in use by another process; choose another with: --link tap:NAME, " +
        `or see who has it: sudo grep -l '^iff:.${name}$' /proc/[0-9]*/fdinfo/*`
      );
    case "EINVAL":
      return (
        "a device of that name exists and is not a TAP device; " +
        `look at it with: ip -details link show ${name}, and choose another with: --link tap:NAME`
      );
    default:
      return "the kernel refused to create the device";
  }
}

/**
 * What the owner of the machine runs once, so that everything else needs no rights. Also right for
 * a device that exists already.
 */
export function persistentTapCommand(
  name: string,
  hostAddress: string | null,
  mtu?: number,
): string {
  const user = userInfo().username;
  const size = mtu === undefined ? "" : ` mtu ${mtu}`;
  const steps = [
    `sudo ip tuntap add ${name} mode tap user ${user}`,
    ...(hostAddress === null ? [] : [`sudo ip addr replace ${hostAddress} dev ${name}`]),
    `sudo ip link set ${name}${size} up`,
  ];
  return steps.join(" && ");
}

interface Setup {
  linux: Linux;
  socket: number;
  name: string;
}

function configure(setup: Setup, host: Prefix | null, mtu?: number): void {
  try {
    if (mtu !== undefined && mtu !== readMtu(setup)) {
      change(setup, SIOCSIFMTU, (request) => request.writeInt32LE(mtu, IFREQ_UNION));
    }
    if (host !== null) {
      change(setup, SIOCSIFADDR, (request) => putAddress(request, parseAddress(host.address)));
      change(setup, SIOCSIFNETMASK, (request) => putAddress(request, maskOf(host.prefixLength)));
    }
    const flags = readFlags(setup);
    const up = flags | IFF_UP | IFF_RUNNING;
    change(setup, SIOCSIFFLAGS, (request) => request.writeUInt16LE(up, IFREQ_UNION));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
    if (!fits(setup, host, mtu)) throw notAsWanted(setup, host, mtu, error);
  }
}

function notAsWanted(setup: Setup, host: Prefix | null, mtu: number | undefined, cause: unknown) {
  const wanted = host === null ? null : `${host.address}/${host.prefixLength}`;
  const size = mtu === undefined ? [] : [`MTU ${mtu}`];
  const parts = [...(wanted === null ? [] : [wanted]), ...size].join(" and ");
  const text =
    `this user may not change the device, and it is not up${parts === "" ? "" : ` with ${parts}`}; ` +
    `run: ${persistentTapCommand(setup.name, wanted, mtu)} (or use: --link user)`;
  return tapError("EPERM", setup.name, text, cause);
}

/** true: somebody has set the device up as wanted already. */
function fits(setup: Setup, host: Prefix | null, mtu?: number): boolean {
  const has = (request: number, wanted: string) => readAddress(setup, request) === wanted;
  return (
    (readFlags(setup) & IFF_UP) !== 0 &&
    (host === null ||
      (has(SIOCGIFADDR, host.address) &&
        has(SIOCGIFNETMASK, formatAddress(maskOf(host.prefixLength))))) &&
    (mtu === undefined || readMtu(setup) === mtu)
  );
}

function change(setup: Setup, request: number, fill: (argument: Buffer) => void): void {
  const argument = ifreq(setup.name);
  fill(argument);
  if (setup.linux.ioctl(setup.socket, request, argument) >= 0) return;
  const code = errnoName(setup.linux.errno());
  throw tapError(code, setup.name, "the host's side of the device cannot be set up");
}

function query(setup: Setup, request: number): Buffer | null {
  const argument = ifreq(setup.name);
  return setup.linux.ioctl(setup.socket, request, argument) < 0 ? null : argument;
}

function readMtu(setup: Setup): number {
  return query(setup, SIOCGIFMTU)?.readInt32LE(IFREQ_UNION) ?? 1500;
}

function readFlags(setup: Setup): number {
  return query(setup, SIOCGIFFLAGS)?.readUInt16LE(IFREQ_UNION) ?? 0;
}

function readAddress(setup: Setup, request: number): string | null {
  const argument = query(setup, request);
  return argument && formatAddress(argument.subarray(IFREQ_ADDRESS, IFREQ_ADDRESS + 4));
}

function putAddress(request: Buffer, address: Uint8Array): void {
  request.writeUInt16LE(AF_INET, IFREQ_UNION);
  request.set(address, IFREQ_ADDRESS);
}

function ifreq(name: string): Buffer {
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, NAME_BYTES, "latin1");
  return request;
}

function maskOf(prefixLength: number): Uint8Array {
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0);
  return mask;
}

function tapError(code: string, name: string, text: string, cause?: unknown): Error {
  const error = new Error(`TAP device ${name}: ${text} (${code})`, { cause });
  return Object.assign(error, { code });
}
