// C7: an application that never closes.

import { formatUptime } from "../../command/format.js";
import { listSockets } from "../../command/netstat/sockets.js";
import type { Scenario } from "../scenario.js";
import { open, PORT } from "../steps.js";
import { tableLines } from "../table.js";
import type { World } from "../world.js";

const HOUR_MS = 3_600_000;
const LIMIT_S = 30;
/** Whose connections they are. */
const OWNER = { port: PORT, name: "orders" };
const WANTED = { sockets: { tcp: true, udp: false, listening: false }, closeWaitMs: 10_000 };

export const closeWaitLeak: Scenario = {
  id: "C7",
  family: "closing",
  title: "CLOSE-WAIT leak",
  shows:
    "The server's application reads the end of the stream and forgets to close. The client is long gone; the " +
    "server's connection stays in CLOSE-WAIT for as long as the program runs. New ones are accepted meanwhile, and " +
    "leak in their turn, until a limit is set: CLOSE_WAIT_SECONDS ends the next one with RST after 30 s.",
  look: [
    "CLOSE-WAIT is the one state that no timer of TCP ends: the stack waits for its own application.",
    "The client has left FIN-WAIT-2 after a minute; nobody will ever come back for the connection.",
    "The table is the server's netstat, with the owner and the age of each connection: this is how a leak shows.",
  ],
  why:
    "TCP cannot know whether an application is slow or broken, so no RFC has such a limit, and it is off by default. " +
    "RFC 9293, section 3.6, only says whose turn it is.",
  async script(world, expect) {
    const { client, server } = world;
    leak(world);
    world.run(HOUR_MS);
    leak(world);
    expect.equal("state after an hour", server.talks[0]?.connection.state, "CLOSE-WAIT");
    expect.equal("records of the client", client.stack.connections().length, 1);
    server.stack.setOption("CLOSE_WAIT_SECONDS", LIMIT_S);
    leak(world);
    world.show("netstat of the server", netstat(world));
    world.until("the limit ends the third", () => server.talks[2]?.error !== "");
    expect.equal("ended by the limit", server.stack.counters().tcp_close_wait_limited, 1);
    expect.equal(
      "states",
      server.talks.map(({ connection }) => connection.state),
      [...["CLOSE-WAIT", "CLOSE-WAIT", "CLOSED"]],
    );
    expect.states("server", ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT"]);
  },
};

/** A client that comes and goes; the server's application hears of its end, and does nothing. */
function leak(world: World): void {
  const { near, far } = open(world);
  near.close();
  world.until("the server has read the end", () => far.hasEnded);
  world.run(100);
}

function netstat({ server }: World): string[] {
  const connections = server.stack.connections();
  const listed = listSockets({ connections, sockets: null, services: [OWNER] }, WANTED);
  const rows = listed
    .filter(({ details }) => details !== null)
    .map(({ proto, localPort, remoteAddress, remotePort, state, service, details }) => [
      ...[proto, `*:${localPort}`, `${remoteAddress}:${remotePort}`, state],
      ...[service ?? "", formatUptime(details?.ageMs ?? 0), details?.forgotten ? "forgotten?" : ""],
    ]);
  return tableLines([["Proto", "Local", "Foreign", "State", "Service", "Age", ""], ...rows]);
}
