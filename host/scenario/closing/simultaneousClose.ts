// C4: both sides close at once.

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

export const simultaneousClose: Scenario = {
  id: "C4",
  family: "closing",
  title: "Simultaneous close",
  shows:
    "Both applications call close() at the same moment. The two FINs cross on the wire. Each side has sent its own " +
    "FIN and gets the peer's before it is acknowledged: there is a state for exactly this, CLOSING.",
  look: [
    "FIN-WAIT-1 on both sides: neither FIN answers the other.",
    "CLOSING means: I have your FIN, but you have not acknowledged mine yet.",
    "Both end in TIME-WAIT, because neither can know whether its last ACK has arrived.",
  ],
  why: "RFC 9293, section 3.6 (figure 13). A rare picture in captures, and a good test of a stack.",
  async script(world, expect) {
    const { near, far } = open(world);
    world.run(100);
    near.close();
    far.close();
    world.run(70_000);
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> ACK ack 1",
      "> FIN ACK seq 1 ack 1",
      "< FIN ACK seq 1 ack 1",
      "> ACK ack 2",
      "< ACK ack 2",
    ]);
    const closing = ["FIN-WAIT-1", "CLOSING", "TIME-WAIT", "CLOSED"] as const;
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED", ...closing]);
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", ...closing]);
  },
};
