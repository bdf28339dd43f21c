// Filters of `mote tcpdump`: what each word lets through, how they are joined, and what is said of words that do
// not fit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFilter, FilterError } from "../../host/dissect/filter/filter.js";
import { dissect } from "../../host/dissect/packet.js";
import { arpFrame, icmpFrame, ipFrame, udpFrame } from "../packets/support/frame.js";
import { segmentFrame } from "./support/talk.js";

/** Some frames, each with its name. Talk is between 198.18.0.1:49152 and 198.18.0.2:80, the rest of 192.0.2/24. */
const frames: Readonly<Record<string, Uint8Array>> = {
  syn: segmentFrame("a", "S"),
  synAck: segmentFrame("b", "SA"),
  data: segmentFrame("a", "PA", { bytes: 5 }),
  fin: segmentFrame("b", "FA"),
  rst: segmentFrame("a", "R"),
  udp: udpFrame(7, { sourcePort: 4000, destinationPort: 80 }),
  icmp: icmpFrame(7, { type: 8 }),
  arp: arpFrame(7),
  part: ipFrame(7, { protocol: 17, fragment: 8 }, new Uint8Array(8)),
};

const packets = Object.entries(frames).map(([name, frame]) => ({ name, packet: dissect(frame) }));

const passed = (text: string): string => {
  const filter = createFilter(text);
  return packets.flatMap(({ name, packet }) => (filter(packet) ? [name] : [])).join(" ");
};

const ALL = "syn synAck data fin rst udp icmp arp part";
const TCP = "syn synAck data fin rst";

const cases: readonly [filter: string, passes: string][] = [
  ["", ALL],
  ["tcp", TCP],
  ["udp", "udp part"],
  ["icmp", "icmp"],
  ["arp", "arp"],
  ["ip", "syn synAck data fin rst udp icmp part"],
  ["fragment", "part"],
  ["ip6 or igmp", ""],
  ["host 198.18.0.1", TCP],
  ["src host 198.18.0.1", "syn data rst"],
  ["dst host 198.18.0.1", "synAck fin"],
  ["src 198.18.0.1", "syn data rst"],
  ["host 192.0.2.7", "udp icmp arp part"],
  ["net 198.18.0.0/15", TCP],
  ["net 198.18/15", TCP],
  ["net 0.0.0.0/0", ALL],
  ["src net 192.0.2.0/24", "udp icmp arp part"],
  ["dst 198.18.0.2/32", "syn data rst"],
  ["port 80", `${TCP} udp`],
  ["tcp port 80", TCP],
  ["tcp port 81 or 80", TCP],
  ["src port 80", "synAck fin"],
  ["dst port 80", "syn data rst udp"],
  ["udp dst port 80", "udp"],
  ["port 81 or 80", `${TCP} udp`],
  ["syn", "syn synAck"],
  ["fin", "fin"],
  ["rst", "rst"],
  ["tcp flags syn,ack", "synAck"],
  ["tcp flags any fin,rst", "fin rst"],
  ["syn and not ack", "syn"],
  ["syn && ! ack", "syn"],
  ["not tcp", "udp icmp arp part"],
  ["!(tcp||udp)", "icmp arp"],
  ["udp or icmp and host 198.18.0.1", "udp part"],
  ["(udp or icmp) and host 198.18.0.1", ""],
  ["not not arp", "arp"],
  ["HOST 198.18.0.1 AND SYN", "syn synAck"],
];
for (const [filter, passes] of cases) {
  test(`filter "${filter}" lets through: ${passes || "nothing"}`, () => {
    assert.equal(passed(filter), passes);
  });
}

const wrong: readonly [filter: string, says: RegExp][] = [
  [
    "hots 198.18.0.1",
    /"hots" is no word of filters \(did you mean host\?\), in: >hots< 198\.18\.0\.1$/,
  ],
  ["tcp and hst 1.2.3.4", /in: tcp and >hst< 1\.2\.3\.4$/],
  ["host", /expected an IPv4 address, as in host 198\.18\.0\.2, found the end, in: host ><$/],
  ["host example.org", /expected an IPv4 address.*found "example\.org", in: host >example\.org<$/],
  ["host 1.2.3.256", /expected an IPv4 address/],
  ["port 65536", /expected a port from 0 to 65535, as in port 80, found "65536"/],
  ["port and tcp", /expected a port.*in: port >and< tcp$/],
  ["net 198.18.0.0", /expected a network, as in net 198\.18\.0\.0\/15/],
  ["net 198.18.0.0/33", /expected a network/],
  ["tcp flags syn,akc", /expected names of flags, as in tcp flags syn,ack, found "syn,akc"/],
  ["src tcp", /expected host, net or port behind src, found "tcp"/],
  ["(tcp or udp", /expected "and", "or" or "\)", found the end/],
  ["tcp)", /"\)" without "\(", in: tcp>\)<$/],
  ["()", /expected a word like host, port, net, tcp or syn, found "\)"/],
  ["tcp udp", /expected "and", "or" or the end, in: tcp >udp<$/],
  ["tcp and", /expected a word like .*found the end, in: tcp and ><$/],
  ["tcp & udp", /expected "and", "or" or the end, in: tcp >&< udp$/],
  ["not", /expected a word like/],
  ["80", /"80" is no word of filters/],
  ["(".repeat(200), /nested too deeply/],
];
for (const [filter, says] of wrong) {
  test(`filter "${filter.slice(0, 30)}" is refused with a mark at the word`, () => {
    assert.throws(
      () => createFilter(filter),
      (error: unknown) => {
        assert.ok(error instanceof FilterError);
        assert.match(error.message, says);
        return true;
      },
    );
  });
}
