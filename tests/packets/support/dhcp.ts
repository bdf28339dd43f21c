// A DHCP server and what a test needs of the client: messages taken apart and built with every field open
// to lies, the lease as hosts read it, and the way to a lease.

import assert from "node:assert/strict";
import {
  AddressState,
  Constant,
  LeaseField,
  LeaseSize,
  LeaseState,
  Pool,
} from "../../../host/core/generated/abi.js";
import { BROADCAST_MAC, OUR_MAC, udpFrame, word32 } from "./frame.js";
import { hasFeature, onAllProfiles, packetTest, type Rig, type RigOptions } from "./rig.js";

export const Auto = { DHCP: 1, LINK_LOCAL: 2, PROBE: 4 } as const;

export const Type = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
} as const;

export { LeaseState as State };

export const NOBODY = [0, 0, 0, 0];
export const EVERYBODY = [255, 255, 255, 255];
/** The server is this peer; it gives this address. */
export const SERVER = 5;
export const SERVER_ADDRESS = [192, 0, 2, SERVER];
export const GIVEN = [192, 0, 2, 77];
export const OPTIONS_AT = 240;
const COOKIE = [0x63, 0x82, 0x53, 0x63];

/** A message of the client. */
export interface Message {
  type: number;
  xid: number;
  secs: number;
  broadcast: boolean;
  ciaddr: number[];
  /** By their codes, in the order of the message. */
  options: Map<number, number[]>;
  atMs: number;
  interfaceIndex: number;
  from: number[];
  to: number[];
  toMac: number[];
  chaddr: number[];
}

/** The next frame, which must be a DHCP message of this type, well-formed. */
export function takeMessage(rig: Rig, type: number): Message {
  const { view, atMs, interfaceIndex } = rig.take(`DHCP message ${type}`);
  if (view.kind !== "udp") return rig.fail(`expected DHCP message ${type}, came ${view.kind}`);
  assert.deepEqual([view.sourcePort, view.destinationPort], [68, 67]);
  const { data } = view;
  const words = new DataView(data.buffer, data.byteOffset, data.length);
  assert.ok(data.length >= 300, "300 bytes at least");
  assert.deepEqual([...data.subarray(0, 4)], [1, 1, 6, 0], "op, htype, hlen, hops");
  assert.deepEqual([...data.subarray(236, 240)], COOKIE);
  assert.ok(
    data.subarray(16, 28).every((byte) => byte === 0),
    "yiaddr, siaddr, giaddr",
  );
  assert.ok(
    data.subarray(34, 236).every((byte) => byte === 0),
    "what is not used is 0",
  );
  const options = readOptions(data.subarray(OPTIONS_AT));
  const chaddr = [...data.subarray(28, 34)];
  assert.deepEqual(options.get(61), [1, ...chaddr], "client identifier");
  const found = options.get(53)?.[0] ?? 0;
  if (found !== type) rig.fail(`expected DHCP message ${type}, came ${found}`);
  assert.equal(words.getUint16(10) & 0x7fff, 0, "flags that must be 0");
  return {
    type: found,
    xid: words.getUint32(4),
    secs: words.getUint16(8),
    broadcast: words.getUint16(10) === 0x8000,
    ciaddr: [...data.subarray(12, 16)],
    options,
    atMs,
    interfaceIndex,
    from: view.source,
    to: view.destination,
    toMac: view.toMac,
    chaddr,
  };
}

