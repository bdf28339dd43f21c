// The grammar: what each phrase becomes, and for each kind of mistake the place and the words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptText } from "../../host/packetdrill/describe.js";
import { ScriptProblem } from "../../host/packetdrill/errors.js";
import { parseScript } from "../../host/packetdrill/parse.js";
import type { CallEvent, PacketEvent, ScriptEvent } from "../../host/packetdrill/script.js";

const parse = (text: string, names: [string, string][] = []) =>
  parseScript("a.pkt", text, new Map(names));

function only(text: string): ScriptEvent {
  const { events } = parse(text);
  assert.equal(events.length, 1);
  return events[0]!;
}

const packet = (text: string) => (only(text) as PacketEvent).packet;

const times: [text: string, time: object][] = [
  ["0 `x`", { kind: "at", relative: false, us: 0, endUs: 0 }],
  ["+0 `x`", { kind: "at", relative: true, us: 0, endUs: 0 }],
  ["+.1 `x`", { kind: "at", relative: true, us: 100_000, endUs: 100_000 }],
  ["0.0000015 `x`", { kind: "at", relative: false, us: 1.5, endUs: 1.5 }],
  ["+0.2~+0.3 > . 1:1(0)", { kind: "range", relative: true, us: 200_000, endUs: 300_000 }],
  ["1~2 > . 1:1(0)", { kind: "range", relative: false, us: 1e6, endUs: 2e6 }],
  ["* > . 1:1(0)", { kind: "any", relative: false, us: 0, endUs: 0 }],
  ["`x`", { kind: "at", relative: true, us: 0, endUs: 0 }],
];
for (const [text, time] of times) {
  test(`time: ${text}`, () => assert.deepEqual(only(text).time, time));
}

/** A packet and how it is shown; where they differ, the dialect has more than one way. */
const packets: [text: string, shown: string][] = [
  ["< S 0:0(0) win 32792 <mss 1000,nop,wscale 7>", ""],
  ["> S. 0:0(0) ack 1 <...>", ""],
  ["> - 1:1(0)", ""],
  ["< R 1:1(0)", ""],
  ["< U. 1:11(10) ack 1 win 5 urg 7", ""],
  ["> SEW 0:0(0)", ""],
  ["> SA 0:0(0) ack 1", "> S. 0:0(0) ack 1"],
  ["< PA 1:11(10) ack 1 win 5", "< P. 1:11(10) ack 1 win 5"],
  ["> SEWA 0:0(0)", ""],
  ["< S.5 0:0(0) ack 1 win 1", "< SEA. 0:0(0) ack 1 win 1"],
  ["> .2 1:1(0) ack 1", "> W. 1:1(0) ack 1"],
  ["> 8080 > 32768 F. 5:5(0) ack 1", ""],
  ["> . 4294967295:9(10)! ack 1!", ""],
  ["> P. ...(100) ack 1", ""],
  ["< . 1:1(0) ack 1 win 1 <sack 1:2 3:4>", ""],
  [
    "< . 1:1(0) ack 1 win 1 <nop,sack 1:2,3:4,nop>",
    "< . 1:1(0) ack 1 win 1 <nop,sack 1:2 3:4,nop>",
  ],
  [
    "< . 1:1(0) ack 1 win 1 <nop, nop, TS val 100 ecr 5!>",
    "< . 1:1(0) ack 1 win 1 <nop,nop,TS val 100 ecr 5!>",
  ],
  ["> . 1:1(0) <TS val ... ecr 9>", ""],
  ["< S 0:0(0) win 1 <FO 0102,eol>", "< S 0:0(0) win 1 <kind 34 0102,eol>"],
  ["< S 0:0(0) win 1 <kind 253>", ""],
  ["< (ttl 3) . 1:1(0) ack 1 win 1", ""],
  ["< (tos 0x10, ttl 3, df) . 1:1(0) ack 1 win 1", ""],
  ["> [ect01] P. 1:2(1) ack 1", "> (ect01) P. 1:2(1) ack 1"],
  ["> (dscp af11, ecn ce) . 1:1(0)", "> (tos 0x2b) . 1:1(0)"],
  ["< (id 7) . 1:1(0) ack 1 win 1", "< . 1:1(0) ack 1 win 1"],
  ["< icmp unreachable frag_needed mtu 1000 [1:1001(1000)]", ""],
  ["< [1:1(0)] icmp unreachable net_prohibited", "< icmp unreachable net_prohibited [1:1(0)]"],
  ["< icmp type_3 code_1", "< icmp unreachable host_unreachable"],
  ["< icmp time_exceeded", "< icmp time_exceeded exceeded_ttl"],
];
for (const [text, shown] of packets) {
  test(`packet: ${text}`, () => {
    const event = only(`+0 ${text}`) as PacketEvent;
    assert.equal(scriptText(event.packet, event.inbound), shown || text);
  });
}

