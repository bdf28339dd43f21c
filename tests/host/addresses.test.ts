// Addresses: parsing, formatting, and the choice of a block that touches nothing in use.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAddress,
  formatMac,
  parseAddress,
  parseMac,
  parsePrefix,
} from "../../host/core/address.js";
import {
  chooseAddresses,
  overlaps,
  parseRoutes,
  peerAddress,
  rangeOf,
  rangesInUse,
} from "../../host/link/addresses.js";

const invalid = { code: "EINVAL" };

test("addresses: good ones", () => {
  assert.deepEqual([...parseAddress("198.18.0.2")], [198, 18, 0, 2]);
  assert.deepEqual(parsePrefix("10.0.0.1/8"), { address: "10.0.0.1", prefixLength: 8 });
  assert.deepEqual([...parseMac("02:00:5e:10:00:FF")], [2, 0, 0x5e, 0x10, 0, 255]);
  assert.equal(formatAddress(Uint8Array.of(198, 18, 0, 2)), "198.18.0.2");
  assert.equal(formatMac(Uint8Array.of(2, 0, 94, 16, 0, 255)), "02:00:5e:10:00:ff");
});

test("addresses: bad ones are refused in plain words", () => {
  for (const text of ["", "1.2.3", "1.2.3.256", "1.2.3.4.5", "a.b.c.d", " 1.2.3.4", "1.2.3.4 "]) {
    assert.throws(() => parseAddress(text), invalid, text);
  }
  for (const text of ["1.2.3.4", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/8/8", "1.2.3.4/-1"]) {
    assert.throws(() => parsePrefix(text), invalid, text);
  }
  for (const text of ["", "02:00:00:00:00", "02:00:00:00:00:0g", "2:0:0:0:0:1"]) {
    assert.throws(() => parseMac(text), invalid, text);
  }
});

test("addresses: IPv6 text shortens the longest run of zeros", () => {
  const bytes = (...words: number[]) =>
    Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  assert.equal(formatAddress(bytes(0, 0, 0, 0, 0, 0, 0, 0)), "::");
  assert.equal(formatAddress(bytes(0, 0, 0, 0, 0, 0, 0, 1)), "::1");
  assert.equal(formatAddress(bytes(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)), "2001:db8::1:0:0:1");
  assert.equal(formatAddress(bytes(0xfe80, 0, 1, 2, 3, 4, 5, 6)), "fe80:0:1:2:3:4:5:6");
});

test("blocks: the first is taken when nothing is in use", () => {
  assert.deepEqual(chooseAddresses([]), { host: "198.18.0.1/30", stack: "198.18.0.2/30" });
});

test("blocks: what is in use is passed over, the default route is not in the way", () => {
  const used = [rangeOf("198.18.0.1", 30), rangeOf("198.18.0.4", 30), rangeOf("10.0.0.0", 8)];
  assert.equal(chooseAddresses(used).stack, "198.18.0.10/30");
  assert.equal(chooseAddresses([rangeOf("198.18.0.0", 16)]).stack, "198.19.0.2/30");
  assert.equal(chooseAddresses([rangeOf("198.18.0.7", 32)]).stack, "198.18.0.2/30");
});

test("blocks: a full range says so", () => {
  assert.throws(() => chooseAddresses([rangeOf("198.18.0.0", 15)]), { code: "EADDRNOTAVAIL" });
});

test("blocks: overlap counts from both sides", () => {
  const used = [rangeOf("198.18.0.0", 30)];
  assert.equal(overlaps("198.18.0.2/30", used), true);
  assert.equal(overlaps("198.18.0.6/30", used), false);
  assert.equal(overlaps("198.18.4.1/15", used), true);
});

test("routes: the kernel's table is little-endian, and one device can be left out", () => {
  const table = [
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
    "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    "mote0\t000012C6\t00000000\t0001\t0\t0\t0\tFCFFFFFF\t0\t0\t0",
    "",
  ].join("\n");
  assert.deepEqual(parseRoutes(table), [rangeOf("172.17.0.0", 16), rangeOf("198.18.0.0", 30)]);
  assert.deepEqual(parseRoutes(table, "mote0"), [rangeOf("172.17.0.0", 16)]);
});

test("this machine: the block chosen touches none of its own ranges", () => {
  const used = rangesInUse();
  assert.equal(overlaps(chooseAddresses(used).stack, used), false);
});

test("the other host of a block", () => {
  assert.equal(peerAddress("198.18.0.2/30"), "198.18.0.1/30");
  assert.equal(peerAddress("198.18.0.1/30"), "198.18.0.2/30");
  assert.equal(peerAddress("10.1.2.3/24"), "10.1.2.1/24");
  assert.throws(() => peerAddress("10.0.0.1/32"), invalid);
});
