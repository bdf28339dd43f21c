// C2: the answer to a FIN is a FIN.

import type { Scenario } from "../scenario.js";
import { open, PORT } from "../steps.js";

export const threeSegmentClose: Scenario = {
  id: "C2",
  family: "closing",
  title: "Three-segment close",
  shows:
    "The server has nothing left to say when the client's FIN arrives, and closes in the same moment. Its ACK and " +
    "its own FIN share a segment, and three segments do the work of four.",
  look: [
    "FIN ACK seq 1 ack 2 says both: I have heard your end, and this is mine.",
    "One segment brings the client from FIN-WAIT-1 to TIME-WAIT. It looks at the ACK first and at the FIN next, so " +
      "FIN-WAIT-2 is in the history, and has lasted for no time.",
    "The server passes through CLOSE-WAIT for no time at all.",
  ],
  why: "A FIN that acknowledges ours leads from FIN-WAIT-1 to TIME-WAIT. RFC 9293, section 3.10.7.4, eighth step.",
  async script(world, expect) {
    world.server.listen(PORT, (talk) => {
      talk.onRead = () => {
        if (talk.hasEnded) talk.close();
      };
    });
    const { near } = open(world);
    near.shutdown();
    world.until("the client has read the end", () => near.hasEnded);
    near.close();
    world.run(70_000);
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> ACK ack 1",
      "> FIN ACK seq 1 ack 1",
      "< FIN ACK seq 1 ack 2",
      "> ACK ack 2",
    ]);
    expect.states("client", [
      ...(["CLOSED", "SYN-SENT", "ESTABLISHED"] as const),
      ...(["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"] as const),
    ]);
    expect.states("server", [
      ...(["LISTEN", "SYN-RECEIVED", "ESTABLISHED"] as const),
      ...(["CLOSE-WAIT", "LAST-ACK", "CLOSED"] as const),
    ]);
  },
};
