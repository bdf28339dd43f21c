// Peers on the wire that half know TCP: they answer what the stack sends, mostly as they should,
// so that connections open, carry data, break and close, and the stack passes through its states.

import { answerToDhcp } from "./dhcp.js";
import {
  ACK,
  FIN,
  PSH,
  RST,
  type Received,
  SYN,
  arp,
  echoRequest,
  ipv4,
  parseArpRequest,
  parseTcp,
  tcp,
  udp,
} from "./frames.js";
import type { Random } from "./random.js";

const PEERS = [10, 11, 12, 13] as const;
export const PORTS = [7, 9, 80] as const;
const MSS_OPTION = Uint8Array.of(2, 4, 5, 180, 1, 3, 3, 2);

const REQUEST = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: mote\r\n\r\n");

export interface Peers {
  /** A frame that the stack sent. */
  seen(frame: Uint8Array): void;
  /** A frame for the stack. */
  next(): Uint8Array;
}

export function createPeers(random: Random): Peers {
  const queue: Uint8Array[] = [];
  const recent: Uint8Array[] = [];

  const seen = (frame: Uint8Array) => {
    const asked = parseArpRequest(frame);
    if (asked !== undefined && random.percent(90)) queue.push(arp(asked, 2));
    const segment = parseTcp(frame);
    const answer = segment ? answerTo(segment, random) : answerToDhcp(frame, random);
    if (answer) queue.push(answer);
    if (queue.length > 64) queue.shift();
  };

  const next = () => {
    const waiting = queue.length > 0 && random.percent(80) ? queue.shift() : undefined;
    if (waiting && random.percent(8)) queue.push(waiting);
    const frame = waiting ?? freshFrame(random, recent);
    recent.push(frame);
    if (recent.length > 16) recent.shift();
    return frame;
  };

  return { seen, next };
}

function answerTo(segment: Received, random: Random): Uint8Array | undefined {
  const { flags, dataBytes } = segment;
  const control = (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
  const end = (segment.sequence + dataBytes + control) >>> 0;
  const basic = {
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
    sequence: segment.acknowledgment,
    acknowledgment: end,
    flags: ACK,
    window: random.percent(8) ? 0 : 500 + random.below(65000),
  };
  if (flags & RST) return undefined;
  const isOpening = (flags & (SYN | ACK)) === SYN;
  if (isOpening) {
    const sequence = random.percent(50) ? random.word() : (0 - random.below(2000)) >>> 0;
    const reply = random.percent(10) ? SYN : random.percent(10) ? RST | ACK : SYN | ACK;
    return tcp(segment.peer, { ...basic, sequence, flags: reply, options: MSS_OPTION });
  }
  const dice = random.below(100);
  if (dice < 5) return undefined;
  if (dice < 8) return tcp(segment.peer, { ...basic, flags: RST | ACK });
  if (dice < 18) return tcp(segment.peer, { ...basic, flags: FIN | ACK });
  const noise = random.bytes(1 + random.below(random.percent(20) ? 1400 : 60));
  const data = random.percent(20) ? REQUEST : noise;
  if (dice < 40) return tcp(segment.peer, { ...basic, flags: PSH | ACK, data });
  if (dice < 52) {
    const sequence = (basic.sequence + 1 + random.below(300)) >>> 0;
    return tcp(segment.peer, { ...basic, sequence, data });
  }
  return dataBytes + control > 0 || random.percent(20) ? tcp(segment.peer, basic) : undefined;
}

/** What nobody asked for: openings, requests, repeated, damaged and meaningless frames. */
function freshFrame(random: Random, recent: Uint8Array[]): Uint8Array {
  const peer = random.pick(PEERS);
  const dice = random.below(100);
  if (dice < 6) return datagram(peer, random);
  if (dice < 45) {
    return tcp(peer, {
      sourcePort: 1024 + random.below(300),
      destinationPort: random.pick(PORTS),
      sequence: random.percent(50) ? random.word() : (0 - random.below(50)) >>> 0,
      acknowledgment: 0,
      flags: SYN,
      window: random.below(65536),
      options: MSS_OPTION,
    });
  }
  if (dice < 55) return arp(peer, 1 + random.below(2));
  if (dice < 63) return echoRequest(peer, random.bytes(random.below(200)));
  const old = recent[random.below(recent.length + 1)];
  if (old && dice < 90) return random.percent(40) ? old : damaged(old, random);
  if (dice < 95) return random.bytes(random.below(200));
  return tcp(peer, {
    sourcePort: random.below(65536),
    destinationPort: random.below(65536),
    sequence: random.word(),
    acknowledgment: random.word(),
    flags: random.below(64),
    window: random.below(65536),
  });
}

/** Whole, or a part of it: of few identifications, so that others follow. */
function datagram(peer: number, random: Random): Uint8Array {
  const data = random.bytes(random.below(random.percent(20) ? 1400 : 80));
  const bytes = udp(peer, random.pick(PORTS), random.pick(PORTS), data);
  if (random.percent(40)) return ipv4(peer, 17, bytes);
  const half = 8 * Math.ceil(bytes.length / 16);
  const id = random.below(4);
  return random.percent(50)
    ? ipv4(peer, 17, bytes.slice(0, half), [id, 0x2000])
    : ipv4(peer, 17, bytes.slice(half), [id, half >> 3]);
}

function damaged(frame: Uint8Array, random: Random): Uint8Array {
  const copy = frame.slice(0, random.percent(20) ? random.below(frame.length) : frame.length);
  const at = random.below(copy.length);
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}
