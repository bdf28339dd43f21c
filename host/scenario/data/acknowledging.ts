// D2: three ways to acknowledge.

import type { Talk } from "../host.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";
import { tableLines } from "../table.js";
import { secondsText } from "../ladder.js";

const SEGMENT = 1_000;

export const acknowledging: Scenario = {
  id: "D2",
  family: "data",
  title: "Delayed, cumulative and piggybacked ACK",
  shows:
    "A small segment is acknowledged after 40 ms: something better might have come along. Two full segments are " +
    "acknowledged at once, by one ACK. And when the server answers within the 40 ms, the ACK rides on the answer.",
  look: [
    "First: 100 bytes, and 40 ms of silence at the server before ack 101.",
    "Then: two segments of 1,000 bytes, and one ack 2101 without delay.",
    "At last: 100 bytes, and 20 ms later an answer of 50 that carries ack 2201. No bare ACK from the server.",
    "The timer that the server waits for is in its control block: see the table.",
  ],
  why:
    "An ACK of its own is a packet without a byte. It may wait up to half a second, but at least every second full " +
    "segment must have one. RFC 9293, section 3.8.6.3.",
  setup: { mtu: SEGMENT + 40, options: { TIMESTAMPS: 0 } },
  async script(world, expect) {
    const { near, far } = open(world);
    const rows: (string | number)[][] = [["after", "arrived", "ACK due in"]];
    const startMs = world.clock.now();
    const look = (): void => {
      const due = dueMs(far);
      const after = `${secondsText(world.clock.now() - startMs)} s`;
      rows.push([after, far.receivedBytes, due < 0 ? "not armed" : `${due} ms`]);
    };

    near.send(100);
    world.until("it arrives", () => far.receivedBytes === 100);
    look();
    expect.equal("ms until the delayed ACK", dueMs(far), 40);
    world.run(30);
    look();
    world.run(70);
    look();
    near.send(2 * SEGMENT);
    world.run(100);
    look();
    near.send(100);
    world.until("it arrives", () => far.receivedBytes === 2_200);
    look();
    world.run(20);
    far.send(50);
    world.run(0);
    look();
    world.run(100);
    world.show("The server's timer of the delayed ACK", tableLines(rows));
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> ACK ack 1",
      "> PSH ACK seq 1:101 ack 1",
      "< ACK ack 101",
      "> ACK seq 101:1101 ack 1",
      "> PSH ACK seq 1101:2101 ack 1",
      "< ACK ack 2101",
      "> PSH ACK seq 2101:2201 ack 1",
      "< PSH ACK seq 1:51 ack 2201",
      "> ACK ack 51",
    ]);
  },
};

const dueMs = ({ connection }: Talk): number => connection.info()?.ackTimerMs ?? -1;
