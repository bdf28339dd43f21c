// What the processing of a frame takes that is answered at once: an echo request and its reply, by a probe that counts
// instructions.

import { createHash } from "node:crypto";
import type { Core } from "../core/core.js";
import type { BoardProfile } from "./board.js";
import type { Probe } from "./probe.js";
import { recordWork } from "./transcript.js";

export interface PingCost {
  /** Bytes of data of the echo request. */
  readonly bytes: number;
  /** Instructions of receive(), which builds the reply, too. */
  readonly instructions: number;
}

export const PING_SIZES = [56, 1_400] as const;

/** Pings of each size; the fewest instructions count. */
const ROUNDS = 4;
const HEADERS = 14 + 20 + 8;
const MTU = 1_500;
const OUR_MAC = Buffer.from([2, 0, 0, 0, 0, 1]);
const PEER_MAC = Buffer.from([2, 0, 0, 0, 0, 2]);
const OUR_ADDRESS = Buffer.from([198, 18, 0, 2]);
const PEER_ADDRESS = Buffer.from([198, 18, 0, 1]);

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function arpRequest(): Buffer {
  const fixed = Buffer.from([0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1]);
  const frame = Buffer.concat([
    ...[OUR_MAC, PEER_MAC, fixed, PEER_MAC, PEER_ADDRESS, Buffer.alloc(6), OUR_ADDRESS],
    Buffer.alloc(18),
  ]);
  return frame;
}

function echoRequest(bytes: number, sequence: number): Buffer {
  const ip = Buffer.from([
    0x45,
    0,
    0,
    0,
    0,
    0,
    0x40,
    0,
    64,
    1,
    0,
    0,
    ...PEER_ADDRESS,
    ...OUR_ADDRESS,
  ]);
  ip.writeUInt16BE(28 + bytes, 2);
  ip.writeUInt16BE(checksum(ip), 10);
  const icmp = Buffer.alloc(8 + bytes, 0x5a);
  icmp.set([8, 0, 0, 0, 0, 1]);
  icmp.writeUInt16BE(sequence, 6);
  icmp.writeUInt16BE(checksum(icmp), 2);
  return Buffer.concat([OUR_MAC, PEER_MAC, Buffer.from([0x08, 0]), ip, icmp]);
}

function answerPings(core: Core): void {
  const { exports } = core;
  const hand = (frame: Buffer) => {
    core.rx.set(frame);
    if (exports.receive(0, frame.length) === 0) throw new Error("a frame was not answered");
  };
  core.seed(createHash("sha256").update("pings").digest());
  core.advance(1_000);
  core.putAddress(OUR_MAC);
  exports.interfaceConfigure(0, MTU);
  exports.interfaceLink(0, 1);
  exports.addressAdd(0, core.putAddress(OUR_ADDRESS), 24, 0);
  hand(arpRequest());
  let sequence = 0;
  for (const bytes of PING_SIZES) {
    for (let round = 0; round < ROUNDS; round++) hand(echoRequest(bytes, ++sequence));
  }
}

/** `perTick`: as of the board. */
export async function measurePings(
  probe: Probe,
  profile: BoardProfile,
  perTick: number,
): Promise<PingCost[]> {
  const steps = await recordWork(profile, answerPings);
  await probe.start();
  const answers = await probe.play(steps);
  const { overhead } = await probe.info();
  return PING_SIZES.map((bytes) => {
    const ticks = steps.flatMap(({ name, given }, at) =>
      name === "receive" && given[1] === HEADERS + bytes ? [answers[at]!.ticks - overhead] : [],
    );
    return { bytes, instructions: Math.round(Math.min(...ticks) * perTick) };
  });
}
