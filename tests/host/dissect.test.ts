// Frames taken apart, TCP conversations followed: relative numbers, windows, states, and each of Wireshark's words
// in the situation that it means. What tshark says of the same: tests/interop/tcpdump.test.ts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { numberToAddress } from "../../host/core/address.js";
import { createConversations } from "../../host/dissect/conversations.js";
import { icmpText } from "../../host/dissect/icmp.js";
import { headerSumIsRight, isFragment, payloadSumIsRight } from "../../host/dissect/ip.js";
import { dissect } from "../../host/dissect/packet.js";
import { createStateWatch } from "../../host/dissect/states.js";
import { flagLetters } from "../../host/dissect/tcp.js";
import { optionText, readTcpOptions } from "../../host/dissect/tcpOptions.js";
import { serviceOf } from "../../host/dissect/udp.js";
import { seededRandom } from "../../host/link/random.js";
import {
  arpFrame,
  ethernetFrame,
  icmpFrame,
  ipFrame,
  mssOption,
  sackOption,
  sackPermittedOption,
  scaleOption,
  tcpFrame,
  timestampOption,
  udpFrame,
  userTimeoutOption,
} from "../packets/support/frame.js";
import { createTalk, segmentFrame, type Heard } from "./support/talk.js";

const A_PORT = 49_152;