test("AccECN digits are the bits AE, CWR and ECE", () => {
  const tcp = packet("+0 > .6 1:1(0)");
  assert.equal(tcp.kind === "tcp" && tcp.flags, 0x190);
});

test("a system call has its arguments, its result, its error and its end", () => {
  const call = only(
    '+1...1.5 connect(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("1.2.3.4")}, ...) = -1 EINPROGRESS (Operation now in progress)',
  ) as CallEvent;
  assert.equal(call.name, "connect");
  assert.equal(call.endUs, 1_500_000);
  assert.equal(call.errno, "EINPROGRESS");
  assert.equal(call.result.kind === "number" && call.result.value, -1);
  const address = call.args[1];
  assert.deepEqual(address?.kind === "struct" && address.fields.map(({ name }) => name), [
    "sa_family",
    "sin_port",
    "sin_addr",
  ]);
});

test("arguments: hexadecimal, |, lists, structures, strings that go on", () => {
  const call = only(
    '+0 f(0x10, A|B, [1, 2], {fd=4, events=POLLIN}, "a\\n" "b"..., ...) = 0x2 (flags X)',
  );
  assert.ok(call.kind === "call");
  assert.deepEqual(
    call.args.map(({ kind }) => kind),
    ["number", "or", "list", "struct", "string", "any"],
  );
  const text = call.args[4];
  assert.equal(text?.kind === "string" && text.value, "a\nb");
});

test("comments of every kind are passed over", () => {
  const { events } = parse("// a\n/* b\n < */ # c\n0 `x` // d\n+0 `y` /* e */\n# f");
  assert.deepEqual(
    events.map(({ place }) => place.line),
    [4, 5],
  );
});

test("options stand at the top, with or without a value", () => {
  const { options } = parse(
    '--a=b c\n--d\n--e = "f g"\n--option MSL_MS=1\n0 `x`'.replace(" c", ""),
  );
  assert.deepEqual(
    options.map(({ name, value }) => [name, value]),
    [
      ["a", "b"],
      ["d", ""],
      ["e", "f g"],
      ["option", "MSL_MS=1"],
    ],
  );
});

test("conditionals choose by names: ours, those of the command line, those of the script", () => {
  const text = [
    "#ifdef MOTETCP",
    "0 `one`",
    "#ifndef OTHER",
    "+0 `two`",
    "#else",
    "+0 `three`",
    "#endif",
    "#else",
    "+0 `nonsense ( [",
    "#endif",
    "#define LATER",
    "#ifdef LATER",
    "+0 `four`",
    "#endif",
    "#undef LATER",
    "#ifdef LATER",
    "+0 `five`",
    "#endif",
  ].join("\n");
  const shells = (names: [string, string][]) =>
    parse(text, names).events.map((event) => (event.kind === "shell" ? event.text : ""));
  assert.deepEqual(shells([]), ["one", "two", "four"]);
  assert.deepEqual(shells([["OTHER", "1"]]), ["one", "three", "four"]);
});

test("a defined word is replaced by one token: a number, a word, a text", () => {
  const source =
    "--define=CODE=host_unreachable\n#define N 7\n+0 < icmp unreachable CODE\n+0 f(N, T) = 0";
  const [first, second] = parse(source, [["T", '"x"']]).events;
  const icmp = first?.kind === "packet" ? first.packet : undefined;
  assert.equal(icmp?.kind === "icmp" && icmp.code, 1);
  const args = second?.kind === "call" ? second.args : [];
  assert.deepEqual(
    args.map(({ kind }) => kind),
    ["number", "string"],
  );
});

