// D8: one side has forgotten the connection.

import { flagLetters } from "../../dissect/tcp.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

export const halfOpen: Scenario = {
  id: "D8",
  family: "data",
  title: "Half-open connection",
  shows:
    "The server loses its power and comes back with no memory of the connection; the client knows nothing of it. " +
    "Its next data meet a host that does not know them, and RST tells. Then it is the other way round: the client " +
    "restarts, and calls again from the very port that the server still has a connection for.",
  look: [
    "As long as nobody speaks, nobody notices. The first segment after the restart does it.",
    "RST takes its number from the ACK of the segment that it answers: so the stale side believes it.",
    "A SYN for a connection that is open is answered with an ACK that says where it is: a challenge.",
    "The number of that ACK is far away, because it counts from a SYN of before the restart. The client does not " +
      "know it and resets; its next SYN finds the port free.",
  ],
  why:
    "A host that has lost its memory is honest about it. RFC 9293, section 3.5.1 (figures 9 and 10); the challenge " +
    "is RFC 5961, section 4: a forged SYN must not end a connection.",
  async script(world, expect) {
    const { near } = open(world);
    await world.reboot("server");
    near.send("are you there?");
    world.until("the client is told", () => near.error !== "");
    expect.among(["> PSH ACK seq 1:15 ack 1", "< RST seq 1"]);
    expect.error("the client", near, "ECONNRESET");
    world.run(1_000);

    const second = open(world);
    const port = second.near.connection.localPort;
    await world.reboot("client");
    const third = world.client.connect(8000, { localPort: port });
    world.until("it is open in the end", () => third.isOpen && world.server.talks.length === 2);
    expect.error("the server", second.far, "ECONNRESET");
    const calls = world.events.filter(
      (each) => each.kind === "leaves" && each.key === second.near.key,
    );
    const flags = calls.map((each) =>
      each.kind === "leaves" ? flagLetters(each.flight.tcp.flags) : "",
    );
    expect.equal("flags from one open to the other", flags.join(" "), "S S. . S . R S S. .");
    expect.equal("challenges", world.server.stack.counters().tcp_challenge_acks, 1);
    expect.equal("state of the new connection", third.connection.state, "ESTABLISHED");
  },
};