describe("layers", () => {
  test("ARP", () => {
    const { arp, problem } = dissect(arpFrame(2));
    assert.equal(problem, null);
    assert.deepEqual(
      [arp!.operation, numberToAddress(arp!.sender), numberToAddress(arp!.target)],
      [1, "192.0.2.2", "192.0.2.1"],
    );
  });

  test("TCP over IPv4, with its checksums", () => {
    const frame = segmentFrame("a", "SA", { seq: 0, bytes: 5, options: mssOption(1460) });
    const packet = dissect(frame);
    const { ip, tcp } = packet;
    assert.equal(flagLetters(tcp!.flags), "S.");
    assert.deepEqual([tcp!.sourcePort, tcp!.headerBytes, tcp!.dataBytes], [A_PORT, 24, 5]);
    assert.equal(numberToAddress(ip!.source), "198.18.0.1");
    assert.equal(headerSumIsRight(frame, ip!), true);
    assert.equal(payloadSumIsRight(frame, ip!), true);
    frame[frame.length - 1] = 0;
    assert.equal(payloadSumIsRight(frame, dissect(frame).ip!), false);
    assert.equal(payloadSumIsRight(frame.subarray(0, 58), ip!), undefined);
  });

  test("a virtual network's tag, two of them, IEEE 802.3, other types", () => {
    const inner = segmentFrame("a", "A");
    const tag = (bytes: Uint8Array, type: number, vlan: number) =>
      Uint8Array.of(
        ...bytes.subarray(0, 12),
        type >> 8,
        type & 255,
        0,
        vlan,
        ...bytes.subarray(12),
      );
    const once = dissect(tag(inner, 0x8100, 7));
    assert.deepEqual(once.ethernet!.vlans, [7]);
    assert.equal(once.tcp!.sourcePort, A_PORT);
    assert.deepEqual(dissect(tag(tag(inner, 0x8100, 7), 0x88a8, 9)).ethernet!.vlans, [9, 7]);
    assert.equal(dissect(ethernetFrame(1, { type: 0x88cc }, [1])).ip, null);
    assert.equal(dissect(ethernetFrame(1, { type: 38 }, [1])).ethernet!.type, 38);
  });

  test("fragments have no ports, not even the first", () => {
    const first = dissect(ipFrame(1, { protocol: 17, fragment: 0x2000 }, new Uint8Array(64)));
    assert.equal(first.udp, null);
    assert.equal(first.problem, null);
    assert.ok(isFragment(first.ip!) && first.ip!.moreFragments);
    const last = dissect(ipFrame(1, { protocol: 17, fragment: 8 }, new Uint8Array(16)));
    assert.deepEqual([last.ip!.fragmentOffset, last.ip!.moreFragments], [64, false]);
  });

  test("UDP, and what its ports stand for", () => {
    const service = (sourcePort: number, destinationPort: number) =>
      serviceOf(dissect(udpFrame(1, { sourcePort, destinationPort, data: [1, 2] })).udp!);
    assert.deepEqual(
      [service(5353, 5353), service(68, 67), service(53, 4000), service(4000, 123), service(1, 2)],
      ["mDNS", "DHCP", "DNS", "NTP", "UDP"],
    );
  });

  test("ICMP: echo, and errors about a packet that they quote", () => {
    const echo = dissect(icmpFrame(1, { type: 8, rest: 0x0007_0003 })).icmp!;
    assert.equal(icmpText(echo), "echo request, id 7, seq 3");
    const about = segmentFrame("a", "A").subarray(14, 14 + 28);
    const text = (type: number, code: number, rest = 0) =>
      icmpText(dissect(icmpFrame(1, { type, code, rest, data: about })).icmp!);
    assert.equal(text(3, 3), "198.18.0.2 tcp port 80 unreachable");
    assert.equal(text(3, 4, 1280), "198.18.0.2 unreachable - need to frag (mtu 1280)");
    assert.equal(text(3, 1), "host 198.18.0.2 unreachable");
    assert.equal(text(11, 0), "time exceeded in-transit");
  });

  test("options of TCP by name", () => {
    const bytes = [
      ...[...mssOption(1460), ...sackPermittedOption, ...timestampOption({ val: 7, ecr: 9 })],
      ...[1, ...scaleOption(7), ...sackOption([[101, 201]]), ...userTimeoutOption(0x8002)],
      ...[34, 4, 0xca, 0xfe, 253, 2, 77, 3, 5, 0],
    ];
    const texts = readTcpOptions(Uint8Array.from(bytes)).map((option) =>
      optionText(option, (number) => number - 100),
    );
    assert.deepEqual(texts, [
      ...["mss 1460", "sackOK", "TS val 7 ecr 9", "nop", "wscale 7", "sack 1 {1:101}", "uto 120"],
      ...["tfo 0xcafe", "exp-253", "unknown-77 0x05", "eol"],
    ]);
  });

  test("an option that lies about its length ends the list", () => {
    for (const bytes of [
      [1, 2, 5, 0, 0],
      [1, 2, 1],
      [1, 2],
      [1, 5, 9, 0, 0, 0, 0, 0, 0, 0],
    ]) {
      const names = readTcpOptions(Uint8Array.from(bytes)).map(({ name }) => name);
      assert.deepEqual(names, ["nop", "bad"]);
    }
  });

  test("what is cut off is named, at every length", () => {
    const frame = segmentFrame("a", "SA", {
      bytes: 10,
      options: timestampOption({ val: 1, ecr: 2 }),
    });
    const problems = Array.from(
      frame,
      (_, bytes) => dissect(frame.subarray(0, bytes), frame.length).problem,
    );
    assert.deepEqual([...new Set(problems)], ["ethernet", "ip", "tcp", null]);
    assert.equal(problems.indexOf(null), 54);
    const { tcp } = dissect(frame.subarray(0, 60), frame.length);
    assert.deepEqual([tcp!.dataBytes, tcp!.options[0]!.name], [10, "bad"]);
  });

  test("no bytes whatever do harm", () => {
    const random = seededRandom(7);
    const conversations = createConversations({ most: 8 });
    const frames = [
      ...[segmentFrame("a", "SA", { bytes: 20, options: timestampOption({ val: 1, ecr: 2 }) })],
      ...[
        arpFrame(1),
        udpFrame(1, { sourcePort: 1, destinationPort: 2 }),
        icmpFrame(1, { type: 3 }),
      ],
    ];
    for (let round = 0; round < 20_000; round++) {
      const frame = Uint8Array.from(frames[round % frames.length]!);
      for (let change = 0; change < 3; change++) {
        frame[Math.floor(random() * frame.length)] = Math.floor(random() * 256);
      }
      const packet = dissect(frame.subarray(0, Math.floor(random() * (frame.length + 1))));
      const segment = conversations.follow(round + 1, round * 1000, packet);
      assert.equal(segment === null, packet.tcp === null);
    }
    assert.ok(conversations.size <= 8);
  });
});

