// The same session in two captures, our own (--pcap) and one taken on the TAP device, read by tshark
// with every checksum validated: nothing malformed, no bad checksum, no retransmission, complete
// connections, and the same segments in both.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { tune } from "../host/support/tune.js";
import { connectFlow } from "./support/flow.js";
import { skip } from "./support/namespace.js";
import { patternDigest } from "./support/pattern.js";
import { output, run } from "./support/programs.js";
import { startServe, type Served } from "./support/serve.js";
import { BAD, captureDevice, GOOD, readCapture, Seen, type Packet } from "./support/tshark.js";

const REFUSED_PORT = 4444;
/** MTU and Ethernet header: a longer frame would be one that the kernel has not cut yet. */
const LONGEST_FRAME = 1514;

/** What Wireshark may remark on; everything else fails the test. */
const HARMLESS = [
  /^Connection (establish|finish)/,
  /^This frame (initiates|undergoes) the connection closing$/,
  /^(GET|HTTP\/1\.1) /,
  /^TCP (Zero Window segment|window update)$/,
  /^TCP window specified by the receiver is now completely full$/,
  // The host's name is probed three times (RFC 6762 section 8.1).
  /^DNS query retransmission\. /,
  // And announced twice, a second apart (section 8.3): a slow session sees both.
  /^DNS response retransmission\. /,
];

interface Session {
  readonly own: Packet[];
  readonly onTap: Packet[];
  readonly ownFile: string;
}

/** What a side says when the other, or this machine, was held up for a while. */
const HELD_UP = /retransmission|Dup ACK|Duplicate ACK|Zero Window probe|keep-alive/i;
const TRIES = 3;

/** One of three sessions in which nobody was held up, or the last. */
async function captureUndisturbed(t: TestContext, profile: string): Promise<Session> {
  for (let i = 1; ; i++) {
    const session = await capture(t, profile);
    const wasHeldUp = [...session.own, ...session.onTap].some((packet) => {
      return isTcp(packet) && HELD_UP.test(packet.opinions);
    });
    if (!wasHeldUp || i === TRIES) return session;
  }
}

/** Plays one session with everything in it, under both captures. */
async function capture(t: TestContext, profile: string): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), "mote-capture-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [ownFile, tapFile] = [join(folder, "own.pcapng"), join(folder, "tap.pcap")];
  const words = ["hello,echo,discard,http", "--profile", profile, "--pcap", ownFile];
  const served = await startServe(t, [...words, "--link", "tap:mote0"]);
  const tap = await captureDevice(t, "mote0", tapFile);
  await play(served);
  assert.equal(await served.notIdle(), "");
  await tap.stop();
  assert.equal(await served.stop(), 0);
  return { own: await readCapture(ownFile), onTap: await readCapture(tapFile), ownFile };
}

async function play(served: Served): Promise<void> {
  const { address } = served;
  await output(["ping", "-c", "3", "-i", "0.02", "-s", "1472", address]);
  await output(["curl", "-sS", `http://${address}:${served.port("http")}/`]);
  const hello = ["nc", address, String(served.port("hello"))];
  assert.equal(await output(hello, { input: ["mote"] }), "hello ->mote");
  // discard answers nothing: what acknowledges these is the delayed ACK alone.
  const discard = ["nc", "-N", address, String(served.port("discard"))];
  assert.equal(await output(discard, { input: ["mote", "mote"], pauseMs: 300 }), "");
  for (const length of [1, 1_460, 20_000, 1_000_000]) {
    const { digest } = await connectFlow(address, served.port("echo"), { send: length });
    assert.equal(digest, patternDigest(length));
  }
  const echo = (length: number) => connectFlow(address, served.port("echo"), { send: length });
  await Promise.all([echo(50_000), echo(60_000)]);
  assert.equal((await connectFlow(address, REFUSED_PORT, { send: 1 })).error, "ECONNREFUSED");
  assert.equal((await run(["nc", "-z", address, String(served.port("discard"))])).code, 0);
}

/** A segment or echo message by what does not depend on who captured it. */
function identity(packet: Packet): string {
  const { source, sourcePort, destinationPort, rawSequence, rawAcknowledgment } = packet;
  const { length, flags, icmpType, icmpSequence } = packet;
  const tcp = [sourcePort, destinationPort, rawSequence, rawAcknowledgment, length, flags];
  return [source, ...tcp, icmpType, icmpSequence].join(" ");
}

const isTcp = ({ stream }: Packet) => stream !== "";

