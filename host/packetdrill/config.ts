// What the lines `--name=value` at the top of a script set. One table: what is known, what is
// accepted and means nothing under virtual time, what is refused.

import { addressToNumber, numberToAddress, parseAddress } from "../core/address.js";
import { PROFILES, type ProfileName } from "../core/core.js";
import { Option } from "../core/generated/abi.js";
import { suggestion } from "../suggest.js";
import { mistake, unsupported, type Place } from "./errors.js";
import type { ScriptOption } from "./script.js";

export interface RunConfig {
  profile: ProfileName;
  localIp: string;
  remoteIp: string;
  prefixLength: number;
  gatewayIp: string;
  mtu: number;
  /** How far from its time an event may be, microseconds. */
  toleranceUs: number;
  /** Microseconds of one tick of our timestamps; 0: their values are not compared. */
  tsTickUs: number;
  /** An echoed timestamp that no packet had is worked out from the first one. */
  tsEcrScaled: boolean;
  /** Each segment of the script is one packet, even where it is longer than the MTU. */
  strictSegments: boolean;
  /** TCP options and padding in the script's order, or in any. */
  optionOrder: "strict" | "any";
  /** Packets that nobody has expected at the end are no failure. */
  ignoresLeftovers: boolean;
  bindPort: number;
  connectPort: number;
  /** Of the core, set before the first event. */
  stackOptions: [id: number, value: number][];
}

/** Addresses as in the dialect's first implementation; the remote one is behind the gateway. */
export function defaultConfig(profile: ProfileName): RunConfig {
  return {
    profile,
    localIp: "192.168.0.1",
    remoteIp: "192.0.2.1",
    prefixLength: 16,
    gatewayIp: "192.168.0.2",
    mtu: 1500,
    toleranceUs: 4000,
    tsTickUs: 0,
    tsEcrScaled: false,
    strictSegments: false,
    optionOrder: "strict",
    ignoresLeftovers: false,
    bindPort: 8080,
    connectPort: 8080,
    stackOptions: [],
  };
}

type Apply = (config: RunConfig, value: string, place: Place) => void;

function numberIn(value: string, least: number, most: number, place: Place): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw mistake(`expected a number from ${least} to ${most}, found ${value || "nothing"}`, place);
}

function oneOf<T extends string>(value: string, words: readonly T[], place: Place): T {
  const known = words.find((word) => word === value);
  if (known !== undefined) return known;
  throw mistake(`expected one of ${words.join(", ")}, found ${value || "nothing"}`, place);
}

function addressIn(value: string, place: Place): string {
  if (value.includes(":")) throw unsupported("IPv6 is not supported by this stack yet", place);
  try {
    return parseAddress(value).join(".");
  } catch {
    throw mistake(`expected an IPv4 address, found ${value || "nothing"}`, place);
  }
}

/** 255.255.0.0 as 16. */
function prefixOf(mask: string, place: Place): number {
  const bits = addressToNumber(addressIn(mask, place)).toString(2).padStart(32, "0");
  if (!/^1*0*$/.test(bits)) throw mistake(`expected a network mask, found ${mask}`, place);
  return bits.lastIndexOf("1") + 1;
}

/** No value is `true`. */
const isSet = (value: string, place: Place) =>
  value === "" || ["1", "true"].includes(oneOf(value, ["0", "1", "true", "false"], place));

/** Options of the core by their names. */
const optionIds = Option as unknown as Readonly<Record<string, number>>;
const optionNames = Object.keys(optionIds);

export const optionName = (id: number) =>
  optionNames.find((name) => optionIds[name] === id) ?? `option ${id}`;

/** `MSL_MS=1000`; used by the command line, too. */
export function parseStackOption(text: string, place?: Place): [number, number] {
  const [, name = "", value = ""] = /^(\w+)[ \t]*=[ \t]*(\d+)$/.exec(text) ?? [];
  const id = optionIds[name];
  if (id !== undefined) return [id, Number(value)];
  if (name === "") throw mistake(`expected NAME=NUMBER as in MSL_MS=1000, found ${text}`, place);
  throw mistake(`the core has no option ${name}${suggestion(name, optionNames)}`, place);
}

const TABLE: Readonly<Record<string, Apply>> = {
  ip_version(_config, value, place) {
    const version = oneOf(value, ["ipv4", "ipv4-mapped-ipv6", "ipv6"], place);
    if (version !== "ipv4") throw unsupported("IPv6 is not supported by this stack yet", place);
  },
  local_ip: (config, value, place) => void (config.localIp = addressIn(value, place)),
  remote_ip: (config, value, place) => void (config.remoteIp = addressIn(value, place)),
  gateway_ip: (config, value, place) => void (config.gatewayIp = addressIn(value, place)),
  netmask_ip: (config, value, place) => void (config.prefixLength = prefixOf(value, place)),
  mtu: (config, value, place) => void (config.mtu = numberIn(value, 576, 65535, place)),
  tolerance_usecs: (config, value, place) =>
    void (config.toleranceUs = numberIn(value, 0, 1e12, place)),
  tcp_ts_tick_usecs: (config, value, place) =>
    void (config.tsTickUs = numberIn(value, 0, 1e6, place)),
  tcp_ts_ecr_scaled: (config, value, place) => void (config.tsEcrScaled = isSet(value, place)),
  strict_segments: (config, value, place) => void (config.strictSegments = isSet(value, place)),
  option_order: (config, value, place) =>
    void (config.optionOrder = oneOf(value, ["strict", "any"], place)),
  leftover_packets: (config, value, place) =>
    void (config.ignoresLeftovers = oneOf(value, ["fail", "ignore"], place) === "ignore"),
  bind_port: (config, value, place) => void (config.bindPort = numberIn(value, 1, 65535, place)),
  connect_port: (config, value, place) =>
    void (config.connectPort = numberIn(value, 1, 65535, place)),
  profile: (config, value, place) => void (config.profile = oneOf(value, PROFILES, place)),
  option: (config, value, place) => void config.stackOptions.push(parseStackOption(value, place)),
};

/** What only matters to an implementation that works on a kernel and a real clock. */
const IGNORED: ReadonlySet<string> = new Set([
  "mss",
  "speed",
  "verbose",
  "v",
  "debug",
  "dry_run",
  "init_scripts",
  "so_filename",
  "so_flags",
  "persistent_tun_dev",
  "tun_dev",
  "non_fatal",
  "send_omit_free",
  "code_command",
  "code_format",
  "code_sockopt",
  "tolerance_percent",
]);

export const scriptOptionNames = Object.keys(TABLE).concat("define");

export function configure(base: RunConfig, options: readonly ScriptOption[]): RunConfig {
  const config: RunConfig = { ...base, stackOptions: [...base.stackOptions] };
  for (const { name, value, place } of options) {
    const apply = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
    if (apply) apply(config, value, place);
    else if (!IGNORED.has(name) && !name.startsWith("wire_")) {
      throw mistake(`unknown option --${name}${suggestion(name, scriptOptionNames)}`, place);
    }
  }
  config.gatewayIp = usableGateway(config);
  return config;
}

/** Scripts may give our own address as the gateway's; the router is somebody else. */
function usableGateway({ gatewayIp, localIp }: RunConfig): string {
  if (gatewayIp !== localIp) return gatewayIp;
  const own = addressToNumber(localIp);
  return numberToAddress(own % 4 === 2 ? own - 1 : own + 1);
}
