// O11: nobody listens.

import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

export const refused: Scenario = {
  id: "O11",
  family: "opening",
  title: "Connection refused",
  shows:
    "The client asks for a port at which nobody listens. The host is there, so the answer comes at once: RST. " +
    "The application hears ECONNREFUSED after one round trip, and not after minutes of silence.",
  look: [
    "RST ACK acknowledges the SYN: only who has seen the number can refuse it.",
    "The server keeps nothing, neither before nor after.",
    "Silence would mean something else: a host that is not there, or a filter on the way.",
  ],
  why: "A RST that acknowledges the SYN ends SYN-SENT at once. RFC 9293, sections 3.10.7.1 (CLOSED) and 3.10.7.3.",
  async script(world, expect) {
    const talk = world.client.connect(PORT);
    world.until("it is refused", () => talk.error !== "");
    expect.segments(["> SYN seq 0", "< RST ACK seq 0 ack 1"]);
    expect.states("client", ["CLOSED", "SYN-SENT", "CLOSED"]);
    expect.states("server", ["CLOSED"]);
    expect.error("the client", talk, "ECONNREFUSED");
    expect.equal("records of the server", world.server.stack.connections().length, 0);
  },
};
