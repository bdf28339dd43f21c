// O1: the handshake in three segments.

import type { Scenario } from "../scenario.js";

export const handshake: Scenario = {
  id: "O1",
  family: "opening",
  title: "Three-segment handshake",
  shows:
    "The client asks with SYN, the server agrees and asks back in one segment, the client agrees. " +
    "After that each side knows where the other begins to count, and knows that the other knows.",
  look: [
    "Each SYN takes one sequence number: the answer to seq 0 is ack 1, although no byte of data has come.",
    "The third segment is a bare ACK. It takes no number, so it is never acknowledged and never sent again.",
    "The server leaves LISTEN with the first segment and is ESTABLISHED with the third; the client with the second.",
  ],
  why:
    "Two segments would not do: the server could not tell a client that is there from a SYN that has been " +
    "under way for minutes. Only an answer to its own number tells it. RFC 9293, sections 3.4 and 3.5 (figure 6).",
  async script(world, expect) {
    world.server.listen(8000);
    const talk = world.client.connect(8000);
    world.until("the connection is open", () => talk.isOpen && world.server.talks.length === 1);
    expect.segments(["> SYN seq 0", "< SYN ACK seq 0 ack 1", "> ACK ack 1"]);
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED"]);
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]);
  },
};
