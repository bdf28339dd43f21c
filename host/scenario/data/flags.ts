// D5: PSH, URG and RST.

import { URG } from "../../dissect/tcp.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

const SEGMENT = 1_000;

export const flags: Scenario = {
  id: "D5",
  family: "data",
  title: "PSH, URG and RST",
  shows:
    "Three flags that say something about data. PSH marks the end of what the application has written. URG points " +
    "at a byte that should be seen soon; it stays where it is in the stream. RST ends everything, and what has not " +
    "been read is lost.",
  look: [
    "1,500 bytes leave in two segments; only the second has PSH.",
    "The urgent byte has a segment with URG and a pointer; the bytes around it arrive in order, with it among them.",
    "The pointer is a mark in the stream, 1506: the server's RCV.UP keeps it.",
    "RST is not acknowledged. The server's application is told ECONNRESET.",
  ],
  why:
    "PSH says: do not wait for more. It is no mark between messages (RFC 9293, section 3.9.1.2). The urgent pointer has lost its " +
    "out-of-band use (RFC 6093). RST must be exact to be believed (RFC 5961, section 3).",
  setup: { mtu: SEGMENT + 40, options: { TIMESTAMPS: 0 } },
  async script(world, expect) {
    const { near, far } = open(world);
    near.send(1_500);
    world.until("all of it has arrived", () => far.receivedBytes === 1_500);
    world.run(100);
    far.received = "";
    near.send("calm");
    near.send("!", true);
    world.run(100);
    near.send("calm");
    world.until("the rest has arrived", () => far.received === "calm!calm");
    const { rcvUp = 0, irs = 0 } = far.connection.info() ?? {};
    expect.equal("the mark, behind the urgent byte", (rcvUp - irs) >>> 0, 1_506);
    world.run(100);
    near.abort();
    world.until("the server is told", () => far.error !== "");
    expect.among(["> ACK seq 1:1001 ack 1", "> PSH ACK seq 1001:1501 ack 1"]);
    const urgent = world.wire.flights.filter(({ tcp }) => (tcp.flags & URG) !== 0);
    expect.equal("segments with URG", urgent.length, 1);
    expect.among(["> RST ACK seq 1510 ack 1"]);
    expect.error("the server", far, "ECONNRESET");
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSED"]);
  },
};