const mistakes: [text: string, place: string, says: RegExp][] = [
  ["", "1:1", /expected an event, found the end/],
  ["\n  +x `y`", "2:4", /expected a time .*, found x/],
  ["+0 = 3", "1:4", /expected a packet .* or a system call|expected a packet.*, found =/],
  ["+0 < X 0:0(0) win 1", "1:6", /expected flags .*, found X/],
  ["+0 < S 0-0(0) win 1", "1:9", /expected :, found -0/],
  ["+0 < S 1:3(1) win 1", "1:10", /expected 2, which is 1 and 1 bytes, found 3/],
  ["+0 < . 1:1(0) ack 1", "1:20", /expected win .*, found the end/],
  ["+0 < . 1:1(0) ack 1 win 65536", "1:25", /expected the window from 0 to 65535, found 65536/],
  ["+0 < . 1:1(0) win 1 <...>", "1:21", /<\.\.\.> is for packets of the stack/],
  ["+0 > . 1:1(0) <mss 1460 nop>", "1:25", /expected , or >, found nop/],
  ["+0 > . 1:1(0) <mms 1460>", "1:16", /expected a TCP option .*, found mms/],
  ["+0 > . 1:1(0) <FO 123>", "1:19", /expected pairs of hexadecimal digits, found 123/],
  [
    "+0 < S 0:0(0) win 1 <kind 9 00112233445566778899001122334455667788990011223344556677889900112233445566778899>",
    "1:21",
    /at most 40 bytes/,
  ],
  [
    "+0 < icmp unreachible",
    "1:11",
    /an ICMP type \(did you mean unreachable\?\), found unreachible/,
  ],
  ["+0 < icmp unreachable host_unreachible", "1:23", /did you mean host_unreachable/],
  ["+0 < [1:1(0)] . 1:1(0) win 1", "1:15", /expected icmp behind/],
  ["+0 < (ttl 300) . 1:1(0) win 1", "1:11", /hops from 0 to 255, found 300/],
  ["* < . 1:1(0) win 1", "1:1", /expected one moment/],
  ["1~2 read(3, ..., 1) = 1", "1:1", /expected one moment \(a range/],
  ["2~1 > . 1:1(0)", "1:3", /an end that is not before/],
  ["+0 socket(1, 2 = 3", "1:16", /expected , or \), found =/],
  ["+0 socket(1)", "1:13", /expected = and the result, found the end/],
  ["+0 f({a=1) = 0", "1:10", /expected , or }, found \)/],
  ["+0 `x`\n--mtu=9", "2:1", /options stand before the first/],
  ["+0 `x", "1:4", /expected ` that closes `, found the end/],
  ["/* x", "1:1", /expected \*\/ that closes/],
  ["#ifdef A\n0 `x`", "1:1", /expected #endif, found the end/],
  ["#endif\n0 `x`", "1:1", /expected #ifdef before, found #endif/],
  ["#ifdef\n0 `x`", "1:1", /expected a name behind #ifdef/],
];
for (const [text, place, message] of mistakes) {
  test(`mistake: ${JSON.stringify(text).slice(0, 60)}`, () => {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof ScriptProblem, String(error));
        assert.equal(error.kind, "mistake");
        assert.match(error.message, message);
        assert.equal(`${error.place?.line}:${error.place?.column}`, place);
        return true;
      },
    );
  });
}

const unsupported: [text: string, says: RegExp][] = [
  ["+0 > udp (100)", /udp is not supported by this stack yet/],
  ["+0 < icmp unreachable port_unreachable [udp (8)]", /udp is not supported/],
  ["+0 < sctp: INIT", /sctp is not supported/],
  ["+0 > (flowlabel 0x1) . 1:1(0)", /IPv6/],
  ["+0 < . 1:1(0) win 1 {mut tcp mss}", /fuzzing/],
  ["+0 < . 1:1(0) win 1 <AccECN0 1>", /AccECN0 is not known/],
];
for (const [text, message] of unsupported) {
  test(`unsupported: ${text}`, () => {
    assert.throws(
      () => parse(text),
      (error) =>
        error instanceof ScriptProblem &&
        error.kind === "unsupported" &&
        message.test(error.message),
    );
  });
}
