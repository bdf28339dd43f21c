// O8: what the two SYNs agree on.

import type { Host, Talk } from "../host.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";
import { tableLines } from "../table.js";

/** Expedited forwarding (RFC 3246). */
const DSCP = 46;

export const options: Scenario = {
  id: "O8",
  family: "opening",
  title: "Options of the handshake",
  shows:
    "Each SYN may offer options; an option is in use if both have offered it. First both sides offer all of " +
    "them. Then the server is told to offer none but its segment size, and the client does without. The type of " +
    "service is nobody's offer: each side marks its own packets, connection by connection.",
  look: [
    "mss is a statement, not an offer: each side says what it can take, and the other side keeps to it.",
    "wscale, sackOK and TS stand in the SYN ACK only if they stood in the SYN, and then only if the server wants them.",
    "What came of it is in the control block: see the table.",
    "The packets of the first connection carry DSCP 46 from the client's first data on.",
  ],
  why:
    "A window of 16 bits and an ACK without holes are from 1981. What is newer must be agreed on before the first " +
    "byte. RFC 9293, section 3.7.1 (MSS); RFC 7323, sections 2.2 and 3.2; RFC 2018, section 2.",
  showing: { options: true },
  async script(world, expect) {
    const { server } = world;
    const first = open(world);
    first.near.connection.setOption("DSCP", DSCP);
    first.near.send("marked");
    world.until("it has been read", () => first.far.received === "marked");
    const accepted = rowOf("all offered by both", first.near);

    for (const name of ["TIMESTAMPS", "WINDOW_SCALE", "SACK"] as const)
      server.stack.setOption(name, 0);
    const second = open(world);
    second.near.send("plain");
    world.until("it has been read", () => second.far.received === "plain");
    const refused = rowOf("refused by the server", second.near);

    world.show(
      "What the client's control block says",
      tableLines([["", "MSS", "timestamps", "SACK", "DSCP"], accepted, refused]),
    );
    expect.equal("agreed on at first", used(first.near), "timestamps 1, SACK 1");
    expect.equal("agreed on then", used(second.near), "timestamps 0, SACK 0");
    expect.equal("MSS with timestamps", first.near.connection.info()?.sndMss, 1448);
    expect.equal("MSS without", second.near.connection.info()?.sndMss, 1460);
    expect.equal("DSCP on the wire", dscpsFrom(world.client, world.wire.flights), [0, DSCP]);
    expect.equal("options of the first SYN ACK", offers(world, 0), "mss wscale sackOK TS");
    expect.equal("options of the second", offers(world, 1), "mss");
  },
};

function used({ connection }: Talk): string {
  const info = connection.info();
  return `timestamps ${info?.timestamps}, SACK ${info?.sack}`;
}

function rowOf(name: string, { connection }: Talk): (string | number)[] {
  const { sndMss = 0, timestamps = 0, sack = 0 } = connection.info() ?? {};
  const yes = (value: number): string => (value === 1 ? "yes" : "no");
  return [name, sndMss, yes(timestamps), yes(sack), connection.getOption("DSCP")];
}

type Flights = Parameters<Scenario["script"]>[0]["wire"]["flights"];

/** The code points of a host's packets, each once, in the order in which they came up. */
const dscpsFrom = ({ side }: Host, flights: Flights): number[] => [
  ...new Set(flights.filter(({ from }) => from === side).map(({ packet }) => packet.ip!.tos >> 2)),
];

/** Names of the options in a SYN ACK of the server. */
function offers({ wire }: Parameters<Scenario["script"]>[0], index: number): string {
  const answers = wire.flights.filter(({ from, tcp }) => from === "server" && tcp.flags === 0x12);
  const names = answers[index]!.tcp.options.map(({ name }) => name);
  return names.filter((name) => name !== "nop" && name !== "eol").join(" ");
}
