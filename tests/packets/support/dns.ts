// DNS as a test plays it: questions taken apart, answers of every kind, and a name server by TCP.

import assert from "node:assert/strict";
import {
  Constant,
  Event,
  LookupField,
  LookupSize,
  type LookupState,
} from "../../../host/core/generated/abi.js";
import { tcpFrame, type TcpView, type UdpView, word16, word32 } from "./frame.js";
import type { Rig } from "./rig.js";
import { datagram, peer, takeUdp } from "./sockets.js";

export const DNS = 53;
export const MDNS = 5353;
export const SERVER = 10;
export const SECOND = 11;
export const MDNS_GROUP = [224, 0, 0, 251];
/** Types. */
export const A = 1;
export const CNAME = 5;
export const TXT = 16;
/** A name that points to the question's. */
export const QUESTION = [0xc0, 12];
/** Codes of answers. */
export const FORMERR = 1;
export const SERVFAIL = 2;
export const NXDOMAIN = 3;
export const REFUSED = 5;

/** A name as labels; bytes stay as they are. */
export function nameBytes(name: string | readonly number[]): number[] {
  if (typeof name !== "string") return [...name];
  const labels = name.split(".").filter((label) => label !== "");
  return [...labels.flatMap((label) => [label.length, ...Buffer.from(label, "latin1")]), 0];
}

export interface Question {
  id: number;
  flags: number;
  name: string;
  type: number;
  /** UDP size of the OPT record; undefined: there is none. */
  edns?: number;
  port: number;
  destination: number[];
  destinationPort: number;
  ttl: number;
}

/** Takes a question apart; anything unusual in it fails the test. */
export function parseQuestion(
  data: Uint8Array,
): Pick<Question, "id" | "flags" | "name" | "type" | "edns"> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const counts = [4, 6, 8].map((at) => view.getUint16(at));
  assert.deepEqual(counts, [1, 0, 0], "one question, nothing else");
  const labels: string[] = [];
  let at = 12;
  for (let length; (length = data[at] ?? 0) !== 0; at += 1 + length)
    labels.push(Buffer.from(data.subarray(at + 1, at + 1 + length)).toString("latin1"));
  at += 1;
  assert.equal(view.getUint16(at + 2), 1, "class IN");
  const rest = [...data.subarray(at + 4)];
  const question = {
    id: view.getUint16(0),
    flags: view.getUint16(2),
    name: labels.join("."),
    type: view.getUint16(at),
  };
  if (view.getUint16(10) === 0) {
    assert.equal(rest.length, 0, "nothing behind the question");
    return question;
  }
  assert.deepEqual([rest.length, ...rest.slice(0, 3)], [11, 0, 0, 41], "OPT");
  assert.deepEqual(rest.slice(5), [0, 0, 0, 0, 0, 0], "version 0, no options");
  return { ...question, edns: (rest[3]! << 8) | rest[4]! };
}

export function takeQuestion(rig: Rig): Question {
  const view = takeUdp(rig);
  return { ...parseQuestion(view.data), ...placeOf(view) };
}

const placeOf = (view: UdpView) => ({
  port: view.sourcePort,
  destination: view.destination,
  destinationPort: view.destinationPort,
  ttl: view.ttl,
});

export interface RecordFields {
  name?: string | readonly number[];
  type?: number;
  /** Class. */
  kind?: number;
  ttl?: number;
  data?: readonly number[];
  /** The RDLENGTH field. */
  length?: number;
}

export interface MessageFields {
  id?: number;
  flags?: number;
  code?: number;
  /** Names of questions; the default is the one that was asked. */
  questions?: (string | readonly number[])[];
  type?: number;
  /** Class of the questions. */
  kind?: number;
  answers?: RecordFields[];
  /** The count of answers. */
  count?: number;
  /** Behind the answers. */
  more?: readonly number[];
}

export const a = (last: number, fields: RecordFields = {}): RecordFields => ({
  data: [198, 51, 100, last],
  ...fields,
});

export const cname = (target: string | readonly number[], fields: RecordFields = {}) => ({
  type: CNAME,
  data: nameBytes(target),
  ...fields,
});

function recordBytes(fields: RecordFields): number[] {
  const { name = QUESTION, type = A, kind = 1, ttl = 300, data = [] } = fields;
  const length = fields.length ?? data.length;
  return [
    ...nameBytes(name),
    ...word16(type),
    ...word16(kind),
    ...word32(ttl),
    ...word16(length),
    ...data,
  ];
}

/** A message; the default is the answer to a question. */
export function messageFor(
  question: Pick<Question, "id" | "name">,
  fields: MessageFields = {},
): number[] {
  const { questions = [question.name], answers = [], type = A, kind = 1 } = fields;
  const flags = (fields.flags ?? 0x8180) | (fields.code ?? 0);
  return [
    ...word16(fields.id ?? question.id),
    ...word16(flags),
    ...word16(questions.length),
    ...word16(fields.count ?? answers.length),
    ...[0, 0, 0, 0],
    ...questions.flatMap((name) => [...nameBytes(name), ...word16(type), ...word16(kind)]),
    ...answers.flatMap(recordBytes),
    ...(fields.more ?? []),
  ];
}

export interface From {
  peer?: number;
  port?: number;
  to?: number;
}

/** Answers a question from the server that was asked. */
export function answer(rig: Rig, question: Question, fields: MessageFields, from: From = {}): void {
  send(rig, question, messageFor(question, fields), from);
}

export function send(rig: Rig, question: Question, data: ArrayLike<number>, from: From = {}): void {
  const { peer: number = question.destination[3]!, port = DNS, to = question.port } = from;
  rig.inject(datagram(number, port, to, data));
}

