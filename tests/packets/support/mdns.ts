// Multicast DNS on the wire: messages for the stack with every field open to lies, messages of the stack taken
// apart and checked on the way, and a stack that has a name.

import assert from "node:assert/strict";
import { Constant, Event, Option, Pool } from "../../../host/core/generated/abi.js";
import {
  type EthernetFields,
  type IpFields,
  OUR_ADDRESS,
  peerAddress,
  udpFrame,
  type UdpView,
  word16,
  word32,
} from "./frame.js";
import { onAllProfiles, packetTest, type Rig } from "./rig.js";

export { Option, Pool };
export const GROUP = [224, 0, 0, 251];
export const GROUP_MAC = [1, 0, 0x5e, 0, 0, 251];
export const PORT = 5353;
export const Type = {
  A: 1,
  CNAME: 5,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NSEC: 47,
  ANY: 255,
} as const;
export const IN = 1;
/** The top bit of a class: of a question QU, of a record cache-flush. */
export const TOP = 0x8000;
const RESPONSE = 0x8400;

export interface Question {
  name: string;
  type: number;
  class?: number;
}

export interface Record extends Question {
  ttl?: number;
  data: number[];
}

export interface Message {
  id?: number;
  flags?: number;
  questions?: Question[];
  answers?: Record[];
  authority?: Record[];
  additional?: Record[];
}

/** A name as labels, with its root. */
export function nameBytes(name: string): number[] {
  const labels = name.split(".").filter((label) => label !== "");
  return [...labels.flatMap((label) => [label.length, ...Buffer.from(label, "latin1")]), 0];
}

const questionBytes = ({ name, type, class: kind = IN }: Question) => [
  ...nameBytes(name),
  ...word16(type),
  ...word16(kind),
];

const recordBytes = (record: Record) => [
  ...questionBytes(record),
  ...word32(record.ttl ?? 120),
  ...word16(record.data.length),
  ...record.data,
];

export function messageBytes(message: Message): number[] {
  const { id = 0, questions = [], answers = [], authority = [], additional = [] } = message;
  const flags = message.flags ?? (answers.length > 0 && questions.length === 0 ? RESPONSE : 0);
  const counts = [questions, answers, authority, additional].flatMap((part) => word16(part.length));
  return [
    ...word16(id),
    ...word16(flags),
    ...counts,
    ...questions.flatMap(questionBytes),
    ...[...answers, ...authority, ...additional].flatMap(recordBytes),
  ];
}

export interface From extends IpFields {
  /** Source port. */
  port?: number;
}

/** A message from a peer to the group. */
export function toGroup(
  peer: number,
  message: Message | ArrayLike<number>,
  from: From = {},
): Uint8Array {
  return frameTo(peer, GROUP, GROUP_MAC, message, from);
}

/** The same to our own address. */
export function toUs(
  peer: number,
  message: Message | ArrayLike<number>,
  from: From = {},
): Uint8Array {
  return frameTo(peer, OUR_ADDRESS, undefined, message, from);
}

function frameTo(
  peer: number,
  destination: number[],
  to: number[] | undefined,
  message: Message | ArrayLike<number>,
  { port = PORT, ...ip }: From,
): Uint8Array {
  const data = "length" in message ? message : messageBytes(message);
  const udp = { sourcePort: port, destinationPort: PORT, data };
  const ethernet: EthernetFields = to ? { to } : {};
  return udpFrame(peer, udp, { destination, ttl: 255, ...ip }, ethernet);
}

export const question = (name: string, type: number, kind = IN): Message => ({
  questions: [{ name, type, class: kind }],
});

/** A record of a message that the stack has sent. */
export interface Told {
  name: string;
  type: number;
  unique: boolean;
  ttl: number;
  /** An address, a name, or a port and a name. */
  data: string;
}

export interface View {
  atMs: number;
  interfaceIndex: number;
  immediate: boolean;
  udp: UdpView;
  id: number;
  flags: number;
  questions: { name: string; type: number; class: number }[];
  answers: Told[];
  authority: Told[];
}

/** Takes a message of the stack apart; whatever is malformed fails the test. */
export function decodeMessage(
  data: Uint8Array,
): Omit<View, "atMs" | "interfaceIndex" | "immediate" | "udp"> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 12;
  const name = () => {
    const labels = [];
    for (;;) {
      const length = view.getUint8(at++);
      if (length === 0) return labels.join(".");
      assert.ok(length <= 63, "the stack writes names whole");
      labels.push(Buffer.from(data.subarray(at, at + length)).toString("latin1"));
      at += length;
    }
  };
  const word = () => view.getUint16((at += 2) - 2);
  const record = (): Told => {
    const owner = name();
    const [type, kind] = [word(), word()];
    assert.equal(kind & ~TOP, IN);
    const ttl = view.getUint32(at);
    at += 4;
    const end = word() + at;
    let text = "";
    if (type === Type.A) {
      text = [...data.subarray(at, at + 4)].join(".");
      at += 4;
    } else if (type === Type.SRV) {
      assert.deepEqual([word(), word()], [0, 0], "priority and weight");
      text = `${word()} ${name()}`;
    } else if (type === Type.NSEC) {
      text = `${name()} ${[...data.subarray(at, end)].join(" ")}`;
      at = end;
    } else text = name();
    assert.equal(at, end, "length of data");
    return { name: owner, type, unique: (kind & TOP) !== 0, ttl, data: text };
  };
  const many = <T>(count: number, one: () => T) => Array.from({ length: count }, one);
  const counts = [4, 6, 8, 10].map((offset) => view.getUint16(offset));
  const questions = many(counts[0]!, () => ({ name: name(), type: word(), class: word() }));
  const answers = many(counts[1]!, record);
  const authority = many(counts[2]!, record);
  assert.equal(counts[3], 0);
  assert.equal(at, data.length, "nothing behind the records");
  return { id: view.getUint16(0), flags: view.getUint16(2), questions, answers, authority };
}

