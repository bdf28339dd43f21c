// iperf3's protocol, between two of ours under virtual time: what both sides count, what hostile peers get, and that
// nothing is left afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../host/core/connection.js";
import { runFor, runVirtual } from "../../host/core/virtual.js";
import { impair } from "../../host/link/impair.js";
import { createArrivals } from "../../host/iperf3/arrivals.js";
import { cookieBytes, makeCookie, readCookie } from "../../host/iperf3/cookie.js";
import { helloBytes, isReply, readHead, replyTo, writeHead } from "../../host/iperf3/datagrams.js";
import { createPacer } from "../../host/iperf3/pacer.js";
import { readResults, writeResults } from "../../host/iperf3/results.js";
import {
  amountOf,
  clientSends,
  readParameters,
  writeParameters,
  type Settings,
} from "../../host/iperf3/settings.js";
import { signName } from "../../host/iperf3/states.js";
import { losing, openIperf3, PLAIN, type Iperf3Pair, type Told } from "./support/iperf3.js";

const LISTENER_ONLY = ["listener: 1"];

const bytesOf = ([told]: readonly Told[]): number[] =>
  told!.outcome.totals.map(({ bytes }) => bytes);
const theirBytes = ([told]: readonly Told[]): number[] =>
  told!.outcome.theirs!.streams.map(({ bytes }) => bytes);

/** Both sides have told each other what they have counted. */
function assertTold({ serverTold, clientTold }: Iperf3Pair): void {
  assert.deepEqual([serverTold.length, clientTold.length], [1, 1]);
  assert.deepEqual(theirBytes(clientTold), bytesOf(serverTold));
  assert.deepEqual(theirBytes(serverTold), bytesOf(clientTold));
}

test("TCP: both count the same, and nothing is left", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({}), null);
  assertTold(pair);
  assert.deepEqual(bytesOf(pair.clientTold), bytesOf(pair.serverTold));
  const [bytes] = bytesOf(pair.clientTold);
  const bitsPerSecond = (8 * bytes!) / 2;
  // 100 Mbit/s with the headers.
  assert.ok(bitsPerSecond > 94e6 && bitsPerSecond < 96.5e6, `${bitsPerSecond}`);
  assert.deepEqual(pair.events, ["over: well"]);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

test("TCP -R: the server sends, and tells that it has", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ direction: "reverse" }), null);
  assertTold(pair);
  const [received, sent] = [bytesOf(pair.clientTold)[0]!, bytesOf(pair.serverTold)[0]!];
  assert.ok(
    received > 23e6 && sent >= received && sent - received < 200_000,
    `${sent} ${received}`,
  );
  assert.equal(pair.clientTold[0]!.outcome.theirs!.hasRetransmits, 1);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

for (const direction of ["forward", "reverse"] as const) {
  test(`TCP -n, three streams, ${direction}: to the byte`, async () => {
    const pair = await openIperf3();
    assert.equal(pair.measure({ direction, streams: 3, seconds: 0, bytes: 1_234_567 }), null);
    assertTold(pair);
    assert.deepEqual(bytesOf(pair.clientTold), bytesOf(pair.serverTold));
    assert.equal(bytesOf(pair.clientTold).length, 3);
    assert.equal(
      bytesOf(pair.clientTold).reduce((sum, bytes) => sum + bytes),
      1_234_567,
    );
    assert.deepEqual(pair.held(), LISTENER_ONLY);
  });
}

test("TCP -k: so many blocks", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ seconds: 0, blocks: 7, length: 1000 }), null);
  assert.deepEqual([bytesOf(pair.clientTold), bytesOf(pair.serverTold)], [[7_000], [7_000]]);
});

