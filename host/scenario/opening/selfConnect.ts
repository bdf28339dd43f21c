// O6: a client that is its own server.

import type { Scenario } from "../scenario.js";
import { tableLines } from "../table.js";

const PORT = 50_001;

export const selfConnect: Scenario = {
  id: "O6",
  family: "opening",
  title: "Connection with itself",
  shows:
    "A client calls a port of its own host at which nobody listens, and the port that it calls from happens to " +
    "be the same. Its SYN meets itself. That is a simultaneous open with one side only: the connection opens, " +
    "and whatever is written comes back.",
  look: [
    "The states are those of a simultaneous open. The segments never leave the host: the wire stays empty.",
    "netstat shows one line whose local and foreign address are the same.",
    "With the option REFUSE_SELF_CONNECT the same call fails with EADDRINUSE.",
  ],
  why:
    "A loop that reconnects to a local port in the range of ephemeral ports gets there by chance, and then " +
    "blocks the server's own port. RFC 9293, section 3.5: nothing forbids that both ends are the same.",
  showing: { alone: true },
  async script(world, expect) {
    const { client } = world;
    const { stack, address } = client;
    const talk = client.connect(PORT, { host: address, localPort: PORT });
    world.until("it is open", () => talk.isOpen);
    world.remark("(nothing is on the wire)");
    talk.send("is anybody there?");
    world.until("the bytes are back", () => talk.received === "is anybody there?");
    const open = stack.connections().filter(({ state }) => state === "ESTABLISHED");
    expect.equal("records", open.length, 1);
    const endpoint = `${address}:${PORT}`;
    expect.equal(
      "the foreign address",
      `${open[0]!.remoteAddress}:${open[0]!.remotePort}`,
      endpoint,
    );
    expect.states("client", ["CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]);
    expect.segments([]);
    const row = ["tcp", endpoint, endpoint, open[0]!.state];
    world.show("netstat", tableLines([["Proto", "Local", "Foreign", "State"], row]));
    talk.abort();
    world.run(100);

    stack.setOption("REFUSE_SELF_CONNECT", 1);
    let code = "";
    try {
      client.connect(PORT, { host: address, localPort: PORT });
    } catch (error) {
      code = (error as { code: string }).code;
    }
    world.remark(`(with REFUSE_SELF_CONNECT: ${code})`);
    expect.equal("the error with REFUSE_SELF_CONNECT", code, "EADDRINUSE");
  },
};
