// A TCP conversation made frame by frame, followed as tcpdump follows it. Numbers are relative, as people think of
// them; on the wire both ends begin close to where the sequence space wraps.

import { createConversations, type Segment } from "../../../host/dissect/conversations.js";
import { dissect, type Packet } from "../../../host/dissect/packet.js";
import { tcpFrame, type IpFields } from "../../packets/support/frame.js";

interface Said {
  seq?: number;
  /** Default 1, and none without A among the flags. */
  ack?: number;
  win?: number;
  bytes?: number;
  options?: number[];
  /** Since the segment before it. Default 1000. */
  afterUs?: number;
}

export interface Heard {
  readonly number: number;
  readonly timeUs: number;
  readonly packet: Packet;
  readonly segment: Segment;
}

const ENDS = {
  a: { address: [198, 18, 0, 1], port: 49_152, isn: 0xffff_fff0 },
  b: { address: [198, 18, 0, 2], port: 80, isn: 0xffff_ff00 },
} as const;

type Name = keyof typeof ENDS;

const START_US = 1_700_000_000_000_000;

const addressesOf = (from: Name): Required<Pick<IpFields, "source" | "destination">> => ({
  source: [...ENDS[from].address],
  destination: [...ENDS[from === "a" ? "b" : "a"].address],
});

/** The frame of one segment. */
export function segmentFrame(from: Name, flags: string, said: Said = {}, shift = 0): Uint8Array {
  const [own, peer] = from === "a" ? [ENDS.a, ENDS.b] : [ENDS.b, ENDS.a];
  const { seq = 1, ack = 1, win = 1000, bytes = 0, options = [] } = said;
  return tcpFrame(
    1,
    {
      sourcePort: own.port,
      destinationPort: peer.port,
      seq: (own.isn + shift + seq) >>> 0,
      ack: flags.includes("A") ? (peer.isn + ack) >>> 0 : 0,
      flags,
      win,
      options,
      data: new Uint8Array(bytes).fill(0x61),
    },
    addressesOf(from),
  );
}

export function createTalk(conversations = createConversations()) {
  let number = 0;
  let timeUs = START_US;
  /** Moves the initial sequence numbers of a: another connection. */
  let shift = 0;

  function say(from: Name, flags: string, said: Said = {}): Heard {
    number++;
    timeUs += said.afterUs ?? 1000;
    const packet = dissect(segmentFrame(from, flags, said, from === "a" ? shift : 0));
    return { number, timeUs, packet, segment: conversations.follow(number, timeUs, packet)! };
  }

  return {
    /** One segment; what it means. */
    say,
    /** One segment; its words. */
    words: (from: Name, flags: string, said: Said = {}): readonly string[] =>
      say(from, flags, said).segment.words,
    /** The handshake: frames 1 to 3, 2 ms from the SYN to the last ACK. */
    open(win = 1000): Heard[] {
      return [
        say("a", "S", { seq: 0, win }),
        say("b", "SA", { seq: 0, win }),
        say("a", "A", { win }),
      ];
    },
    /** The next SYN of a is that of another connection. */
    moveOn: (by: number): void => void (shift = by),
  };
}