/** Reports about groups are none of these tests' business. */
export function dropReports(rig: Rig): void {
  const others = rig.sent.filter(({ view }) => view.kind !== "igmp");
  rig.sent.splice(0, rig.sent.length, ...others);
}

/** The next message of the stack. */
export function take(rig: Rig, what = "a message"): View {
  dropReports(rig);
  const { view, ...sent } = rig.take(what);
  if (view.kind !== "udp") return rig.fail(`expected ${what}, came ${view.kind}`);
  assert.equal(view.sourcePort, PORT);
  assert.equal(view.ttl, 255, "section 11");
  return { ...sent, udp: view, ...decodeMessage(view.data) };
}

/** The next message, to all, at a moment or between two. */
export function takeFromGroup(rig: Rig, what = "a message to all"): View {
  const message = take(rig, what);
  const { destination, destinationPort, toMac } = message.udp;
  assert.deepEqual([destination, destinationPort, toMac], [GROUP, PORT, GROUP_MAC]);
  assert.ok(!message.immediate);
  assert.equal(message.id, 0);
  return message;
}

/** The next message: an answer to all. */
export function takeAnswer(rig: Rig, what = "an answer to all"): View {
  const message = takeFromGroup(rig, what);
  assert.equal(message.flags, RESPONSE);
  assert.deepEqual([message.questions, message.authority], [[], []]);
  return message;
}

/** The next message: a probe. */
export function takeProbe(rig: Rig, name: string, address = OUR_ADDRESS): View {
  const message = takeFromGroup(rig, `a probe for ${name}`);
  assert.equal(message.flags, 0);
  assert.deepEqual(message.questions, [{ name, type: Type.ANY, class: TOP | IN }]);
  assert.deepEqual(message.answers, []);
  const data = address.join(".");
  assert.deepEqual(message.authority, [{ name, type: Type.A, unique: false, ttl: 120, data }]);
  return message;
}

/** The next message: a reply to one. */
export function takeReply(rig: Rig, peer: number, port = PORT): View {
  const message = take(rig, "a reply");
  const { destination, destinationPort } = message.udp;
  assert.deepEqual([destination, destinationPort], [peerAddress(peer), port]);
  assert.ok(message.immediate);
  assert.equal(message.flags, RESPONSE);
  return message;
}

export function silence(rig: Rig, what = "nothing"): void {
  dropReports(rig);
  rig.expectNothing(what);
}

function putName(rig: Rig, text: string): number {
  const bytes = Buffer.from(text, "latin1");
  rig.core.memory.set(bytes.subarray(0, 256), rig.core.constant(Constant.NAME_BUFFER));
  return bytes.length;
}

export const setName = (rig: Rig, name: string) => rig.call.hostName(putName(rig, name));

export const publish = (rig: Rig, type: string, port: number) =>
  rig.call.publish(putName(rig, type), port);

/** The name as hosts read it. */
export function hostName(rig: Rig): string {
  const at = rig.core.constant(Constant.HOST_NAME);
  const bytes = rig.core.memory.subarray(at + 1, at + 1 + rig.core.memory[at]!);
  return Buffer.from(bytes).toString("latin1");
}

/** Whether event NAME waits on an interface; it is taken. */
export const nameEvent = (rig: Rig, handle: number) =>
  (rig.call.takeEvents(handle) & Event.NAME) !== 0;

/** The stack has its name and, where it can have any, services; everybody knows it, and a second has passed. */
export function named(
  rig: Rig,
  name = "mote",
  services: Readonly<{ [type: string]: number }> = {},
) {
  assert.equal(setName(rig, name), 0);
  if (rig.core.constant(Constant.SERVICES) > 0) {
    for (const [type, port] of Object.entries(services)) assert.equal(publish(rig, type, port), 0);
  }
  rig.advance(5000);
  dropReports(rig);
  assert.ok(rig.sent.splice(0).length >= 5, "probes and announcements");
}

/** The handle of the first interface. */
export function interfaceHandle(rig: Rig): number {
  const count = rig.core.constant(Constant.SOCKETS) + rig.core.constant(Constant.ADDRESSES);
  const slot = count + rig.core.constant(Constant.TCBS) + rig.core.constant(Constant.LISTENERS);
  const at = rig.core.constant(Constant.GENERATION_AREA) + 2 * slot;
  return slot + rig.core.words.getUint16(at, true) * 65536;
}

/** On profiles that have multicast DNS. */
export function mdnsTest(name: string, body: (rig: Rig) => void): void {
  onAllProfiles(name, { needs: "sockets", startMs: 1_000_000 }, body);
}

/** On the profile that has services. */
export function serviceTest(name: string, body: (rig: Rig) => void): void {
  packetTest(name, { profile: "desktop", startMs: 1_000_000 }, body);
}
