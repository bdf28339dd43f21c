// Segments made by hand, for what no stack of ours would send: a SYN from an address that is not the sender's, an
// answer in pieces. Input: the fields that matter; output: a frame with right checksums.

import { frameOf } from "../packetdrill/live.js";
import type { TcpOption } from "../packetdrill/script.js";
import { parseMac } from "../core/address.js";
import type { Side } from "./scenario.js";
import { other } from "./scenario.js";
import { ADDRESSES, MACS } from "./world.js";

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Bits as in the header. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  readonly window?: number;
  readonly options?: readonly TcpOption[];
  /** Default: that of the side that it seems to come from. */
  readonly source?: string;
}

/** A frame that seems to come from a side. */
export function segmentFrame(from: Side, segment: Segment): Uint8Array {
  const { acknowledgment = 0, window = 65_535, options = [], source = ADDRESSES[from] } = segment;
  const to = other(from);
  return frameOf(
    {
      kind: "tcp",
      source,
      destination: ADDRESSES[to],
      tos: 0,
      ttl: 64,
      dontFragment: true,
      sourcePort: segment.sourcePort,
      destinationPort: segment.destinationPort,
      seq: segment.sequence,
      ack: acknowledgment,
      flags: segment.flags,
      window,
      urgent: 0,
      options,
      payload: new Uint8Array(0),
    },
    parseMac(MACS[to]),
    parseMac(MACS[from]),
  );
}
