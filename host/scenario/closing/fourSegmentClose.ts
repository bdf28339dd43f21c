// C1: each side closes in its own time.

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

export const fourSegmentClose: Scenario = {
  id: "C1",
  family: "closing",
  title: "Four-segment close",
  shows:
    "A connection has two directions, and each is closed by itself. The client has nothing more to send and says " +
    "FIN; the server acknowledges it and finishes its own work; then it says FIN, and the client acknowledges " +
    "that. The one that closed first waits for a minute before it forgets.",
  look: [
    "FIN takes one sequence number, with or without data: the answer to seq 1 is ack 2.",
    "The client goes through FIN-WAIT-1 and FIN-WAIT-2, the server through CLOSE-WAIT and LAST-ACK.",
    "The server is CLOSED with the last ACK. The client sits in TIME-WAIT: somebody must remember.",
  ],
  why:
    "Only the receiver knows when it has everything, and only the sender knows when there is no more. RFC 9293, " +
    "section 3.6 (figure 12).",
  async script(world, expect) {
    const { near, far } = open(world);
    near.shutdown();
    world.until("the server has read the end", () => far.hasEnded);
    world.run(200);
    far.close();
    world.until("the client has read the end", () => near.hasEnded);
    near.close();
    world.run(70_000);
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> ACK ack 1",
      "> FIN ACK seq 1 ack 1",
      "< ACK ack 2",
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