test("TCP --bidir: both send at the same time", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ direction: "both", streams: 2 }), null);
  assertTold(pair);
  const [client] = pair.clientTold;
  assert.deepEqual(
    client!.test.streams.map(({ id, number, sends }) => [id, number, sends]),
    [
      [1, 5, true],
      [3, 7, true],
      [4, 9, false],
      [5, 11, false],
    ],
  );
  for (const bytes of bytesOf(pair.clientTold)) assert.ok(bytes > 5e6, `${bytes}`);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

test("TCP -b: the bitrate is kept", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ bitrate: 8e6, length: 10_000 }), null);
  const [bytes] = bytesOf(pair.clientTold);
  assert.ok(Math.abs(bytes! - 2e6) <= 20_000, `${bytes}`);
});

test("TCP -O: seconds at the beginning do not count, on both sides", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ omitSeconds: 1, bitrate: 8e6, length: 10_000 }), null);
  for (const told of [pair.clientTold, pair.serverTold]) {
    const [bytes] = bytesOf(told);
    assert.ok(Math.abs(bytes! - 2e6) <= 30_000, `${bytes}`);
  }
  assert.match(pair.out.out(), / {2}0\.00-1\.00 .*\(omitted\)\n.* {2}0\.00-1\.00 .*sec[^(]*\n/);
});

