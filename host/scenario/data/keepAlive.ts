// D6: is anybody still there?

import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";

const HOUR_MS = 3_600_000;

export const keepAlive: Scenario = {
  id: "D6",
  family: "data",
  title: "Keepalive",
  shows:
    "Nothing is said for two hours; then the client asks with a probe, and the server answers. An hour later " +
    "data start the timer anew. Then a firewall on the way forgets the connection and swallows everything. After " +
    "two more hours the client asks again, every 75 seconds, and after ten questions without an answer it gives up.",
  look: [
    "A probe has the number before the next one, here 0 and then 10: the peer has that byte already, and must say so.",
    "The first probe is answered. The one after the data comes 7,200 s after them, not after the first probe.",
    "Ten probes, 75 s apart. Then RST, in case somebody hears it, and ETIMEDOUT for the application.",
    "All of it has taken more than five hours, and no time at all: the clock of this world is virtual.",
  ],
  why:
    "A connection without data has no segments that could be lost, so a dead one looks like a silent one. Off by " +
    "default, and two hours at the least by default: RFC 9293, section 3.8.4. KEEP_IDLE_SECONDS, " +
    "KEEP_INTERVAL_SECONDS and KEEP_PROBES set every value.",
  async script(world, expect) {
    const { client, wire } = world;
    const { near, far } = open(world);
    near.connection.setOption("KEEP_ALIVE", 1);
    world.run(2 * HOUR_MS + 1_000);
    expect.equal("probes after two hours", client.stack.counters().tcp_keepalive_probes, 1);
    expect.equal("state then", near.connection.state, "ESTABLISHED");
    world.run(HOUR_MS);
    near.send("still here");
    world.until("it has arrived", () => far.received === "still here");
    world.run(1_000);
    world.remark("(a firewall forgets the connection)");
    wire.rule(({ packet }) => (packet.tcp === null ? undefined : "lost"));
    const startMs = world.clock.now();
    world.until("the client gives up", () => near.error !== "", 4 * HOUR_MS);
    const tookS = Math.round((world.clock.now() - startMs) / 1000);
    expect.that(`it takes ${tookS} s`, Math.abs(tookS - 7_200 - 10 * 75) <= 2);
    const probe = "> ACK seq 10 ack 1 (lost)";
    expect.among([...Array.from({ length: 10 }, () => probe), "> RST ACK seq 11 ack 1 (lost)"]);
    expect.equal("probes", client.stack.counters().tcp_keepalive_probes, 11);
    expect.error("the client", near, "ETIMEDOUT");
    expect.states("client", ["CLOSED", "SYN-SENT", "ESTABLISHED", "CLOSED"]);
  },
};
