// O2: data on the third segment.

import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";

export const firstData: Scenario = {
  id: "O2",
  family: "opening",
  title: "Data on the third segment",
  shows:
    "A client that has something to say at once need not wait for a bare ACK to leave first. Its first bytes " +
    "ride on the third segment, which acknowledges the server's SYN as it would anyway. The server has a " +
    "connection and a request in the same moment.",
  look: [
    "The third segment carries bytes 1 to 5 and the ACK: seq 1:6 ack 1.",
    "The server becomes ESTABLISHED and can read at the same time; one round trip is enough for a request.",
  ],
  why:
    "Any segment may carry data once the SYN of the peer is known. RFC 9293, section 3.5: data are kept, and " +
    "given to the application once the connection is established.",
  async script(world, expect) {
    world.server.listen(PORT);
    const talk = world.client.connect(PORT);
    talk.onOpen = () => void talk.send("hello");
    world.until("the server has read", () => world.server.talks[0]?.received === "hello");
    world.run(100);
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> PSH ACK seq 1:6 ack 1",
      "< ACK ack 6",
    ]);
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED"]);
  },
};
