// O10: more SYNs than anybody has room for.

import { SYN } from "../../dissect/tcp.js";
import { segmentFrame } from "../forge.js";
import type { Host } from "../host.js";
import type { Scenario } from "../scenario.js";
import { PORT } from "../steps.js";
import { tableLines } from "../table.js";
import type { World } from "../world.js";

/** Spoofed SYNs come from ports below, the client's are above. */
const FIRST_PORT = 1_024;
const CLIENT_PORTS = 50_000;
/** More than the SYN cache holds. */
const EXTRA = 500;
/** Hosts of the network that are not there: 198.18.0.10 to .249. */
const FIRST_HOST = 10;
const HOSTS = 240;

export const synFlood: Scenario = {
  id: "O10",
  family: "opening",
  title: "SYN flood",
  shows:
    "Fifteen hundred SYNs come from addresses that are not the sender's; nobody will ever answer for them. Each " +
    "takes an entry of the SYN cache and nothing else. When the cache is full the server keeps nothing at all: " +
    "what it would have to remember is folded into its own initial number, a cookie. An honest client gets in.",
  look: [
    "The flood is not drawn, but it is in the capture.",
    "The client notices nothing: three segments, and its data arrive.",
    "The client's ACK returns the cookie plus one. From that number the server knows that it has asked, and when.",
    "Connection records in use: none while the flood lasts, one once a handshake has proved an address.",
  ],
  why:
    "A record for every SYN would be a gift to whoever sends most. RFC 4987, sections 3.5 (SYN cache) and 3.6 " +
    "(SYN cookies).",
  async script(world, expect) {
    const { client, server } = world;
    server.listen(PORT).setOption("SOURCE_LIMIT", 0);
    world.silence((key) => Number(key.split(":")[0]) < CLIENT_PORTS);
    const { capacity } = pool(server, "syn_cache");
    const count = capacity + EXTRA;
    flood(world, count);
    world.run(50);
    const full = levels(server);
    expect.equal("SYN-cache entries in use", pool(server, "syn_cache").used, capacity);
    expect.equal("connection records in use", pool(server, "tcb").used, 0);
    expect.that("cookies have been sent", server.stack.counters().tcp_cookies_sent > 0);

    world.remark(`(${count} spoofed SYNs have come)`);
    const talk = client.connect(PORT);
    talk.onOpen = () => void talk.send("let me in");
    world.until("the client's data are there", () => server.talks[0]?.received === "let me in");
    world.run(100);
    expect.segments([
      "> SYN seq 0",
      "< SYN ACK seq 0 ack 1",
      "> PSH ACK seq 1:10 ack 1",
      "< ACK ack 10",
    ]);
    expect.equal(
      "connections that a cookie has opened",
      server.stack.counters().tcp_cookies_taken,
      1,
    );
    expect.equal("connection records in use then", pool(server, "tcb").used, 1);
    const open = levels(server);
    world.run(60_000);
    const later = levels(server);
    expect.equal("SYN-cache entries a minute later", pool(server, "syn_cache").used, 0);
    world.show(
      "What the server has in use",
      tableLines([
        ["", "SYN cache", "connections", "cookies sent", "cookies taken"],
        ["under the flood", ...full],
        ["the client is in", ...open],
        ["a minute later", ...later],
      ]),
    );
  },
};

const pool = ({ stack }: Host, name: string) => stack.pools().find((each) => each.name === name)!;

function levels(host: Host): number[] {
  const { tcp_cookies_sent, tcp_cookies_taken } = host.stack.counters();
  const used = (name: string): number => pool(host, name).used;
  return [used("syn_cache"), used("tcb"), tcp_cookies_sent, tcp_cookies_taken];
}

function flood({ wire, run }: World, count: number): void {
  for (let i = 0; i < count; i++) {
    const source = `198.18.0.${FIRST_HOST + (i % HOSTS)}`;
    const port = FIRST_PORT + Math.floor(i / HOSTS);
    wire.forge(
      "client",
      segmentFrame("client", {
        ...{ source, sourcePort: port, destinationPort: PORT },
        ...{ flags: SYN, sequence: (i * 64_001) >>> 0 },
        options: [{ kind: "mss", value: 1460 }],
      }),
    );
    if (i % 500 === 499) run(1);
  }
}
