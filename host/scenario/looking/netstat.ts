// L1: netstat, and what it is too slow to see.

import { listSockets } from "../../command/netstat/sockets.js";
import type { Event } from "../log.js";
import { secondsText } from "../ladder.js";
import type { Scenario, Side } from "../scenario.js";
import { open } from "../steps.js";
import { tableLines } from "../table.js";
import type { World } from "../world.js";

export const netstat: Scenario = {
  id: "L1",
  family: "looking",
  title: "netstat, and its history",
  shows:
    "A table of connections is a photograph. Three of them are taken here: with data under way, with unread data, " +
    "and after the close. Most states last for one trip over the wire and are on none of them, so the stack also " +
    "keeps a history of every change.",
  look: [
    "Send-Q: bytes that the peer has not acknowledged. Recv-Q: bytes that the application has not read.",
    "The timer is the one that would act next: on (retransmission), keepalive, persist or timewait.",
    "The history has SYN-RECEIVED and LAST-ACK with their causes, though no photograph could show them.",
  ],
  why:
    "The columns are those of the netstat that everybody knows; the states are RFC 9293's, section 3.3.2. mote " +
    "netstat shows the same of a running stack.",
  async script(world, expect) {
    const { near, far } = open(world);
    far.isReading = false;
    near.send(3_000);
    world.run(0);
    world.show("Client, with data under way", photograph(world, "client"));
    expect.equal("Send-Q of the client", near.connection.info()?.sendQueue, 3_000);
    world.run(100);
    world.show("Server, with data unread", photograph(world, "server"));
    expect.equal("Recv-Q of the server", far.connection.info()?.receiveQueue, 3_000);
    far.read(3_000);
    near.close();
    world.run(100);
    expect.equal("end of the stream", far.read(1), 0);
    far.close();
    world.run(1_000);
    world.show("Client, after the close", photograph(world, "client"));
    expect.equal(
      "states of the client",
      world.client.stack.connections().map(({ state }) => state),
      ["TIME-WAIT"],
    );
    world.show("History of both", history(world.events));
    expect.states("server", [
      ...(["LISTEN", "SYN-RECEIVED", "ESTABLISHED"] as const),
      ...(["CLOSE-WAIT", "LAST-ACK", "CLOSED"] as const),
    ]);
  },
};

const FILTER = { sockets: { tcp: true, udp: false, listening: false }, closeWaitMs: 60_000 };

function photograph(world: World, side: Side): string[] {
  const connections = world[side].stack.connections();
  const listed = listSockets({ connections, sockets: null, services: [] }, FILTER);
  const rows = listed.map(({ proto, receiveQueue, sendQueue, state, details, ...ends }) => [
    ...[proto, receiveQueue, sendQueue],
    ...[
      `${ends.localAddress}:${ends.localPort}`,
      `${ends.remoteAddress}:${ends.remotePort || "*"}`,
    ],
    ...[state, details === null ? "" : `${details.ageMs} ms`],
    ...[details?.timer ? `${details.timer} ${details.timerMs} ms` : ""],
  ]);
  return tableLines([
    ["Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State", "Age", "Timer"],
    ...rows,
  ]);
}

function history(events: readonly Event[]): string[] {
  const startMs = events[0]?.atMs ?? 0;
  const rows = events.flatMap((event) =>
    event.kind === "state"
      ? [[secondsText(event.atMs - startMs), event.side, event.from, event.to, event.cause]]
      : [],
  );
  return tableLines([["Time", "Side", "From", "To", "Cause"], ...rows]);
}
