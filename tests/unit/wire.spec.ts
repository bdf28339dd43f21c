// Formats: what is emitted is parsed back, and tables of malformed headers are told from sane ones.

import { get16, get32, get8, put16, put32, put8 } from "../../assembly/bytes";
import { checksum } from "../../assembly/checksum";
import { isLoopback, isMulticast, isReserved, prefixMask } from "../../assembly/ip/addressing";
import { ARP_REPLY, ARP_REQUEST, arpEmit, arpIsSane, arpOperation } from "../../assembly/wire/arp";
import { arpSender, arpTarget } from "../../assembly/wire/arp";
import {
  etherType,
  isGroup,
  macCopy,
  macEqual,
  macFill,
  setEtherType,
} from "../../assembly/wire/ethernet";
import { icmpIsError } from "../../assembly/wire/icmp";
import {
  ipDestination,
  DONT_FRAGMENT,
  ipEmit,
  ipHeaderBytes,
  ipIsFragment,
  ipIsSane,
  ipProtocol,
  ipSource,
  ipTotalBytes,
  ipv4,
  PROTOCOL_TCP,
} from "../../assembly/wire/ipv4";

const P: usize = memory.data(128, 8) + 2;

describe("big-endian fields", () => {
  it("are written and read in network order, at any alignment", () => {
    for (let shift: usize = 0; shift < 4; shift++) {
      put32(P + shift, 0x01020304);
      expect<u32>(get32(P + shift)).toBe(0x01020304);
      expect<u32>(get8(P + shift)).toBe(1);
      expect<u32>(get16(P + shift + 2)).toBe(0x0304);
      put16(P + shift, 0xfffe1234);
      expect<u32>(get32(P + shift)).toBe(0x12340304);
      put8(P + shift, 0x1ff);
      expect<u32>(get8(P + shift)).toBe(0xff);
    }
  });
});

describe("Ethernet", () => {
  it("tells group stations from single ones", () => {
    macFill(P, 0xff);
    expect(isGroup(P)).toBeTruthy("broadcast");
    put8(P, 0x01);
    expect(isGroup(P)).toBeTruthy("multicast");
    put8(P, 0x02);
    expect(isGroup(P)).toBeFalsy("locally administered");
  });

  it("compares all six bytes", () => {
    for (let i: u32 = 0; i < 6; i++) put8(P + i, i);
    macCopy(P + 32, P);
    expect(macEqual(P, P + 32)).toBeTruthy();
    for (let i: u32 = 0; i < 6; i++) {
      put8(P + 32 + i, 0xee);
      expect(macEqual(P, P + 32)).toBeFalsy(`byte ${i}`);
      put8(P + 32 + i, i);
    }
  });

  it("keeps the EtherType at its place", () => {
    setEtherType(P, 0x0806);
    expect<u32>(etherType(P)).toBe(0x0806);
    expect<u32>(get8(P + 12)).toBe(0x08);
  });
});

describe("ARP", () => {
  it("emits what it parses", () => {
    arpEmit(P, ARP_REQUEST, 0x01020304, 0x05060708);
    expect(arpIsSane(P)).toBeTruthy();
    expect<u32>(arpOperation(P)).toBe(ARP_REQUEST);
    expect<u32>(arpSender(P)).toBe(0x01020304);
    expect<u32>(arpTarget(P)).toBe(0x05060708);
    arpEmit(P, ARP_REPLY, 1, 2);
    expect(arpIsSane(P)).toBeTruthy();
  });

  it("takes no other hardware, protocol, length or operation", () => {
    // Offset and byte that make a sane request malformed.
    const table: u32[] = [
      0, 1, 1, 2, 1, 0, 2, 0x86, 2, 0, 3, 1, 3, 0xdd, 4, 5, 4, 0, 4, 255, 5, 16, 5, 0, 5, 255, 6, 1,
      7, 0, 7, 3, 7, 255,
    ];
    for (let i = 0; i < table.length; i += 2) {
      arpEmit(P, ARP_REQUEST, 1, 2);
      put8(P + table[i], table[i + 1]);
      expect(arpIsSane(P)).toBeFalsy(`byte ${table[i]} is ${table[i + 1]}`);
    }
  });
});