describe("conversations", () => {
  test("numbers are relative to the SYN of each side, across the wrap", () => {
    const talk = createTalk();
    const [syn, synAck, ack] = talk.open();
    const numbers = ({ segment }: Heard) => [segment.sequence, segment.acknowledgment];
    assert.deepEqual([syn!, synAck!, ack!].map(numbers), [
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    const far = talk.say("a", "A", { seq: 301, bytes: 10, ack: 1 });
    assert.deepEqual(numbers(far), [301, 1]);
    assert.ok(far.packet.tcp!.sequence < 1000, "it has wrapped");
  });

  test("without a SYN both sides begin at 1", () => {
    const talk = createTalk();
    const { segment } = talk.say("b", "PA", { seq: 5000, ack: 900, bytes: 10 });
    assert.deepEqual([segment.sequence, segment.acknowledgment], [1, 1]);
    assert.equal(talk.say("a", "A", { seq: 900, ack: 5010 }).segment.acknowledgment, 11);
    assert.equal(segment.shift, null);
  });

  test("windows are scaled when both SYNs say so, those of SYNs never", () => {
    const talk = createTalk();
    const syn = talk.say("a", "S", { seq: 0, win: 500, options: scaleOption(7) });
    const synAck = talk.say("b", "SA", { seq: 0, win: 600, options: scaleOption(2) });
    assert.deepEqual([syn.segment.windowBytes, synAck.segment.windowBytes], [500, 600]);
    assert.equal(talk.say("a", "A", { win: 500 }).segment.windowBytes, 64_000);
    assert.equal(talk.say("b", "A", { win: 600 }).segment.windowBytes, 2_400);
    const alone = createTalk();
    alone.say("a", "S", { seq: 0, options: scaleOption(7) });
    alone.say("b", "SA", { seq: 0 });
    assert.equal(alone.say("a", "A", { win: 500 }).segment.windowBytes, 500);
  });

  test("who has opened it is the client, also where only the answer was seen", () => {
    const talk = createTalk();
    const { segment } = talk.say("b", "SA", { seq: 0 });
    assert.equal(segment.conversation.client.port, A_PORT);
    assert.equal(segment.isFromClient, false);
  });

  test("the one that was silent for longest is forgotten", () => {
    const conversations = createConversations({ most: 2 });
    const follow = (sourcePort: number) => {
      const tcp = { sourcePort, destinationPort: 80, seq: 5, ack: 0, flags: "A" };
      return conversations.follow(1, 0, dissect(tcpFrame(1, tcp)))!.conversation.id;
    };
    assert.deepEqual([1, 2, 1, 3, 1, 2].map(follow), [1, 2, 1, 3, 1, 4]);
    assert.equal(conversations.size, 2);
  });
});

describe("words", () => {
  test("an exchange without trouble has none", () => {
    const talk = createTalk();
    const heard = [
      ...talk.open(),
      talk.say("a", "PA", { bytes: 100 }),
      talk.say("b", "PA", { ack: 101, bytes: 50 }),
      talk.say("a", "FA", { seq: 101, ack: 51 }),
      talk.say("b", "FA", { seq: 51, ack: 102 }),
      talk.say("a", "A", { seq: 102, ack: 52 }),
    ];
    assert.deepEqual(
      heard.flatMap(({ segment }) => segment.words),
      [],
    );
  });

  test("TCP Retransmission: sent before, and late", () => {
    const talk = createTalk();
    talk.open();
    talk.say("a", "PA", { bytes: 100 });
    const again = { bytes: 100, afterUs: 200_000 };
    assert.deepEqual(talk.words("a", "PA", again), ["TCP Retransmission"]);
  });

  test("TCP Retransmission: a SYN and a FIN that come again", () => {
    const talk = createTalk();
    talk.say("a", "S", { seq: 0 });
    const syn = { seq: 0, afterUs: 1_000_000 };
    assert.deepEqual(talk.words("a", "S", syn), ["TCP Retransmission"]);
    talk.say("b", "SA", { seq: 0 });
    talk.say("a", "FA");
    assert.deepEqual(talk.words("a", "FA", { afterUs: 300_000 }), ["TCP Retransmission"]);
  });

  test("TCP Previous segment not captured, then TCP Out-Of-Order: it comes soon after", () => {
    const talk = createTalk();
    talk.open();
    talk.say("a", "PA", { bytes: 100 });
    const beyond = { seq: 201, bytes: 100 };
    assert.deepEqual(talk.words("a", "PA", beyond), ["TCP Previous segment not captured"]);
    const hole = { seq: 101, bytes: 100, afterUs: 500 };
    assert.deepEqual(talk.words("a", "PA", hole), ["TCP Out-Of-Order"]);
  });

  test("TCP Retransmission: a hole that is filled later than a round trip", () => {
    const talk = createTalk();
    talk.open();
    talk.say("a", "PA", { seq: 101, bytes: 100 });
    const hole = { bytes: 100, afterUs: 2_001 };
    assert.deepEqual(talk.words("a", "PA", hole), ["TCP Retransmission"]);
  });

  test("TCP Dup ACK: which frame it repeats, and how often", () => {
    const talk = createTalk();
    talk.open();
    talk.say("a", "PA", { bytes: 100 });
    const ack = { ack: 101 };
    assert.deepEqual(talk.words("b", "A", ack), []);
    assert.deepEqual(talk.words("b", "A", ack), ["TCP Dup ACK 5#1"]);
    assert.deepEqual(talk.words("b", "A", ack), ["TCP Dup ACK 5#2"]);
    talk.say("a", "PA", { seq: 101, bytes: 100 });
    assert.deepEqual(talk.words("b", "A", { ack: 201 }), []);
    assert.deepEqual(talk.words("b", "A", { ack: 201 }), ["TCP Dup ACK 9#1"]);
  });

  test("TCP Fast Retransmission: two duplicates have just asked for it", () => {
    const talk = createTalk();
    talk.open();
    for (let piece = 0; piece < 4; piece++)
      talk.say("a", "PA", { seq: 1 + 100 * piece, bytes: 100 });
    talk.say("b", "A", { ack: 101 });
    for (let times = 0; times < 2; times++) talk.say("b", "A", { ack: 101 });
    const again = { seq: 101, bytes: 100 };
    assert.deepEqual(talk.words("a", "PA", again), ["TCP Fast Retransmission"]);
    const late = { ...again, afterUs: 30_000 };
    assert.deepEqual(talk.words("a", "PA", late), ["TCP Retransmission"]);
  });

  test("TCP Retransmission: soon, but of numbers that were seen", () => {
    const talk = createTalk();
    talk.open();
    for (const seq of [1, 101, 201]) talk.say("a", "PA", { seq, bytes: 100 });
    const again = { seq: 101, bytes: 100, afterUs: 10 };
    assert.deepEqual(talk.words("a", "PA", again), ["TCP Retransmission"]);
  });

  test("TCP Spurious Retransmission: the peer has it", () => {
    const talk = createTalk();
    talk.open();
    talk.say("a", "PA", { bytes: 100 });
    talk.say("b", "A", { ack: 101 });
    const again = { bytes: 100, afterUs: 300_000 };
    assert.deepEqual(talk.words("a", "PA", again), ["TCP Spurious Retransmission"]);
  });

  test("TCP Keep-Alive and TCP Keep-Alive ACK, without and with a byte", () => {
    for (const bytes of [0, 1]) {
      const talk = createTalk();
      talk.open();
      talk.say("a", "PA", { bytes: 100 });
      talk.say("b", "A", { ack: 101 });
      const probe = { seq: 100, bytes, afterUs: 60_000_000 };
      assert.deepEqual(talk.words("a", "A", probe), ["TCP Keep-Alive"]);
      assert.deepEqual(talk.words("b", "A", { ack: 101 }), ["TCP Keep-Alive ACK"]);
      assert.deepEqual(talk.words("b", "A", { ack: 101 }), ["TCP Keep-Alive ACK"]);
    }
  });

  test("TCP Window Full, TCP ZeroWindow, probe and answer, TCP Window Update", () => {
    const talk = createTalk();
    talk.open(100);
    assert.deepEqual(talk.words("a", "PA", { bytes: 100 }), ["TCP Window Full"]);
    assert.deepEqual(talk.words("b", "A", { ack: 101, win: 0 }), ["TCP ZeroWindow"]);
    const probe = { seq: 101, bytes: 1, afterUs: 300_000 };
    for (let times = 0; times < 2; times++) {
      assert.deepEqual(talk.words("a", "A", probe), ["TCP ZeroWindowProbe"]);
      const answer = ["TCP ZeroWindow", "TCP ZeroWindowProbeAck"];
      assert.deepEqual([...talk.words("b", "A", { ack: 101, win: 0 })].sort(), answer);
    }
    assert.deepEqual(talk.words("b", "A", { ack: 101, win: 100 }), ["TCP Window Update"]);
    assert.deepEqual(talk.words("a", "PA", { seq: 101, bytes: 50 }), []);
  });

  test("a probe's byte that the peer takes was seen, and what follows it is in order", () => {
    const talk = createTalk();
    talk.open(100);
    talk.say("a", "PA", { bytes: 100 });
    talk.say("b", "A", { ack: 101, win: 0 });
    talk.say("a", "A", { seq: 101, bytes: 1 });
    assert.deepEqual(talk.words("b", "A", { ack: 102, win: 100 }), []);
    assert.deepEqual(talk.words("a", "PA", { seq: 102, bytes: 10 }), []);
  });

  test("TCP ACKed unseen segment: told once", () => {
    const talk = createTalk();
    talk.open();
    assert.deepEqual(talk.words("b", "A", { ack: 101 }), ["TCP ACKed unseen segment"]);
    assert.deepEqual(talk.words("b", "PA", { ack: 101, bytes: 5 }), []);
  });

  test("TCP Port numbers reused: another SYN between the same ports", () => {
    const talk = createTalk();
    const [first] = talk.open();
    talk.moveOn(100_000);
    const second = talk.say("a", "S", { seq: 0 });
    assert.deepEqual(second.segment.words, ["TCP Port numbers reused"]);
    assert.equal(second.segment.sequence, 0);
    assert.notEqual(second.segment.conversation.id, first!.segment.conversation.id);
  });

  test("a RST beyond what comes next misses nothing", () => {
    const talk = createTalk();
    talk.open();
    assert.deepEqual(talk.words("a", "RA", { seq: 500 }), []);
  });
});

describe("states", () => {
  /** Each segment, and the states of client and server after it. */
  function statesOf(said: Parameters<ReturnType<typeof createTalk>["say"]>[]): string[] {
    const talk = createTalk();
    const watch = createStateWatch();
    return said.map((words, index) => {
      const { segment, packet } = talk.say(...words);
      if (index === 0) watch.expect(packet.tcp!);
      const { client, server } = watch.take(segment, packet.tcp!);
      return `${client} ${server}`;
    });
  }

  const handshake: Parameters<typeof statesOf>[0] = [
    ["a", "S", { seq: 0 }],
    ["b", "SA", { seq: 0 }],
    ["a", "A"],
  ];

  test("a connection from SYN-SENT to TIME-WAIT", () => {
    assert.deepEqual(
      statesOf([
        ...handshake,
        ["a", "FA"],
        ["b", "A", { ack: 2 }],
        ["b", "FA", { ack: 2 }],
        ["a", "A", { seq: 2, ack: 2 }],
      ]),
      [
        "SYN-SENT SYN-RECEIVED",
        "ESTABLISHED SYN-RECEIVED",
        "ESTABLISHED ESTABLISHED",
        "FIN-WAIT-1 CLOSE-WAIT",
        "FIN-WAIT-2 CLOSE-WAIT",
        "TIME-WAIT LAST-ACK",
        "TIME-WAIT CLOSED",
      ],
    );
  });

  test("both close at the same time", () => {
    assert.deepEqual(
      statesOf([
        ...handshake,
        ["a", "FA"],
        ["b", "FA"],
        ["a", "A", { seq: 2, ack: 2 }],
        ["b", "A", { seq: 2, ack: 2 }],
      ]).slice(3),
      ["FIN-WAIT-1 CLOSE-WAIT", "CLOSING FIN-WAIT-1", "CLOSING FIN-WAIT-2", "TIME-WAIT TIME-WAIT"],
    );
  });

  test("a reset closes both, a refused SYN too", () => {
    assert.equal(statesOf([...handshake, ["b", "R"]]).at(-1), "CLOSED CLOSED");
    assert.equal(
      statesOf([
        ["a", "S", { seq: 0 }],
        ["b", "RA", { seq: 0 }],
      ]).at(-1),
      "CLOSED CLOSED",
    );
  });

  test("both open it at the same time", () => {
    assert.deepEqual(
      statesOf([
        ["a", "S", { seq: 0 }],
        ["b", "S", { seq: 0 }],
        ["a", "SA", { seq: 0 }],
        ["b", "SA", { seq: 0 }],
      ]),
      [
        "SYN-SENT SYN-RECEIVED",
        "SYN-RECEIVED SYN-SENT",
        "SYN-RECEIVED ESTABLISHED",
        "ESTABLISHED ESTABLISHED",
      ],
    );
  });

  test("where the beginning was not seen, it is open", () => {
    assert.deepEqual(statesOf([["b", "PA", { bytes: 10 }]]), ["ESTABLISHED ESTABLISHED"]);
  });
});