/** Writes into NAME_BUFFER; the length. */
export function putName(rig: Rig, name: string): number {
  rig.core.memory.set(Buffer.from(name, "latin1"), rig.core.constant(Constant.NAME_BUFFER));
  return name.length;
}

export function setServers(rig: Rig, ...servers: number[]): void {
  servers.forEach((server, index) => {
    assert.equal(rig.call.nameServer(index, rig.putAddress(peer(server))), 0);
  });
}

/** A lookup whose question may leave; the result of resolve. */
export function resolve(rig: Rig, name: string): number {
  const handle = rig.call.resolve(putName(rig, name));
  rig.pump();
  return handle;
}

/** A lookup whose question is out. */
export function asked(rig: Rig, name = "www.example.com"): { handle: number; question: Question } {
  const handle = resolve(rig, name);
  assert.ok(handle > 0, `resolve: ${handle}`);
  return { handle, question: takeQuestion(rig) };
}

/** Record of the lookup behind a handle. */
export function lookupOf(rig: Rig, handle: number) {
  const { core } = rig;
  const count = core.constant(Constant.LOOKUPS);
  const bytes = core.constant(Constant.ADDRESS_BYTES);
  const size = LookupSize + 4 * bytes + 256;
  const first = firstLookupNode(rig);
  const index = (handle & 0xffff) - first;
  assert.ok(index >= 0 && index < count, `a lookup's handle: ${handle}`);
  const at = core.constant(Constant.LOOKUP_AREA) + index * size;
  const byte = (field: { offset: number }) => core.memory[at + field.offset] ?? 0;
  return {
    state: byte(LookupField.state) as LookupState,
    error: byte(LookupField.error),
    tries: byte(LookupField.tries),
    addresses: Array.from({ length: byte(LookupField.addresses) }, (_, i) => {
      const end = at + LookupSize + (i + 1) * bytes;
      return [...core.memory.subarray(end - 4, end)].join(".");
    }),
  };
}

/** Slots: TCBs, listeners, addresses, sockets, then tasks: three for each interface first. */
function firstLookupNode(rig: Rig): number {
  const c = (id: number) => rig.core.constant(id);
  const before = [Constant.TCBS, Constant.LISTENERS, Constant.ADDRESSES, Constant.SOCKETS];
  const handles = before.reduce((sum, id) => sum + c(id), 0);
  return handles + c(Constant.INTERFACES);
}

/** Events of a lookup; others' are let go. */
function eventsOf(rig: Rig, handle: number): number {
  for (let next; (next = rig.call.nextEvent()) !== 0;) {
    if (next === handle) return rig.call.takeEvents(handle);
  }
  return 0;
}

export const found = (rig: Rig, handle: number): string[] => {
  assert.equal(eventsOf(rig, handle), Event.READABLE);
  return lookupOf(rig, handle).addresses;
};

/** The error of a lookup that has just failed. */
export function failure(rig: Rig, handle: number): number {
  assert.equal(eventsOf(rig, handle), Event.ERROR);
  return lookupOf(rig, handle).error;
}

/** Still under way: no event. */
export function expectOpen(rig: Rig): void {
  assert.equal(rig.call.nextEvent(), 0);
}

export function end(rig: Rig, ...handles: number[]): void {
  for (const handle of handles) assert.equal(rig.call.close(handle), 0);
}

/** A name server at the other end of a connection. */
export interface StreamServer {
  readonly port: number;
  /** Sends bytes, with flags beside ACK. */
  send(data: ArrayLike<number>, flags?: string): void;
  take(): TcpView;
}

const ISS = 0xfffffff0;

/** Takes the SYN of the stack. */
export function takeSyn(rig: Rig): TcpView {
  const { view } = rig.take("a SYN");
  if (view.kind !== "tcp" || view.flags !== "S") return rig.fail("expected a SYN");
  assert.equal(view.destinationPort, DNS);
  return view;
}

/** Answers the SYN, and lets the question come. */
export function acceptStream(
  rig: Rig,
  server = SERVER,
): { stream: StreamServer; question: Question } {
  const syn = takeSyn(rig);
  const ports = { sourcePort: DNS, destinationPort: syn.sourcePort };
  let seq = ISS;
  let ack = (syn.seq + 1) >>> 0;
  const segment = (flags: string, data: ArrayLike<number> = []) => {
    rig.inject(tcpFrame(server, { ...ports, seq, ack, flags, data }));
    seq = (seq + data.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  };
  const take = () => {
    const { view } = rig.take("a segment to the name server");
    if (view.kind !== "tcp") return rig.fail(`expected a segment, came ${view.kind}`);
    ack = (view.seq + view.data.length + (view.flags.includes("F") ? 1 : 0)) >>> 0;
    return view;
  };
  segment("SA");
  assert.equal(take().flags, "A");
  expectOpen(rig); // the host looks for events: the lookup gets its own
  rig.pump();
  const data = take().data;
  assert.equal((data[0]! << 8) | data[1]!, data.length - 2, "the question's length");
  const question = {
    ...parseQuestion(data.subarray(2)),
    port: syn.sourcePort,
    destination: syn.destination,
    destinationPort: DNS,
    ttl: syn.ttl,
  };
  const stream = {
    port: syn.sourcePort,
    send: (bytes: ArrayLike<number>, flags = "PA") => segment(flags, bytes),
    take,
  };
  return { stream, question };
}

/** A message behind its length. */
export const prefixed = (message: readonly number[]) => [...word16(message.length), ...message];

/** The stack closes, and the server does. */
export function closeStream(rig: Rig, stream: StreamServer): void {
  rig.pump();
  let view = stream.take();
  while (!view.flags.includes("F")) view = stream.take();
  assert.ok(!view.flags.includes("R"), "closed politely");
  stream.send([], "FA");
  assert.equal(stream.take().flags, "A");
}