function readOptions(bytes: Uint8Array): Map<number, number[]> {
  const options = new Map<number, number[]>();
  for (let at = 0; ;) {
    const code = bytes[at] ?? assert.fail("options without an end");
    if (code === 255) {
      assert.ok(
        bytes.subarray(at + 1).every((byte) => byte === 0),
        "padding is 0",
      );
      return options;
    }
    const length = bytes[at + 1] ?? 0;
    assert.ok(length > 0 && at + 2 + length < bytes.length, `length of option ${code}`);
    assert.ok(!options.has(code), `option ${code} twice`);
    options.set(code, [...bytes.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
}

/** Codes with values; undefined: left out. */
export type Options = Record<number, number[] | undefined>;

export interface Fields {
  op?: number;
  htype?: number;
  hlen?: number;
  xid?: number;
  yiaddr?: number[];
  chaddr?: number[];
  cookie?: number[];
  sname?: number[];
  file?: number[];
  options?: Options;
  /** In place of the options. */
  raw?: number[];
}

export const LEASE_SECONDS = 3600;

/** What a server says that is not asked for anything else. */
const USUAL: Options = {
  54: SERVER_ADDRESS,
  51: word32(LEASE_SECONDS),
  1: [255, 255, 255, 0],
  3: [192, 0, 2, 254],
};

export const optionBytes = (options: Options): number[] =>
  Object.entries(options).flatMap(([code, value]) =>
    value ? [Number(code), value.length, ...value] : [],
  );

/** An answer of a type to a message of the client. */
export function answerTo(asked: Message, type: number, fields: Fields = {}): Uint8Array {
  const { op = 2, htype = 1, hlen = 6, xid = asked.xid, cookie = COOKIE } = fields;
  const { chaddr = asked.chaddr, sname = [], file = [] } = fields;
  const bytes = new Uint8Array(OPTIONS_AT);
  bytes.set([op, htype, hlen, 0, ...word32(xid)]);
  bytes.set(fields.yiaddr ?? (type === Type.NAK ? NOBODY : GIVEN), 16);
  bytes.set(chaddr, 28);
  bytes.set(sname, 44);
  bytes.set(file, 108);
  bytes.set(cookie, 236);
  const usual: Options = type === Type.NAK ? { 54: SERVER_ADDRESS } : USUAL;
  const options = optionBytes({ 53: [type], ...usual, ...fields.options });
  return Uint8Array.from([...bytes, ...(fields.raw ?? [...options, 255])]);
}

/** The frame of an answer: to all, as long as the client has no address. */
export function answerFrame(message: ArrayLike<number>, to = EVERYBODY, server = SERVER) {
  const mac = to === EVERYBODY ? BROADCAST_MAC : OUR_MAC;
  const udp = { sourcePort: 67, destinationPort: 68, data: message };
  return udpFrame(server, udp, { destination: to }, { to: mac });
}

/** Answers a message on the interface that it came from. */
export function answer(rig: Rig, asked: Message, type: number, fields: Fields = {}): void {
  const to = asked.broadcast ? EVERYBODY : asked.ciaddr;
  const known = to.some((byte) => byte !== 0) ? to : EVERYBODY;
  rig.inject(answerFrame(answerTo(asked, type, fields), known), asked.interfaceIndex);
}

export type LeaseName = keyof typeof LeaseField;

/** A field of the lease of an interface. */
export function lease(rig: Rig, name: LeaseName, interfaceIndex = 0): number {
  const { offset, bytes } = LeaseField[name];
  const at = rig.core.constant(Constant.LEASE_AREA) + interfaceIndex * LeaseSize + offset;
  if (bytes === 1) return rig.core.memory[at] ?? 0;
  return rig.core.words.getUint32(at, true);
}

/** An address in the lease. */
export function leaseAddress(rig: Rig, name: LeaseName, interfaceIndex = 0): number[] {
  const word = lease(rig, name, interfaceIndex);
  return [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
}

export const leaseState = (rig: Rig, interfaceIndex = 0) => lease(rig, "state", interfaceIndex);

/** Addresses of the stack but for 127.0.0.1. */
export const addresses = (rig: Rig) => rig.used(Pool.ADDRESS) - 1;

/** Bytes of a record of an address, which ends with the address. */
const recordBytes = (rig: Rig) => 12 + rig.core.constant(Constant.ADDRESS_BYTES);

/** A local address, by its number. */
function numbered(rig: Rig, number: number): number[] {
  const end = rig.core.constant(Constant.ADDRESS_AREA) + (number + 1) * recordBytes(rig);
  return [...rig.core.memory.subarray(end - 4, end)];
}

/** The link-local address of an interface, in use or being probed. */
export function linkLocal(rig: Rig, interfaceIndex = 0): number[] {
  const number = lease(rig, "linkLocal", interfaceIndex);
  assert.ok(number > 0, "there is a link-local address");
  return numbered(rig, number);
}

/** Whether an address is in use here. */
export function isOurs(rig: Rig, address: number[]): boolean {
  for (let number = 0; number < rig.core.constant(Constant.ADDRESSES); number++) {
    const at = rig.core.constant(Constant.ADDRESS_AREA) + number * recordBytes(rig);
    const used = rig.core.memory[at + 1] === AddressState.VALID;
    if (used && numbered(rig, number).join() === address.join()) return true;
  }
  return false;
}

/** Announcements of an address, if there are any. */
export function takeAnnouncements(rig: Rig, address: number[]): number {
  let count = 0;
  for (let i = 0; i < rig.sent.length;) {
    const view = rig.sent[i]?.view;
    const announces = view?.kind === "arp" && view.sender.join() === address.join();
    if (announces && view.target.join() === address.join()) {
      rig.sent.splice(i, 1);
      count++;
    } else i++;
  }
  return count;
}

/** From nothing to a request. */
export function requested(rig: Rig, auto: number = Auto.DHCP, offer: Fields = {}): Message {
  assert.equal(rig.call.interfaceAuto(0, auto), 0);
  rig.pump();
  const discover = takeMessage(rig, Type.DISCOVER);
  answer(rig, discover, Type.OFFER, offer);
  return takeMessage(rig, Type.REQUEST);
}

/** From nothing to a lease in use; with the moment at which it was asked for. */
export function bound(rig: Rig, options: Options = {}, auto: number = Auto.DHCP): Message {
  const request = requested(rig, auto, { options });
  answer(rig, request, Type.ACK, { options });
  if (auto & Auto.PROBE) rig.advance(8000);
  else rig.advance(0);
  assert.equal(leaseState(rig), LeaseState.BOUND);
  if (auto & Auto.PROBE) rig.sent.splice(0);
  else assert.equal(takeAnnouncements(rig, GIVEN), 1);
  rig.expectNothing("nothing beside the announcement");
  return request;
}

/** Configures another interface and brings it up. */
export function anotherInterface(rig: Rig): number[] {
  const mac = [2, 0, 0, 0, 1, 1];
  rig.putAddress(mac);
  assert.ok(rig.call.interfaceConfigure(1, 1500) > 0);
  assert.equal(rig.call.interfaceLink(1, 1), 0);
  return mac;
}

/** A test on both profiles that have DHCP, without an address at the beginning, nor at the end. */
export function dhcpTest(name: string, body: (rig: Rig) => void, options: RigOptions = {}): void {
  const given: RigOptions = { needs: "sockets", configured: false, ...options };
  const whole = (rig: Rig) => {
    body(rig);
    rig.expectNothing("nothing that the test did not look at");
    for (let i = 0; i < rig.core.interfaces; i++) rig.call.interfaceAuto(i, 0);
    rig.advance(10_000);
    rig.sent.splice(0); // a DHCPRELEASE
    const own = given.configured === false ? 0 : 1;
    assert.equal(addresses(rig), own, "no address is left");
  };
  if (options.profile === undefined) onAllProfiles(name, given, whole);
  else if (hasFeature(options.profile, "sockets")) packetTest(name, given, whole);
}
