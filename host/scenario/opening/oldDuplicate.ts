// O4: a SYN that was late arrives when its connection is long over.

import { SYN } from "../../dissect/tcp.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

const LATE_MS = 5_000;

export const oldDuplicate: Scenario = {
  id: "O4",
  family: "opening",
  title: "Old duplicate SYN",
  shows:
    "The first SYN takes five seconds on its way. After one second the client sends it again, the connection " +
    "opens, is used and is aborted. Then the original arrives, and the server takes it for a request. Its " +
    "answer meets a host that has not asked, and that host resets: the server frees what it had set aside.",
  look: [
    "The late SYN is drawn where it arrives. The server cannot tell it from a new one, and should not try.",
    "SYN ACK acknowledges a number that the client has no connection for. RST with seq 1 refuses it.",
    "The server goes back to LISTEN without an application ever having heard of it.",
    "Wireshark counts the late SYN to the old connection, and then misses a million bytes of the server's: the " +
      "number of the SYN ACK is new, and has risen with the clock.",
  ],
  why:
    "This is what the third segment is for: an old SYN gets an answer, but never a connection. RFC 9293, " +
    "section 3.5 (figure 8), and section 3.10.7.4.",
  async script(world, expect) {
    const { client, server, wire } = world;
    server.listen(PORT);
    let isFirst = true;
    wire.rule(({ packet: { tcp } }) => {
      if (tcp?.flags !== SYN || !isFirst) return undefined;
      isFirst = false;
      return { laterMs: LATE_MS };
    });
    const talk = client.connect(PORT);
    world.until("the second SYN has opened it", () => talk.isOpen && server.talks.length === 1);
    talk.abort();
    world.run(LATE_MS);
    expect.segments([
      "> SYN seq 0",
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> ACK ack 1",
      "> RST ACK seq 1 ack 1",
      "< SYN ACK seq 0 ack 1",
      "> RST seq 1",
    ]);
    const first = ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSED"] as const;
    expect.states("server", [...first, "LISTEN", "SYN-RECEIVED", "LISTEN"]);
    expect.equal("connections that an application has heard of", server.talks.length, 1);
    expect.idle(server);
  },
};
