// C5: why the one that closed first has to wait.

import { FIN } from "../../dissect/tcp.js";
import type { Scenario } from "../scenario.js";
import { open, openStates } from "../steps.js";

export const timeWait: Scenario = {
  id: "C5",
  family: "closing",
  title: "TIME-WAIT and the last ACK",
  shows:
    "The client closes first, and its last ACK is lost. The server has heard nothing and sends its FIN again. The " +
    "client is in TIME-WAIT and still knows the connection: it acknowledges again and begins its wait anew. Two " +
    "maximum segment lifetimes later it forgets, and the port can be used again.",
  look: [
    "Without TIME-WAIT the repeated FIN would meet nobody and get a RST, and the server an error for a good close.",
    "The wait begins anew with the second ACK: CLOSED comes 60 s after it.",
    "The server is CLOSED at once; who closes first pays.",
    "The repeated ACK comes from a record of 20 bytes. It has no window any more, and Wireshark says [TCP ZeroWindow].",
    "In the end the same port opens a new connection.",
  ],
  why:
    "An old segment must not fall into a new connection between the same ports, so the ports rest for as long as a " +
    "segment can live, there and back. RFC 9293, section 3.6.1. MSL_MS is 30 s here; the RFC's is 2 minutes.",
  async script(world, expect) {
    const { near, far } = open(world);
    near.shutdown();
    world.until("the server has read the end", () => far.hasEnded);
    world.run(100);
    far.close();
    // The client's next segment is the last ACK.
    world.wire.lose("client", ({ tcp }) => (tcp!.flags & FIN) === 0);
    world.until("the client has read the end", () => near.hasEnded);
    near.close();
    world.run(50);
    expect.equal("state of the client", openStates(world.client), ["TIME-WAIT"]);
    const begunMs = world.clock.now();
    world.until("the server has its ACK", () => openStates(world.server).length === 0);
    const againMs = world.clock.now();
    expect.that("the FIN came again at once", againMs > begunMs);
    world.until("the client forgets", () => openStates(world.client).length === 0);
    const waitedMs = world.clock.now() - againMs;
    expect.that(
      `the wait behind the second ACK is ${waitedMs} ms`,
      Math.abs(waitedMs - 60_000) < 200,
    );
    expect.among([
      "< FIN ACK seq 1 ack 2",
      "> ACK ack 2 (lost)",
      "< FIN ACK seq 1 ack 2",
      "> ACK ack 2",
    ]);
    expect.states("client", [
      ...(["CLOSED", "SYN-SENT", "ESTABLISHED"] as const),
      ...(["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"] as const),
    ]);
    const again = world.client.connect(8000, { localPort: near.connection.localPort });
    world.until("the same port is open again", () => again.isOpen);
  },
};
