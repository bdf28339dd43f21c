// D3: what is lost is sent again.

import type { Packet } from "../../dissect/packet.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

const SEGMENT = 1_000;
/** RFC 6298 section 5.5; the waits have a bit of chance in them. */
const LEAST_FACTOR = 1.5;
const MOST_FACTOR = 2.5;

export const retransmission: Scenario = {
  id: "D3",
  family: "data",
  title: "Loss and retransmission",
  shows:
    "Of eight segments the second and the fourth are lost. The receiver tells with every ACK what it has, and the " +
    "sender repeats exactly the two holes, after a round trip and not after a timeout. Then a single segment is " +
    "lost three times: nobody can complain, so a timer does, and waits twice as long each time.",
  look: [
    "Duplicate ACKs say ack 1001 again and again: this is where the hole is.",
    "SACK blocks name what lies beyond the hole. Nothing of it is sent again.",
    "Three duplicates bring [TCP Fast Retransmission], long before a timeout.",
    "Alone and lost, a segment waits for the RTO; it doubles with each try.",
  ],
  why:
    "A timeout means that nothing has been heard, and costs the most. RFC 5681, section 3.2 (fast retransmit); " +
    "RFC 2018 and 6675 (SACK); RFC 6298, sections 2 and 5 (RTO and its back-off).",
  setup: { mtu: SEGMENT + 40, options: { TIMESTAMPS: 0 } },
  async script(world, expect) {
    const { wire } = world;
    const { near, far } = open(world);
    const { sequence: initial } = wire.flights[0]!.tcp;
    const begins = (at: number) => (packet: Packet) =>
      packet.tcp!.dataBytes > 0 && packet.tcp!.sequence === (initial + at) >>> 0;
    wire.lose("client", begins(1 + SEGMENT));
    wire.lose("client", begins(1 + 3 * SEGMENT));
    near.send(8 * SEGMENT);
    world.until("all eight have arrived", () => far.receivedBytes === 8 * SEGMENT);
    world.run(200);
    const counters = () => world.client.stack.counters();
    expect.equal("timeouts so far", counters().tcp_timeout_retransmits, 0);
    expect.among([
      "> ACK seq 1001:2001 ack 1 (lost)",
      "> ACK seq 3001:4001 ack 1 (lost)",
      "< ACK ack 1001",
      "< ACK ack 1001",
      "< ACK ack 1001",
      "> ACK seq 1001:2001 ack 1",
      "> ACK seq 3001:4001 ack 1",
      "< ACK ack 8001",
    ]);
    expect.equal("segments sent again", counters().tcp_fast_retransmits, 2);

    world.remark("(alone, and lost three times)");
    wire.lose("client", begins(1 + 8 * SEGMENT), 3);
    near.send(500);
    world.until("it has arrived", () => far.receivedBytes === 8 * SEGMENT + 500);
    const tries = wire.flights.filter(({ sequence }) => sequence === 1 + 8 * SEGMENT);
    const waits = tries.slice(1).map(({ atMs }, index) => atMs - tries[index]!.atMs);
    expect.equal("tries", tries.length, 4);
    for (const [index, wait] of waits.slice(1).entries()) {
      const factor = wait / waits[index]!;
      const doubles = factor > LEAST_FACTOR && factor < MOST_FACTOR;
      expect.that(`wait ${index + 2} is ${factor} times the one before`, doubles);
    }
    expect.equal("timeouts", counters().tcp_timeout_retransmits, 3);
  },
};