function checkPackets(packets: readonly Packet[]): void {
  const tcp = packets.filter(isTcp);
  const icmp = packets.filter(({ icmpType }) => icmpType !== "");
  const arp = packets.filter(({ arpOperation }) => arpOperation !== "");
  assert.ok(tcp.length > 100 && icmp.length >= 6 && arp.length >= 2, "the session is in it");
  for (const packet of packets) {
    assert.ok(!packet.protocols.includes("malformed"), `malformed: ${JSON.stringify(packet)}`);
    assert.ok(Number(packet.bytes) <= LONGEST_FRAME, JSON.stringify(packet));
  }
  // Good, not merely "not bad": a checksum left to hardware would count as unverified or bad.
  for (const packet of [...tcp, ...icmp]) assert.equal(packet.ipChecksum, GOOD, packet.number);
  for (const packet of tcp) assert.equal(packet.tcpChecksum, GOOD, packet.number);
  for (const packet of icmp) assert.equal(packet.icmpChecksum, GOOD, packet.number);
}

function checkOpinions(packets: readonly Packet[]): void {
  const strange = packets.flatMap(({ number, source, opinions, destinationPort, sourcePort }) => {
    const refused = [sourcePort, destinationPort].includes(String(REFUSED_PORT));
    return opinions
      .split(";")
      .filter((opinion) => opinion !== "" && !HARMLESS.some((known) => known.test(opinion)))
      .filter((opinion) => !(refused && opinion === "Connection reset (RST)"))
      .map((opinion) => `packet ${number} from ${source}: ${opinion}`);
  });
  assert.deepEqual(strange, []);
}

function checkConnections(packets: readonly Packet[]): void {
  const streams = new Map<string, Packet[]>();
  for (const packet of packets.filter(isTcp)) {
    streams.set(packet.stream, [...(streams.get(packet.stream) ?? []), packet]);
  }
  for (const stream of streams.values()) {
    const [syn, synAck, ack] = stream;
    const completeness = Number(stream.at(-1)!.completeness);
    if (syn!.destinationPort === String(REFUSED_PORT)) {
      assert.equal(stream.length, 2);
      assert.equal(completeness & (Seen.SYN | Seen.SYN_ACK | Seen.RST), Seen.SYN | Seen.RST);
      continue;
    }
    const whole = Seen.SYN | Seen.SYN_ACK | Seen.ACK | Seen.FIN;
    assert.equal(completeness & ~Seen.DATA, whole, `from port ${syn!.sourcePort}`);
    assert.deepEqual([syn!.flags, synAck!.flags], ["0x0002", "0x0012"]);
    assert.deepEqual([synAck!.sequence, synAck!.acknowledgment], ["0", "1"]);
    assert.deepEqual([ack!.sequence, ack!.acknowledgment], ["1", "1"]);
  }
}

for (const profile of ["desktop", "esp32"]) {
  test(`${profile}: one session, two captures`, { skip, timeout: 90_000 }, async (t) => {
    // Without tail loss probes the kernel repeats nothing before 200 ms have passed.
    const quiet = tune("ipv4/tcp_early_retrans", "0");
    if (!quiet) t.diagnostic("tail loss probes of the kernel could not be switched off");
    const { own, onTap, ownFile } = await captureUndisturbed(t, profile);
    const captures: [string, Packet[]][] = [
      ["our own", own],
      ["the one on the TAP device", onTap],
    ];
    for (const [name, packets] of captures) {
      await t.test(`${name}: nothing malformed, every checksum good`, () => checkPackets(packets));
      await t.test(`${name}: no retransmission, nothing lost or strange`, () => {
        checkOpinions(packets);
      });
      await t.test(`${name}: every connection is complete`, () => checkConnections(packets));
    }
    await t.test("both have the same packets of the session", () => {
      // What the host says by itself may go before the second capture has begun.
      const identities = (packets: Packet[]) =>
        packets
          .filter((packet) => isTcp(packet) || packet.icmpType !== "")
          .map(identity)
          .sort();
      assert.deepEqual(identities(own), identities(onTap));
    });
    await t.test("a flipped bit would have been found", async () => {
      const bytes = readFileSync(ownFile);
      const at = bytes.indexOf("hello ->mote");
      assert.ok(at > 0);
      bytes[at] = bytes[at]! ^ 1;
      const spoiled = `${ownFile}.spoiled`;
      writeFileSync(spoiled, bytes);
      const bad = (await readCapture(spoiled)).filter(({ tcpChecksum }) => tcpChecksum === BAD);
      assert.equal(bad.length, 1);
    });
  });
}