test("UDP: loss is counted to the datagram", async () => {
  let lost = (): number => 0;
  const pair = await openIperf3({
    link: (link) => {
      const bad = losing(link, 10);
      lost = bad.lost;
      return bad;
    },
  });
  assert.equal(pair.measure({ protocol: "udp", bitrate: 1e6, length: 1000 }), null);
  const [server] = pair.serverTold[0]!.outcome.totals;
  const [client] = pair.clientTold[0]!.outcome.totals;
  assert.ok(lost() > 20);
  // One that was the last would be missed by nobody.
  const isLastLost = client!.packets % 10 === 0;
  assert.equal(server!.lost, lost() - Number(isLastLost));
  assert.equal(server!.packets, client!.packets - Number(isLastLost));
  assert.equal(server!.bytes, 1000 * (client!.packets - lost()));
  const [told] = pair.clientTold[0]!.outcome.theirs!.streams;
  assert.deepEqual([told!.errors, told!.packets], [server!.lost, server!.packets]);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

for (const counters64 of [false, true]) {
  test(`UDP -R, two streams, ${counters64 ? 64 : 32} bits: each has its own numbers`, async () => {
    const pair = await openIperf3();
    const settings = { bitrate: 1e6, length: 500, streams: 2, counters64 } as const;
    assert.equal(pair.measure({ protocol: "udp", direction: "reverse", ...settings }), null);
    for (const { packets, lost, bytes } of pair.clientTold[0]!.outcome.totals) {
      assert.ok(Math.abs(packets - 500) < 3, `${packets}`);
      assert.deepEqual([lost, bytes], [0, 500 * packets]);
    }
    assert.deepEqual(pair.held(), LISTENER_ONLY);
  });
}

test("-P over a line that loses frames: what each stream has sent again, and their sum", async () => {
  const pair = await openIperf3({
    link: (good, clock) => impair(good, { clock, rate: 100e6, delay: 2, loss: 0.01, seed: 5 }),
  });
  assert.equal(pair.measure({ seconds: 0, bytes: 6_000_000, streams: 3 }), null);
  const { outcome } = pair.clientTold[0]!;
  const counts = outcome.totals.map(({ retransmits }) => retransmits ?? NaN);
  assert.equal(counts.length, 3);
  assert.ok(Math.min(...counts) > 0, `${counts}`);
  const sum = counts.reduce((all, count) => all + count, 0);
  assert.equal(outcome.retransmits, sum);
  const lines = pair.out.out().split("\n");
  const retr = (name: string): number[] =>
    lines.flatMap((line) => {
      const [, found] = new RegExp(`^\\[${name}\\] .* +(\\d+) +sender$`).exec(line) ?? [];
      return found === undefined ? [] : [Number(found)];
    });
  assert.deepEqual(["  5", "  7", "  9"].flatMap(retr), counts);
  assert.deepEqual(retr("SUM"), [sum]);
});

test("UDP -n both ways: it ends when one side has sent or heard so much", async () => {
  const pair = await openIperf3();
  const settings = { bitrate: 1e6, length: 1000, seconds: 0, bytes: 50_000 } as const;
  assert.equal(pair.measure({ protocol: "udp", ...settings, direction: "both" }), null);
  const { totals } = pair.clientTold[0]!.outcome;
  const bytes = (sends: boolean) =>
    totals.reduce((sum, one) => sum + (one.stream.sends === sends ? one.bytes : 0), 0);
  assert.equal(Math.max(bytes(true), bytes(false)), 50_000);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

test("UDP without -l: a datagram fits where a segment of the control connection does", async () => {
  const pair = await openIperf3();
  assert.equal(pair.measure({ protocol: "udp", bitrate: 1e6, length: 0 }), null);
  assert.equal(pair.serverTold[0]!.test.settings.length, 1448);
});

test("the first word over UDP is said again when it is lost", async () => {
  let dropped = 0;
  const pair = await openIperf3({
    link: (link) => {
      const write = link.write.bind(link);
      return Object.assign(link, {
        write: (frame: Uint8Array) => {
          const isHello = frame[23] === 17 && frame.length < 70;
          if (isHello && dropped++ < 2) return true;
          return write(frame);
        },
      });
    },
  });
  assert.equal(pair.measure({ protocol: "udp", bitrate: 1e6, length: 1000 }), null);
  assert.ok(dropped >= 3);
});

test("a client that terminates: both sides print what there is", async () => {
  const pair = await openIperf3();
  const { client, ended } = pair.start({ seconds: 0 });
  runFor(pair.run, 1_500);
  client.terminate();
  assert.equal(ended(), null);
  runFor(pair.run, 3_000);
  assert.deepEqual(pair.events, ["over: the client has ended the test"]);
  assert.equal(bytesOf(pair.clientTold).length, 1);
  assert.ok(bytesOf(pair.serverTold)[0]! > 10e6);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
});

test("a server that is stopped: the client is told, and nothing is left", async () => {
  const pair = await openIperf3();
  const { ended } = pair.start({ direction: "reverse" });
  runFor(pair.run, 1_500);
  pair.server.close();
  runFor(pair.run, 3_000);
  assert.equal(ended()?.message, "the server has ended the test");
  assert.deepEqual(pair.held(), []);
});

test("a second client is told that the server is busy; afterwards it is welcome", async () => {
  const pair = await openIperf3();
  const first = pair.start({});
  runFor(pair.run, 500);
  const second = pair.start({});
  runVirtual(pair.run, () => second.ended() !== undefined);
  assert.equal(second.ended()?.message, "the server is busy running another test");
  runVirtual(pair.run, () => first.ended() !== undefined);
  assert.equal(first.ended(), null);
  runFor(pair.run, 1_000);
  assert.equal(pair.measure({ seconds: 1 }), null);
  assert.deepEqual(pair.events, ["refused: busy", "over: well", "over: well"]);
});

test("with -1 the server ends after one test", async () => {
  const pair = await openIperf3({ once: true });
  assert.equal(pair.measure({ seconds: 1 }), null);
  assert.deepEqual(pair.events, ["over: well", "done"]);
  assert.deepEqual(pair.held(), []);
});

for (const protocol of ["tcp", "udp"] as const) {
  test(`${protocol}, 128 streams: all of them, or the pool's error, and nothing is left`, async () => {
    const pair = await openIperf3();
    const settings = { protocol, streams: 128, seconds: 1, bitrate: 100_000, length: 500 } as const;
    const error = pair.measure(settings);
    if (error !== null) assert.match(error.message, /ENOBUFS/);
    else assert.equal(bytesOf(pair.clientTold).length, 128);
    runFor(pair.run, 15_000);
    assertServes(pair);
  });
}

// Hostile clients.

const COOKIE = "abcdefghijklmnopqrstuvwxyz234567abcd";

/** Says this as a client, as far as it is listened to; what the server has answered. */
function say(
  pair: Iperf3Pair,
  ...pieces: Uint8Array[]
): { connection: Connection; heard: number[]; ended: () => boolean } {
  const connection = pair.call();
  const heard: number[] = [];
  let over = false;
  const into = new Uint8Array(1000);
  connection.onReadable = () => {
    for (let count; (count = connection.read(into)) > 0;) heard.push(...into.subarray(0, count));
  };
  connection.onClosed = () => (over = true);
  connection.onConnect = () => {
    for (const piece of pieces) connection.write(piece);
  };
  runFor(pair.run, 200);
  return { connection, heard, ended: () => over || connection.state === "CLOSE-WAIT" };
}

const framed = (text: string, length = text.length): Uint8Array => {
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set(new TextEncoder().encode(text), 4);
  return bytes;
};
const parameters = (settings: Partial<Settings>): Uint8Array =>
  framed(JSON.stringify(writeParameters({ ...PLAIN, ...settings }, "x")));

/** The server takes a test as ever. */
function assertServes(pair: Iperf3Pair): void {
  assert.equal(pair.measure({ seconds: 1 }), null);
  assert.deepEqual(pair.held(), LISTENER_ONLY);
}

const GARBAGE: readonly [string, Uint8Array[], RegExp][] = [
  ["HTTP", [Buffer.from("GET / HTTP/1.1\r\nHost: 198.18.0.2\r\n\r\n....")], /^refused: foreign$/],
  [
    "a length of 4 GiB",
    [cookieBytes(COOKIE), framed("{}", 0xffff_ffff)],
    /4294967295 bytes is announced/,
  ],
  ["a length of nothing", [cookieBytes(COOKIE), framed("", 0)], /of 0 bytes is announced/],
  ["what is no JSON", [cookieBytes(COOKIE), framed("{]")], /should be a JSON document is none/],
  ["a list", [cookieBytes(COOKIE), framed("[1]")], /the parameters are no JSON object/],
  ["neither TCP nor UDP", [cookieBytes(COOKIE), framed("{}")], /name neither TCP nor UDP/],
  ["SCTP", [cookieBytes(COOKIE), framed('{"sctp":true}')], /asks for SCTP/],
  [
    "ten thousand streams",
    [cookieBytes(COOKIE), framed('{"tcp":true,"parallel":10000}')],
    /parameter parallel is 10000, and may be from 1 to 128/,
  ],
  [
    "TEST_END before anything",
    [cookieBytes(COOKIE), parameters({}), Uint8Array.of(4)],
    /says TEST_END where that means nothing/,
  ],
];

for (const [what, pieces, says] of GARBAGE) {
  test(`a client that says ${what} is sent away, and nothing of it is left`, async () => {
    const pair = await openIperf3();
    const { ended, connection } = say(pair, ...pieces);
    assert.match(pair.events.join(), says);
    assert.ok(ended(), connection.state);
    connection.close();
    assertServes(pair);
  });
}

test("what the server cannot do is told with SERVER_ERROR and iperf3's number", async () => {
  const pair = await openIperf3();
  const { heard, connection } = say(pair, cookieBytes(COOKIE), framed('{"sctp":true}'));
  assert.deepEqual(heard, [9, 254, 0, 0, 0, 18, 0, 0, 0, 0]);
  connection.close();
});

test("half a cookie, and nothing more: it holds nobody up, and is sent away after 10 s", async () => {
  const pair = await openIperf3();
  const { connection } = say(pair, cookieBytes(COOKIE).subarray(0, 20));
  assertServesBeside(pair);
  runFor(pair.run, 10_000);
  assert.equal(connection.state, "CLOSED");
  assert.ok(pair.events.includes("refused: foreign"));
  assertServes(pair);
});

function assertServesBeside(pair: Iperf3Pair): void {
  assert.equal(pair.measure({ seconds: 1 }), null);
}

test("a control connection without parameters: the server is free again after 10 s", async () => {
  const pair = await openIperf3();
  const { connection } = say(pair, cookieBytes(COOKIE));
  assert.match(pair.measure({})!.message, /busy/);
  runFor(pair.run, 10_000);
  assert.match(pair.events.join(), /the client does not say what it wants/);
  connection.close();
  assertServes(pair);
});

test("a stream with another cookie is none, and streams that are not opened end the test", async () => {
  const pair = await openIperf3();
  const { connection, heard } = say(pair, cookieBytes(COOKIE), parameters({ streams: 2 }));
  assert.deepEqual(heard, [9, 10]);
  const good = say(pair, cookieBytes(COOKIE));
  const wrong = say(pair, cookieBytes(COOKIE.replace("a", "b")));
  assert.deepEqual(wrong.heard, [255]);
  assert.equal(pair.events[0], "refused: busy");
  runFor(pair.run, 10_000);
  assert.match(pair.events.join(), /the client does not open its streams/);
  for (const each of [connection, good.connection, wrong.connection]) each.close();
  assertServes(pair);
});

test("a client that ends the test, and whose stream is reset before that is heard: it has ended the test", async () => {
  const pair = await openIperf3();
  const settings = parameters({ direction: "reverse", seconds: 30 });
  const { connection, heard } = say(pair, cookieBytes(COOKIE), settings);
  const stream = say(pair, cookieBytes(COOKIE));
  assert.deepEqual(heard, [9, 10, 1, 2]);
  stream.connection.abort();
  connection.write(Uint8Array.of(12));
  runFor(pair.run, 100);
  assert.deepEqual(pair.events, ["over: the client has ended the test"]);
  connection.close();
  assertServes(pair);
});

test("a client whose cable is pulled is found out, and the server serves the next", async () => {
  const pair = await openIperf3();
  pair.start({ seconds: 600 });
  runFor(pair.run, 2_000);
  pair.clientStack.setLink(0, false);
  runFor(pair.run, 60_000);
  assert.equal(pair.events.length, 1);
  assert.match(pair.events[0]!, /^over: .*(answer|ETIMEDOUT)/);
});

test("65 that say nothing: the last is reset at once", async () => {
  const pair = await openIperf3();
  const quiet = Array.from({ length: 65 }, () => pair.call());
  runFor(pair.run, 1_000);
  const open = quiet.filter(({ state }) => state === "ESTABLISHED");
  assert.equal(open.length, 64);
  for (const connection of open) connection.abort();
  assertServes(pair);
});

// Parts.

test("cookies: 36 characters and a zero, and nothing else", () => {
  const cookie = makeCookie((bytes) => bytes.forEach((_, index) => (bytes[index] = index * 7)));
  assert.match(cookie, /^[a-z2-7]{36}$/);
  assert.equal(readCookie(cookieBytes(cookie)), cookie);
  assert.equal(readCookie(cookieBytes(cookie).subarray(1)), null);
  assert.equal(readCookie(new Uint8Array(37)), null);
});

test("first words over UDP: both dialects in both byte orders, each answered in its own", () => {
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
  assert.deepEqual(helloBytes(), bytes("39383736"));
  const answers = [
    ["39383736", "36373839"],
    ["36373839", "39383736"],
    ["15cd5b07", "b168de3a"],
    ["075bcd15", "3ade68b1"],
  ] as const;
  for (const [hello, reply] of answers) {
    assert.deepEqual(replyTo(bytes(hello)), bytes(reply));
    assert.ok(isReply(bytes(reply)), reply);
  }
  assert.equal(replyTo(bytes("00000001")), null);
  assert.equal(isReply(bytes("0000000100")), false);
});

test("the head of a datagram: seconds, microseconds, a number of 32 or 64 bits", () => {
  for (const counters64 of [false, true]) {
    const bytes = new Uint8Array(100);
    writeHead(bytes, { sentMs: 12_345.678, number: 77 }, counters64);
    assert.deepEqual(readHead(bytes, counters64), { sentMs: 12_345.678, number: 77 });
    assert.equal(readHead(bytes.subarray(0, 11), counters64), null);
  }
  const large = new Uint8Array(16);
  writeHead(large, { sentMs: 0, number: 2 ** 40 + 1 }, true);
  assert.equal(readHead(large, true)!.number, 2 ** 40 + 1);
});

test("arrivals: a gap is a loss until it is filled; jitter as in RFC 3550", () => {
  const arrivals = createArrivals();
  const come = (number: number, sentMs: number, nowMs: number): void =>
    arrivals.arrived({ number, sentMs }, nowMs);
  come(1, 0, 10);
  come(2, 10, 20);
  assert.deepEqual([arrivals.lost, arrivals.jitterMs], [0, 0]);
  come(5, 40, 66);
  assert.deepEqual([arrivals.lost, arrivals.packets, arrivals.jitterMs], [2, 5, 1]);
  come(4, 30, 70);
  assert.deepEqual([arrivals.lost, arrivals.packets, arrivals.outOfOrder], [1, 5, 1]);
  arrivals.forget();
  come(7, 60, 100);
  assert.deepEqual([arrivals.lost, arrivals.packets, arrivals.outOfOrder], [1, 2, 0]);
});

test("the pacer counts from where it began", () => {
  const pacer = createPacer(8_000);
  pacer.begin(100);
  assert.equal(pacer.waitMs(100, 0), 0);
  assert.equal(pacer.waitMs(100, 1000), 1000);
  assert.equal(pacer.waitMs(1200, 1000), 0);
  assert.equal(createPacer(0).waitMs(0, 1e9), 0);
});

test("parameters: written and read they are the same", () => {
  const full: Settings = {
    ...{ protocol: "udp", direction: "both", streams: 3, length: 1000, seconds: 0 },
    ...{ omitSeconds: 0, bytes: 5_000, blocks: 0, bitrate: 1e6, mss: 0, noDelay: false, tos: 184 },
    ...{ counters64: true, serverOutput: true },
  };
  for (const settings of [PLAIN, full, { ...PLAIN, mss: 500, noDelay: true, omitSeconds: 2 }]) {
    assert.deepEqual(readParameters(writeParameters(settings, "x")), settings);
  }
  assert.equal(amountOf({ ...PLAIN, blocks: 2 }), 262_144);
  assert.deepEqual(
    [0, 3].map((index) => clientSends(full, index)),
    [true, false],
  );
  assert.throws(() => readParameters({ tcp: true, authtoken: "x" }), /authenticates itself/);
  assert.throws(() => readParameters({ udp: true, len: 15 }), /len is 15, and may be from 16/);
});

test("results: esnet's -1 of 64 bits is -1, and what is missing is 0", () => {
  const results = readResults({
    sender_has_retransmits: 18446744073709552000,
    streams: [{ id: 1, bytes: 5, retransmits: 18446744073709552000, jitter: 0.001 }, {}],
  });
  assert.equal(results.hasRetransmits, -1);
  assert.deepEqual(results.streams[0], {
    ...{ id: 1, bytes: 5, retransmits: -1, jitterMs: 1, errors: 0, packets: 0, endSeconds: 0 },
  });
  assert.deepEqual(readResults(writeResults(results)), results);
  assert.throws(() => readResults({}), /the results name no streams/);
  assert.throws(() => readResults(null), /the results are no JSON object/);
});

test("signs have names", () => {
  assert.deepEqual(
    [signName(-1), signName(14), signName(77)],
    ["ACCESS_DENIED", "DISPLAY_RESULTS", "sign 77"],
  );
});
