// O5: both sides open at once.

import type { Scenario } from "../scenario.js";

const LEFT = 7001;
const RIGHT = 7002;

export const simultaneousOpen: Scenario = {
  id: "O5",
  family: "opening",
  title: "Simultaneous open",
  shows:
    "Both hosts call connect() at the same moment, each to the port that the other one calls from. " +
    "Nobody listens, and still they meet: the two SYNs cross on the wire, and what comes of it is one " +
    "connection, not two.",
  look: [
    "Neither SYN answers the other: both hosts go from SYN-SENT to SYN-RECEIVED.",
    "The SYN ACK of each repeats its own seq 0. It is the same SYN, now with the answer to the peer's.",
    "Wireshark calls both of them retransmissions, because their number has been sent before.",
    "There is no client and no server here, and each side has one record.",
  ],
  why:
    "A SYN that meets SYN-SENT without an ACK is taken as the peer's own request. RFC 9293, sections 3.5 " +
    "(figure 7) and 3.10.7.3. Programs that reach each other through two firewalls use it.",
  async script(world, expect) {
    const { client, server } = world;
    const left = client.connect(RIGHT, { localPort: LEFT });
    const right = server.connect(LEFT, { localPort: RIGHT });
    world.until("both sides are open", () => left.isOpen && right.isOpen);
    world.run(100);
    expect.segments([
      "> SYN seq 0",
      "< SYN seq 0",
      "> SYN ACK seq 0 ack 1",
      "< SYN ACK seq 0 ack 1",
    ]);
    for (const side of ["client", "server"] as const) {
      expect.states(side, ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]);
      const open = world[side].stack.connections().filter(({ pool }) => pool === "tcb");
      expect.equal(`connections of the ${side}`, open.length, 1);
    }
  },
};