describe("IPv4", () => {
  it("emits a header that it parses, with a right checksum", () => {
    ipEmit(
      P,
      1500,
      PROTOCOL_TCP,
      ipv4(0xc0000201),
      ipv4(0xc6336402),
      64 | (46 << 16),
      DONT_FRAGMENT,
    );
    expect(ipIsSane(P)).toBeTruthy();
    expect<u32>(ipHeaderBytes(P)).toBe(20);
    expect<u32>(ipTotalBytes(P)).toBe(1500);
    expect<u32>(ipProtocol(P)).toBe(PROTOCOL_TCP);
    expect<u32>(ipSource(P)).toBe(ipv4(0xc0000201));
    expect<u32>(ipDestination(P)).toBe(ipv4(0xc6336402));
    expect<u32>(get8(P + 1)).toBe(0xb8);
    expect<u32>(get8(P + 8)).toBe(64);
    expect<u32>(get32(P + 12)).toBe(0xc0000201);
    expect<u32>(checksum(P, 20, 0)).toBe(0);
    expect(ipIsFragment(P)).toBeFalsy("DF is no fragment");
  });

  it("takes version 4 with headers of 20 to 60 bytes, and nothing else", () => {
    for (let first: u32 = 0; first < 256; first++) {
      put8(P, first);
      expect(ipIsSane(P)).toBe(first >> 4 == 4 && (first & 15) >= 5, `${first}`);
    }
  });

  it("knows fragments by either mark", () => {
    const fragments: u32[] = [0x2000, 0x0001, 0x1fff, 0x3fff, 0x6000, 0xa000, 0x4001];
    for (let i = 0; i < fragments.length; i++) {
      put16(P + 6, fragments[i]);
      expect(ipIsFragment(P)).toBeTruthy(`${fragments[i]}`);
    }
    const whole: u32[] = [0, 0x4000, 0x8000, 0xc000];
    for (let i = 0; i < whole.length; i++) {
      put16(P + 6, whole[i]);
      expect(ipIsFragment(P)).toBeFalsy(`${whole[i]}`);
    }
  });

  it("knows the classes of addresses at their edges", () => {
    expect(isLoopback(ipv4(0x7f000000)) && isLoopback(ipv4(0x7fffffff))).toBeTruthy();
    expect(isLoopback(ipv4(0x7effffff)) || isLoopback(ipv4(0x80000000))).toBeFalsy();
    expect(isMulticast(ipv4(0xe0000000)) && isMulticast(ipv4(0xefffffff))).toBeTruthy();
    expect(isMulticast(ipv4(0xdfffffff)) || isMulticast(ipv4(0xf0000000))).toBeFalsy();
    expect(isReserved(ipv4(0xf0000000)) && isReserved(0xffffffff)).toBeTruthy();
    expect(isReserved(0) && isReserved(ipv4(0x00ffffff))).toBeTruthy();
    expect(isReserved(ipv4(0x01000000)) || isReserved(ipv4(0xefffffff))).toBeFalsy();
  });

  it("makes masks of every length", () => {
    expect<u32>(prefixMask(0)).toBe(0);
    expect<u32>(prefixMask(1)).toBe(ipv4(0x80000000));
    expect<u32>(prefixMask(24)).toBe(ipv4(0xffffff00));
    expect<u32>(prefixMask(31)).toBe(ipv4(0xfffffffe));
    expect<u32>(prefixMask(32)).toBe(0xffffffff);
  });
});

describe("ICMP", () => {
  it("takes no query for an error, nor an error that hosts do not act on", () => {
    const errors: u32[] = [3, 11, 12];
    for (let type: u32 = 0; type < 256; type++) {
      expect(icmpIsError(type)).toBe(errors.includes(type), `type ${type}`);
    }
  });
});
