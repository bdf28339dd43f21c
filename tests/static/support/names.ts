// Name servers and hosts on the link that answer some of the questions of the stack, by UDP and TCP:
// as they should, truncated, with aliases and failures, and damaged.

import { ipv4, parseTcp, PSH, ACK, tcp, udp } from "./frames.js";
import type { Random } from "./random.js";

const NAMES = ["a.example", "b.example", "www.a.example.", "printer.local", "a..b", "x"] as const;
const PORTS = [53, 5353];

export interface Names {
  /** Text of a name to ask for, mostly a name. */
  name(): Uint8Array;
  /** A frame that the stack sent. */
  seen(frame: Uint8Array): void;
  /** An answer, if there is a question. */
  give(receive: (frame: Uint8Array) => void): void;
}

export function createNames(random: Random): Names {
  const answers: Uint8Array[] = [];

  const seen = (frame: Uint8Array) => {
    const answer = answerByUdp(frame, random) ?? answerByTcp(frame, random);
    if (answer && random.percent(80)) answers.push(answer);
    if (answers.length > 8) answers.shift();
  };

  return {
    name: () =>
      random.percent(90)
        ? new TextEncoder().encode(random.pick(NAMES))
        : random.bytes(random.below(256)),
    seen,
    give(receive) {
      const answer = answers.shift();
      if (answer) receive(answer);
    },
  };
}

function answerByUdp(frame: Uint8Array, random: Random): Uint8Array | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 54 || view.getUint16(12) !== 0x0800 || frame[23] !== 17) return undefined;
  const [from, to] = [view.getUint16(34), view.getUint16(36)];
  if (!PORTS.includes(to)) return undefined;
  const peer = to === 53 ? (frame[33] ?? 0) : 10 + random.below(4);
  const message = answerTo(frame.subarray(42), random, true);
  return ipv4(peer, 17, udp(peer, to, from, message));
}

/** The question comes behind its length, in one segment. */
function answerByTcp(frame: Uint8Array, random: Random): Uint8Array | undefined {
  const segment = parseTcp(frame);
  if (!segment || segment.destinationPort !== 53 || segment.dataBytes < 14) return undefined;
  const message = answerTo(frame.subarray(frame.length - segment.dataBytes + 2), random, false);
  const length = random.percent(5) ? random.below(65536) : message.length;
  return tcp(segment.peer, {
    sourcePort: 53,
    destinationPort: segment.sourcePort,
    sequence: segment.acknowledgment,
    acknowledgment: (segment.sequence + segment.dataBytes) >>> 0,
    flags: PSH | ACK,
    window: 65535,
    data: Uint8Array.of(length >> 8, length & 255, ...message),
  });
}

/** Header and question come back; records follow. */
function answerTo(question: Uint8Array, random: Random, mayBeTruncated: boolean): Uint8Array {
  let end = 12;
  while (end < question.length && question[end] !== 0) end += 1 + (question[end] ?? 0);
  const head = [...question.subarray(0, end + 5)];
  const code = random.percent(80) ? 0 : random.below(6);
  head[2] = 0x80 | (mayBeTruncated && random.percent(20) ? 2 : 0);
  head[3] = code;
  head.fill(0, 6, 12);
  const count = random.below(6);
  head[7] = random.percent(95) ? count : random.below(256);
  for (let i = 0; i < count; i++) head.push(...recordOf(random));
  const message = Uint8Array.from(head);
  for (let damages = random.percent(30) ? 1 + random.below(4) : 0; damages > 0; damages--)
    message[random.below(message.length)] = random.word() & 255;
  return random.percent(90) ? message : message.subarray(0, random.below(message.length));
}

function recordOf(random: Random): number[] {
  const alias = random.percent(25);
  const ttl = [0, 0, random.below(4), random.below(256)];
  const data = alias ? [1, 97 + random.below(2), 0xc0, 12] : [192, 0, 2, random.below(256)];
  return [0xc0, 12, 0, alias ? 5 : 1, 0, 1, ...ttl, 0, data.length, ...data];
}
