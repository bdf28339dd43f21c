// O7: the third segment never arrives.

import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

export const lostAck: Scenario = {
  id: "O7",
  family: "opening",
  title: "Third segment lost",
  shows:
    "From the third segment on, nothing that the client sends arrives. The client believes in its connection; " +
    "the server is still in SYN-RECEIVED and sends SYN ACK again, each time after twice the wait. After three " +
    "of them it gives up, says so with RST, and forgets the entry.",
  look: [
    "Each repeated SYN ACK makes the client say its ACK again. One of them would have been enough.",
    "The waits double: 1, 2, 4 and 8 seconds. SYN_ACK_RETRIES sets how often.",
    "The server has spent an entry of 28 bytes, and no application has noticed.",
    "The client hears of it by the RST: ECONNRESET.",
  ],
  why:
    "The client may write as soon as it is ESTABLISHED, and any of its segments would open the server, too; only " +
    "silence ends the attempt. RFC 9293, section 3.8.1, and RFC 6298, section 5.5.",
  async script(world, expect) {
    const { client, server, wire } = world;
    server.listen(PORT);
    wire.rule(({ from, number }) => (from === "client" && number > 1 ? "lost" : undefined));
    const talk = client.connect(PORT);
    world.until("the server gives up", () => talk.error !== "");
    const again = ["< SYN ACK seq 0 ack 1", "> ACK ack 1 (lost)"];
    expect.segments([
      ...["> SYN seq 0", ...again],
      ...[...again, ...again, ...again],
      "< RST seq 1",
    ]);
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED", "CLOSED"]);
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "CLOSED"]);
    expect.error("the client", talk, "ECONNRESET");
    expect.equal("handshakes given up", server.stack.counters().tcp_handshake_timeouts, 1);
    expect.idle(server);
  },
};
