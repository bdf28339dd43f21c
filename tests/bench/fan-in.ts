// What one in-order segment of 64 bytes costs when it belongs to any of n connections. Straight on
// the ABI: the peer is made of frames built beforehand, so only the core is on the clock.

import { randomBytes } from "node:crypto";
import type { Core } from "../../host/core/core.js";
import { createCore } from "../../host/node/builds.js";
import { BenchError } from "./arguments.js";
import {
  ACK,
  arpReply,
  arpRequest,
  emitSegment,
  PEER_ADDRESS,
  PSH_ACK,
  SEGMENT_OVERHEAD,
  STACK_ADDRESS,
  STACK_MAC,
  SYN,
  TCP_OFFSET,
} from "./frames.js";
import { Constant, Option } from "../../host/core/generated/abi.js";
import { median } from "./report.js";

const PAYLOAD_BYTES = 64;
const FRAME_BYTES = SEGMENT_OVERHEAD + PAYLOAD_BYTES;
const SERVER_PORT = 9;
const FIRST_PEER_PORT = 10_000;
/** Segments between two rounds of reading and acknowledging: 16 KiB fit any ring. */
const BATCH = 256;
const WARM_UP_BATCHES = 200;
const BATCHES = 800;

export interface FanIn {
  readonly connections: number;
  /** The frame's copy into the receive buffer and receive(). */
  readonly receiveNs: number;
  /** The same, with nextEvent, takeEvents, receiveSpan, consume and the ACKs of transmit(). */
  readonly wholeNs: number;
}

interface PeerConnection {
  readonly port: number;
  sequence: number;
  readonly acknowledgment: number;
}

export async function measureFanIn(connections: number): Promise<FanIn> {
  const core = await createCore("desktop");
  if (core.constant(Constant.TCBS) < connections) {
    return { connections, receiveNs: Number.NaN, wholeNs: Number.NaN };
  }
  configure(core);
  const peers = openConnections(core, connections);
  const frames = Array.from({ length: BATCH }, () => new Uint8Array(FRAME_BYTES));
  const random = generator(connections);
  // Medians of the batches: one that the kernel interrupted does not count more than another.
  const receiveNs: number[] = [];
  const wholeNs: number[] = [];
  for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch++) {
    buildBatch(frames, peers, random);
    core.advance(1000 + connections + batch);
    const start = process.hrtime.bigint();
    receiveBatch(core, frames);
    const received = process.hrtime.bigint();
    const bytes = readAndAcknowledge(core);
    const end = process.hrtime.bigint();
    if (bytes !== BATCH * PAYLOAD_BYTES) {
      throw new BenchError(`${bytes} of ${BATCH * PAYLOAD_BYTES} bytes came out of the core`);
    }
    if (batch < WARM_UP_BATCHES) continue;
    receiveNs.push(Number(received - start) / BATCH);
    wholeNs.push(Number(end - start) / BATCH);
  }
  return { connections, receiveNs: median(receiveNs), wholeNs: median(wholeNs) };
}

function receiveBatch(core: Core, frames: Uint8Array[]): void {
  const { receive } = core.exports;
  for (const frame of frames) {
    core.rx.set(frame);
    receive(0, FRAME_BYTES);
  }
}

/** One turn of a host without the links; bytes read. */
function readAndAcknowledge(core: Core): number {
  const { nextEvent, takeEvents, receiveSpan, consume, transmit, expire } = core.exports;
  let bytes = 0;
  for (let handle = nextEvent(); handle !== 0; handle = nextEvent()) {
    takeEvents(handle);
    for (let length = receiveSpan(handle); length > 0; length = receiveSpan(handle)) {
      consume(handle, length);
      bytes += length;
    }
  }
  while (expire() !== 0);
  for (let length = transmit(0); length !== 0; length = transmit(0)) answerArp(core, length);
  return bytes;
}

/** The peer answers when the stack asks for its station again. */
function answerArp(core: Core, length: number): void {
  const frame = core.tx(length);
  if (frame[12] !== 0x08 || frame[13] !== 0x06 || frame[21] !== 1) return;
  const reply = arpReply();
  core.rx.set(reply);
  core.exports.receive(0, reply.length);
}

function configure(core: Core): void {
  const { exports } = core;
  core.seed(randomBytes(32));
  core.advance(1000);
  core.putAddress(Uint8Array.from(STACK_MAC));
  check("interfaceConfigure", exports.interfaceConfigure(0, 1500));
  const length = core.putAddress(Uint8Array.from(STACK_ADDRESS));
  check("addressAdd", exports.addressAdd(0, length, 24, 0));
  check("interfaceLink", exports.interfaceLink(0, 1));
  const arp = arpRequest();
  core.rx.set(arp);
  exports.receive(0, arp.length);
  const listener = check("listen", exports.listen(0, SERVER_PORT, 1024));
  check("setOption", exports.setOption(listener, Option.SOURCE_LIMIT, 0));
  listeners.set(core, listener);
}

const listeners = new WeakMap<Core, number>();

/** The three-way handshake, one connection after the other. */
function openConnections(core: Core, count: number): PeerConnection[] {
  const frame = new Uint8Array(SEGMENT_OVERHEAD);
  const peers: PeerConnection[] = [];
  for (let index = 0; index < count; index++) {
    const port = FIRST_PEER_PORT + index;
    const sequence = 1_000_000 + index;
    const segment = {
      sourcePort: port,
      destinationPort: SERVER_PORT,
      sequence,
      acknowledgment: 0,
      flags: SYN,
      payloadBytes: 0,
    };
    core.advance(1000 + index);
    core.rx.set(frame.subarray(0, emitSegment(frame, segment)));
    const length = core.exports.receive(0, frame.length);
    if (length < SEGMENT_OVERHEAD) {
      throw new BenchError(
        `SYN ${index + 1} of ${count} from ${PEER_ADDRESS.join(".")}: no SYN+ACK`,
      );
    }
    const reply = Buffer.from(core.tx(length));
    const acknowledgment = (reply.readUInt32BE(TCP_OFFSET + 4) + 1) >>> 0;
    emitSegment(frame, { ...segment, sequence: sequence + 1, acknowledgment, flags: ACK });
    core.rx.set(frame);
    core.exports.receive(0, frame.length);
    readAndAcknowledge(core);
    check("accept", core.exports.accept(listeners.get(core)!));
    peers.push({ port, sequence: sequence + 1, acknowledgment });
  }
  return peers;
}

function buildBatch(frames: Uint8Array[], peers: PeerConnection[], random: () => number): void {
  for (const frame of frames) {
    const peer = peers[random() % peers.length]!;
    emitSegment(frame, {
      sourcePort: peer.port,
      destinationPort: SERVER_PORT,
      sequence: peer.sequence,
      acknowledgment: peer.acknowledgment,
      flags: PSH_ACK,
      payloadBytes: PAYLOAD_BYTES,
    });
    peer.sequence = (peer.sequence + PAYLOAD_BYTES) >>> 0;
  }
}

/** xorshift32: the same order of connections in every run. */
function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

export function check(what: string, result: number): number {
  if (result < 0) throw new BenchError(`${what} failed with errno ${-result} of the core`);
  return result;
}
