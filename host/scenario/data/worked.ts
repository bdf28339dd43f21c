// D1: a byte stream with its numbers, worked out.

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

/** What the initial numbers of both sides are called here. */
const BASES = { client: 8_000, server: 15_000 } as const;
const PIECE = 1_000;

export const worked: Scenario = {
  id: "D1",
  family: "data",
  title: "A byte stream and its numbers",
  shows:
    "The client's SYN has number 8000, so its first byte has 8001. It sends two segments of 1,000 bytes; the " +
    "server answers with 2,000 bytes in one segment, which acknowledges both at once. The client acknowledges " +
    "that with a bare ACK.",
  look: [
    "A number counts bytes, not segments: 8001, then 9001, and the next would be 10001.",
    "ack 10001 means: everything before 10001 has come. One ACK for two segments.",
    "That ACK costs nothing: it rides on data that would have left anyway.",
    "ack 17001 comes alone, 40 ms later. The client had nothing to say, and waited for company.",
    "PSH stands on the last segment of each write.",
  ],
  why:
    "TCP numbers bytes, so that a segment can be cut anew when it is sent again. RFC 9293, sections 3.4 and 3.8. " +
    "Initial numbers are random; 8000 and 15000 stand for them here. Packets of 9,000 bytes let 2,000 ride in one.",
  setup: { mtu: 9_000 },
  showing: { bases: BASES },
  async script(world, expect) {
    const { near, far } = open(world);
    far.onRead = () => {
      if (far.receivedBytes === 2 * PIECE) far.send(2 * PIECE);
    };
    near.connection.setOption("NO_DELAY", 1);
    near.send(PIECE);
    world.run(0);
    near.send(PIECE);
    world.until("the answer is there", () => near.receivedBytes === 2 * PIECE);
    world.run(100);
    expect.segments([
      "> SYN seq 8000",
      "< SYN ACK seq 15000 ack 8001",
      "> ACK ack 15001",
      "> PSH ACK seq 8001:9001 ack 15001",
      "> PSH ACK seq 9001:10001 ack 15001",
      "< PSH ACK seq 15001:17001 ack 10001",
      "> ACK ack 17001",
    ]);
    expect.equal("bytes that the server has read", far.receivedBytes, 2 * PIECE);
  },
};
