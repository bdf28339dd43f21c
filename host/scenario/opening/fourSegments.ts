// O3: the peer answers in two segments where one would do.

import { ACK, SYN } from "../../dissect/tcp.js";
import { segmentFrame } from "../forge.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

/** The initial number of the peer that is made by hand. */
const ISN = 5_000;
const PAUSE_MS = 30;

export const fourSegments: Scenario = {
  id: "O3",
  family: "opening",
  title: "Handshake in four segments and more",
  shows:
    "The server is played by hand. It acknowledges the SYN with a bare ACK and sends its own SYN a moment " +
    "later, as a segment of its own. Our client takes it as it comes: the connection opens all the same, by " +
    "the way of a simultaneous open.",
  look: [
    "The bare ACK changes nothing: the client stays in SYN-SENT, because it has no number of the peer's yet.",
    "The separate SYN brings it to SYN-RECEIVED, and it answers with SYN ACK.",
    "Wireshark expects no ACK before the SYN, and takes the SYN for the beginning of another connection.",
    "The server has no states here. There is no stack on that side, only a script.",
  ],
  why:
    "SYN and ACK are two statements; that they usually share a segment is thrift. RFC 9293, section 3.10.7.3: " +
    "an acceptable ACK without SYN is dropped in SYN-SENT, a SYN without ACK leads to SYN-RECEIVED.",
  async script(world, expect) {
    const { wire, clock } = world;
    const answer = (flags: number, sequence: number, acknowledgment: number, port: number) =>
      wire.send(
        "server",
        segmentFrame("server", {
          ...{ sourcePort: PORT, destinationPort: port },
          ...{ flags, sequence, acknowledgment },
        }),
      );
    wire.take("server", ({ tcp }) => {
      const next = (tcp.sequence + 1) >>> 0;
      if (tcp.flags === SYN) {
        answer(ACK, ISN, next, tcp.sourcePort);
        clock.after(PAUSE_MS, () => answer(SYN, ISN, 0, tcp.sourcePort));
      } else if (tcp.flags & SYN) answer(ACK, ISN + 1, next, tcp.sourcePort);
    });
    const talk = world.client.connect(PORT);
    world.until("the client is open", () => talk.isOpen);
    expect.segments([
      "> SYN seq 0",
      "< ACK ack 1",
      "< SYN seq 0",
      "> SYN ACK seq 0 ack 1",
      "< ACK ack 1",
    ]);
    expect.states("client", ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]);
  },
};
