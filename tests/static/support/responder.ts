// Hosts on the link that ask for the name and the services of the stack, claim them, probe for them and say what
// they know, in messages for all or for the stack alone; and names and services that its host gives it.

import { Constant } from "../../../host/core/generated/abi.js";
import { checksum, ipv4, udp } from "./frames.js";
import { type Machine } from "./module.js";
import type { Random } from "./random.js";

const LABELS = ["mote", "mote-2", "Mote-3", "other", "a"] as const;
const TYPES = ["_http._tcp", "_ipp._tcp", "_a._udp", "_osc._udp"] as const;
const KINDS = [1, 12, 16, 28, 33, 255] as const;

/** Gives the host of a machine its first name: the group is joined from then on. */
export function giveName(machine: Machine): void {
  if (machine.call("constant", Constant.NAME_BUFFER) !== 0) callWith(machine, "hostName", "mote");
}

function callWith(machine: Machine, name: "hostName" | "publish", text: string, port = 0): void {
  const bytes = new TextEncoder().encode(text);
  const at = machine.call("constant", Constant.NAME_BUFFER);
  machine.memory().set(bytes, at); // after the call, which may move it
  machine.call(name, bytes.length, port);
}

/** One random use of multicast DNS. */
export function useResponder(
  machine: Machine,
  random: Random,
  receive: (frame: Uint8Array) => void,
): void {
  if (machine.call("constant", Constant.NAME_BUFFER) === 0) return;
  const dice = random.below(40);
  if (dice === 0) callWith(machine, "hostName", random.pick(LABELS));
  else if (dice < 4) {
    callWith(machine, "publish", random.pick(TYPES), random.percent(50) ? random.below(65536) : 0);
  } else if (dice === 4) machine.call("publish", random.word() | 0, random.word() | 0);
  else if (dice === 5) machine.call("hostName", random.word() | 0);
  else receive(messageFrame(random));
}

/** Withdraws every service. */
export function endServices(machine: Machine): void {
  if (machine.call("constant", Constant.NAME_BUFFER) === 0) return;
  for (const type of TYPES) callWith(machine, "publish", type);
}

const word16 = (value: number) => [(value >>> 8) & 255, value & 255];

function messageFrame(random: Random): Uint8Array {
  const from = random.percent(80) ? 5353 : 1024 + random.below(60_000);
  const bytes = Uint8Array.from(message(random));
  const peer = 10 + random.below(4);
  const frame = ipv4(peer, 17, udp(peer, from, 5353, bytes));
  return random.percent(80) ? forAll(frame) : frame;
}

/** The same frame to 224.0.0.251, without a checksum of UDP. */
function forAll(frame: Uint8Array): Uint8Array {
  frame.set([1, 0, 0x5e, 0, 0, 251]);
  frame.set([224, 0, 0, 251], 30);
  frame.set([0, 0], 24);
  frame.set(word16(checksum(frame.subarray(14, 34))), 24);
  frame.set([0, 0], 40);
  return frame;
}

function message(random: Random): number[] {
  const counts = [0, 1, 2, 3].map(() => (random.percent(60) ? random.below(2) : random.below(4)));
  const flags = random.percent(30) ? 0x8400 : random.percent(5) ? random.below(65536) : 0;
  const told = random.percent(5) ? counts.map(() => random.below(65536)) : counts;
  const bytes = [...word16(random.below(65536)), ...word16(flags), ...told.flatMap(word16)];
  counts.forEach((count, section) => {
    for (let i = 0; i < count; i++) bytes.push(...(section === 0 ? question : record)(random));
  });
  const damaged = random.percent(30) ? 1 + random.below(4) : 0;
  for (let i = 0; i < damaged; i++) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

const question = (random: Random) => [
  ...name(random),
  ...word16(random.pick(KINDS)),
  ...word16(random.percent(40) ? 0x8001 : 1),
];

function record(random: Random): number[] {
  const type = random.pick(KINDS);
  const fixed = type === 33 ? [0, 0, 0, 0, ...word16(random.below(65536))] : [];
  const data = type === 1 ? [192, 0, 2, random.below(20)] : [...fixed, ...name(random)];
  const ttl = random.percent(50) ? [0, 0, 0x11, 0x94] : [0, 0, 0, random.below(256)];
  return [...name(random), ...word16(type), 0x80, 1, ...ttl, ...word16(data.length), ...data];
}

function name(random: Random): number[] {
  const dice = random.below(12);
  if (dice === 0) return [0xc0, random.below(64)];
  const type = `${random.pick(TYPES)}.local`;
  const label = random.pick(LABELS);
  const texts = [
    `${label}.local`,
    type,
    `${label}.${type}`,
    "_services._dns-sd._udp.local",
  ] as const;
  const labels = random.pick(texts).split(".");
  return [...labels.flatMap((text) => [text.length, ...new TextEncoder().encode(text)]), 0];
}
