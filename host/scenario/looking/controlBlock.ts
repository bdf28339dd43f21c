// L3: all that a stack knows of a connection.

import type { ConnectionInfo } from "../../core/observe.js";
import type { Scenario } from "../scenario.js";
import { open } from "../steps.js";
import { tableLines } from "../table.js";

export const controlBlock: Scenario = {
  id: "L3",
  family: "looking",
  title: "The control block",
  shows:
    "A connection is a row of numbers. Here it is stopped in the middle of a transfer, with segments under way in " +
    "one direction, and both control blocks are laid open: the variables of the RFC, the timers, the estimate of " +
    "the round trip, and congestion control.",
  look: [
    "SND.UNA to SND.NXT of the client is what is under way; SND.NXT to the end of its queue has not left yet.",
    "RCV.NXT of the server is SND.NXT of the client already: all of it has arrived, and the ACK is on its way back.",
    "RCV.WND of one is SND.WND of the other, one trip later.",
    "SRTT is close to 20 ms, the round trip of this wire. cwnd has grown with every ACK.",
  ],
  why:
    "RFC 9293, section 3.3.1, names the variables; RFC 6298 those of the timer, RFC 5681 those of congestion control. " +
    "info() of a connection gives all of them.",
  async script(world, expect) {
    const { near, far } = open(world);
    near.send(40_000);
    world.run(35);
    const [own, peer] = [near.connection.info()!, far.connection.info()!];
    world.show("Control blocks, numbers relative to ISS and IRS", blockLines(own, peer));
    const under = own.sndNxt - own.sndUna;
    expect.that(`${under} bytes are under way`, under > 0);
    expect.equal("RCV.NXT of the server", peer.rcvNxt, own.sndNxt);
    expect.that("the rest has not left yet", own.sendQueue > under);
    expect.equal("IRS of the server", peer.irs, own.iss);
    expect.that(`SRTT is ${own.srttUs} us`, Math.abs(own.srttUs - 20_000) < 2_000);
    expect.that("cwnd has not grown", own.cwnd > 10 * own.sndMss);
    world.until("all of it has arrived", () => far.receivedBytes === 40_000);
  },
};

/** The RFC's name, and what it is here. */
type Row = readonly [name: string, value: (info: ConnectionInfo) => string | number];

const sent = (pick: (info: ConnectionInfo) => number): Row[1] => {
  return (info) => (pick(info) - info.iss) >>> 0;
};
const got = (pick: (info: ConnectionInfo) => number): Row[1] => {
  return (info) => (pick(info) - info.irs) >>> 0;
};
const ms = (us: number): string => `${us / 1000} ms`;
const timer = (left: number): string => (left < 0 ? "not armed" : `${left} ms`);

const ROWS: readonly Row[] = [
  ["state", ({ state }) => state],
  ["ISS", ({ iss }) => iss],
  ["IRS", ({ irs }) => irs],
  ["SND.UNA", sent(({ sndUna }) => sndUna)],
  ["SND.NXT", sent(({ sndNxt }) => sndNxt)],
  ["SND.WND", ({ sndWnd }) => sndWnd],
  ["SND.UP", (info) => (info.sndUp === 0 ? "none" : sent(({ sndUp }) => sndUp)(info))],
  ["SND.WL1", got(({ sndWl1 }) => sndWl1)],
  ["SND.WL2", sent(({ sndWl2 }) => sndWl2)],
  ["RCV.NXT", got(({ rcvNxt }) => rcvNxt)],
  ["RCV.WND", ({ rcvWnd }) => rcvWnd],
  ["RCV.UP", (info) => (info.rcvUp === 0 ? "none" : got(({ rcvUp }) => rcvUp)(info))],
  ["bytes to be acknowledged", ({ sendQueue }) => sendQueue],
  ["bytes to be read", ({ receiveQueue }) => receiveQueue],
  ["MSS", ({ sndMss }) => sndMss],
  ["SRTT", ({ srttUs }) => ms(srttUs)],
  ["RTTVAR", ({ rttvarUs }) => ms(rttvarUs)],
  ["RTO", ({ rtoMs }) => `${rtoMs} ms`],
  ["retransmission timer", ({ timerMs }) => timer(timerMs)],
  ["delayed ACK timer", ({ ackTimerMs }) => timer(ackTimerMs)],
  ["retransmissions in a row", ({ retries }) => retries],
  ["duplicate ACKs", ({ dupAcks }) => dupAcks],
  ["cwnd", ({ cwnd }) => cwnd],
  ["ssthresh", ({ ssthresh }) => ssthresh],
];

const blockLines = (client: ConnectionInfo, server: ConnectionInfo): string[] =>
  tableLines([
    ["", "client", "server"],
    ...ROWS.map(([name, value]) => [name, value(client), value(server)]),
  ]);
