// C8: an end that is not a close.

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

export const abort: Scenario = {
  id: "C8",
  family: "closing",
  title: "Abort",
  shows:
    "First the server closes although it has not read what came. It cannot promise to have understood it, so it " +
    "resets instead of closing. Then a client aborts: RST at once, and whatever was queued is given up.",
  look: [
    "RST is not acknowledged, not repeated and not waited for: both sides are CLOSED with one segment.",
    "Either way the peer's application is told ECONNRESET.",
    "No TIME-WAIT: a reset leaves nothing behind.",
  ],
  why:
    "A FIN would say: I have got everything that I wanted. RFC 9293, section 3.6.1: data left unread at close() are " +
    "a reason for RST; section 3.10.5 is ABORT.",
  async script(world, expect) {
    const first = open(world);
    first.far.isReading = false;
    first.near.send("please read this");
    world.run(100);
    first.far.close();
    world.until("the client is told", () => first.near.error !== "");
    expect.error("the client", first.near, "ECONNRESET");
    expect.among(["> PSH ACK seq 1:17 ack 1", "< RST ACK seq 1 ack 17"]);

    const second = open(world);
    second.near.abort();
    world.until("the server is told", () => second.far.error !== "");
    expect.error("the server", second.far, "ECONNRESET");
    const { key } = second.near;
    expect.among(["> RST ACK seq 1 ack 1"], key);
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED", "CLOSED"], key);
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSED"], key);
    expect.idle(world.client);
    expect.idle(world.server);
  },
};
