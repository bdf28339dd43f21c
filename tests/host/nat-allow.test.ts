// Rules of what user mode lets out: how they are written, and what each lets through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addressToNumber } from "../../host/core/address.js";
import { createAllowList } from "../../host/link/nat/allow.js";
import { createFlowTable } from "../../host/link/nat/flows.js";
import { TCP, UDP } from "../../host/link/nat/packet.js";

let nowMs = 0;
const listOf = (...words: string[]) => createAllowList(words, () => nowMs);

/** "10.0.0.1:443" over TCP, or UDP where it ends so. */
function lets(list: ReturnType<typeof listOf>, word: string): boolean {
  const [, address = "", port = "", protocol] = /^(.*):(\d+)(\/udp)?$/.exec(word)!;
  const number = protocol === undefined ? TCP : UDP;
  return list.isAllowed(number, addressToNumber(address), Number(port));
}

const cases: [rule: string, through: string[], not: string[]][] = [
  ["10.1.2.3:443", ["10.1.2.3:443", "10.1.2.3:443/udp"], ["10.1.2.3:444", "10.1.2.4:443"]],
  ["10.0.0.0/8:443", ["10.0.0.0:443", "10.255.255.255:443"], ["11.0.0.0:443", "9.255.255.255:443"]],
  ["10.1.2.3/24:*", ["10.1.2.0:1", "10.1.2.255:65535"], ["10.1.3.0:1"]],
  ["192.0.2.1:53/udp", ["192.0.2.1:53/udp"], ["192.0.2.1:53"]],
  ["192.0.2.1:80-90/tcp", ["192.0.2.1:80", "192.0.2.1:90"], ["192.0.2.1:79", "192.0.2.1:80/udp"]],
  ["localhost:*", ["127.0.0.1:5432"], ["127.0.0.2:5432", "10.0.0.1:5432"]],
  ["127.0.0.0/8:22", ["127.0.0.1:22", "127.9.9.9:22"], ["128.0.0.1:22"]],
  ["*:443", ["1.1.1.1:443", "223.255.255.255:443"], ["1.1.1.1:80"]],
  // What is this machine's own, or nobody's, or a group's, only where a rule is about just that, or never.
  ["*:*", ["1.1.1.1:1"], ["127.0.0.1:80", "169.254.169.254:80", "0.0.0.0:80", "224.0.0.1:80"]],
  ["0.0.0.0/0:80", ["1.1.1.1:80"], ["127.0.0.1:80", "169.254.1.1:80", "255.255.255.255:80"]],
  ["169.254.169.254:80", ["169.254.169.254:80"], ["169.254.169.253:80"]],
  ["0.0.0.0:*", [], ["0.0.0.0:80"]],
  ["239.0.0.0/8:*", [], ["239.1.1.1:80/udp"]],
];

for (const [rule, through, not] of cases) {
  test(`rule ${rule}`, () => {
    const list = listOf(rule);
    for (const word of through) assert.equal(lets(list, word), true, word);
    for (const word of not) assert.equal(lets(list, word), false, word);
  });
}

test("no rules: nothing", () => {
  assert.equal(lets(listOf(), "10.0.0.1:80"), false);
});

test("a name: the addresses that it was found to have, as long as they are known", () => {
  nowMs = 1000;
  const list = listOf("db.example.org:5432");
  assert.equal(list.hasNames, true);
  assert.equal(lets(list, "10.0.0.9:5432"), false);
  list.learn("DB.Example.org", [addressToNumber("10.0.0.9"), addressToNumber("127.0.0.1")], 500);
  list.learn("other.example.org", [addressToNumber("10.0.0.8")], 500);
  assert.equal(lets(list, "10.0.0.9:5432"), true);
  assert.equal(lets(list, "10.0.0.9:5433"), false);
  assert.equal(lets(list, "10.0.0.8:5432"), false);
  assert.equal(lets(list, "127.0.0.1:5432"), false, "a name does not open this machine");
  nowMs = 1500;
  assert.equal(lets(list, "10.0.0.9:5432"), false);
});

test("names below another, and not that one", () => {
  nowMs = 0;
  const list = listOf("*.example.org:443");
  list.learn("a.b.example.org", [addressToNumber("10.0.0.1")], 1000);
  list.learn("example.org", [addressToNumber("10.0.0.2")], 1000);
  list.learn("badexample.org", [addressToNumber("10.0.0.3")], 1000);
  assert.deepEqual(
    [1, 2, 3].map((last) => lets(list, `10.0.0.${last}:443`)),
    [true, false, false],
  );
});

test("a name whose addresses change all the time: the latest are known, a bounded number", () => {
  nowMs = 0;
  const list = listOf("cdn.example.org:443");
  const first = addressToNumber("10.0.0.0");
  for (let i = 0; i < 1000; i++) list.learn("cdn.example.org", [first + i], 1000);
  const known = Array.from({ length: 1000 }, (_, i) => list.isAllowed(TCP, first + i, 443));
  assert.equal(known.filter(Boolean).length, 256);
  assert.ok(known.slice(-256).every(Boolean));
});

test("what is no rule is named, with how one is written", () => {
  const wrong = [
    "",
    "10.0.0.1",
    "10.0.0.1:",
    ":80",
    "10.0.0.1:65536",
    "10.0.0.1:90-80",
    "10.0.0.1:*-80",
    "10.0.0.0/33:80",
    "10.0.0.0/8/8:80",
    "10.0.0.1:80/sctp",
    "[::1]:80",
    "::1:80",
    "a b:80",
    "*x:80",
    "ex*mple.org:80",
    "-x.org:80",
    "http://example.org:80",
  ];
  for (const word of wrong) {
    assert.throws(
      () => listOf("10.0.0.1:80", word),
      (error: NodeJS.ErrnoException) => {
        assert.equal(error.code, "EINVAL", word);
        assert.ok(error.message.startsWith(`the rule "${word}" cannot be read: `), error.message);
        assert.match(error.message, /a rule is HOST:PORTS, as in "10\.0\.0\.0\/8:443"/);
        return true;
      },
    );
  }
});

test("a table of flows: found by ends and by number, numbers go round", () => {
  const table = createFlowTable<string>();
  const keyOf = (n: number) => ({
    source: 1,
    // Different flows of one hash, too.
    destination: n % 7,
    sourcePort: n,
    destinationPort: 80 + (n % 3),
  });
  const flows = Array.from({ length: 500 }, (_, n) => table.add(keyOf(n), `flow ${n}`, n));
  assert.equal(new Set(flows.map(({ id }) => id)).size, 500);
  flows.forEach((flow, n) => {
    assert.equal(table.find(keyOf(n)), flow);
    assert.equal(table.byId(flow.id), flow);
  });
  for (let n = 0; n < 500; n += 2) table.remove(flows[n]!);
  table.remove(flows[0]!);
  assert.equal(table.size, 250);
  flows.forEach((flow, n) => {
    assert.equal(table.find(keyOf(n)), n % 2 === 0 ? undefined : flow);
  });
  const again = table.add(keyOf(0), "again", 0);
  assert.ok(again.id > flows[499]!.id, "a number that was free is not taken at once");
});
