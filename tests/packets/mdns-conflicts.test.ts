// Multicast DNS: the name of the host is defended, and given up to another host (RFC 6762 section 8, 9).

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { OUR_ADDRESS } from "./support/frame.js";
import {
  dropReports,
  hostName,
  IN,
  interfaceHandle,
  mdnsTest,
  nameBytes,
  type Message,
  named,
  nameEvent,
  question,
  type Record,
  setName,
  silence,
  take,
  takeAnswer,
  takeProbe,
  takeReply,
  toGroup,
  TOP,
  toUs,
  Type,
} from "./support/mdns.js";
import { addressOf, response, host, ask, probing } from "./support/mdnsRecords.js";

// Defending (section 8.1, 8.2)

const probeOf = (name: string, last: number, kind = TOP | IN): Message => ({
  questions: [{ name, type: Type.ANY, class: kind }],
  authority: [addressOf(name, last)],
});

mdnsTest("a probe for our name is answered at once, to whoever probes", (rig) => {
  named(rig);
  for (let i = 0; i < 3; i++) {
    rig.inject(toGroup(10, probeOf("mote.local", 10)));
    assert.deepEqual(takeReply(rig, 10).answers, host());
  }
  rig.advance(2000);
  silence(rig, "no conflict");
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

mdnsTest("a probe without the QU bit is answered to all, 250 ms after the last time", (rig) => {
  named(rig);
  ask(rig, question("mote.local", Type.A));
  rig.advance(300);
  takeAnswer(rig);
  ask(rig, probeOf("mote.local", 10, IN));
  rig.advance(0);
  takeAnswer(rig);
  ask(rig, probeOf("mote.local", 10, IN));
  rig.advance(249);
  silence(rig, "a flood of probes is no flood of answers");
  rig.advance(1000);
  takeAnswer(rig);
});

// Conflicts (section 8.1, 9)

for (const probes of [1, 2, 3]) {
  mdnsTest(
    `another host has the name, after probe ${probes}: another name, which hosts are told of`,
    (rig) => {
      const handle = interfaceHandle(rig);
      probing(rig, probes);
      rig.inject(toUs(10, response(addressOf("mote.local", 10))));
      assert.equal(hostName(rig), "mote-2");
      assert.ok(nameEvent(rig, handle));
      assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1);
      const before = rig.now();
      rig.advance(10_000);
      const first = takeProbe(rig, "mote-2.local");
      assert.ok(first.atMs - before >= 1000, "not at once");
      takeProbe(rig, "mote-2.local");
      takeProbe(rig, "mote-2.local");
      for (let i = 0; i < 2; i++)
        assert.deepEqual(takeAnswer(rig).answers, host(120, true, "mote-2.local"));
      silence(rig);
    },
  );
}

mdnsTest("whatever has the name is a conflict while it is probed", (rig) => {
  probing(rig, 1);
  const other: Record = { name: "MOTE.local", type: Type.AAAA, data: new Array(16).fill(1) };
  rig.inject(toGroup(10, { flags: 0x8400, additional: [other] }));
  assert.equal(hostName(rig), "mote-2");
  rig.advance(10_000);
  rig.sent.splice(0);
});

mdnsTest("answers of before the first probe are none (section 8.1)", (rig) => {
  assert.equal(setName(rig, "mote"), 0);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  rig.advance(10_000);
  assert.equal(hostName(rig), "mote");
  dropReports(rig);
  assert.equal(rig.sent.splice(0).length, 5);
});

mdnsTest(
  "an answer with our own address is no conflict, nor one about another name or class",
  (rig) => {
    probing(rig, 1);
    const same = { ...addressOf("mote.local", 1), data: OUR_ADDRESS };
    rig.inject(toGroup(10, response(same)));
    rig.inject(toGroup(10, response(addressOf("mote-2.local", 10))));
    rig.inject(toGroup(10, response({ ...addressOf("mote.local", 10), class: 3 })));
    rig.inject(toGroup(10, { flags: 0x8400, ...question("mote.local", Type.A) }));
    rig.advance(10_000);
    assert.equal(hostName(rig), "mote");
    dropReports(rig);
    assert.equal(rig.sent.splice(0).length, 4);
  },
);

mdnsTest("an answer that comes from another port is ignored (section 6)", (rig) => {
  probing(rig, 1);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10)), { port: 5354 }));
  rig.inject(toUs(10, response(addressOf("mote.local", 10)), { port: 53 }));
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 2);
  rig.advance(10_000);
  assert.equal(hostName(rig), "mote");
  rig.sent.splice(0);
});

mdnsTest("an answer to us alone counts only while we probe (section 5.4)", (rig) => {
  named(rig);
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  rig.advance(10_000);
  silence(rig, "no probe");
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 1);
});

mdnsTest("another address for our name, later: probed again, and kept if nobody answers", (rig) => {
  named(rig);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 1, "before the first probe");
  ask(rig, question("mote.local", Type.A));
  rig.advance(10_000);
  for (let i = 0; i < 3; i++) takeProbe(rig, "mote.local");
  for (let i = 0; i < 2; i++) assert.deepEqual(takeAnswer(rig).answers, host());
  silence(rig);
  assert.equal(hostName(rig), "mote");
});

mdnsTest("another address for our name, and it is defended: another name", (rig) => {
  named(rig);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10))));
  rig.advance(1250);
  takeProbe(rig, "mote.local");
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  assert.equal(hostName(rig), "mote-2");
  rig.advance(10_000);
  rig.sent.splice(0);
});

mdnsTest("records of other types for our name are no conflict once it is ours", (rig) => {
  named(rig);
  const other: Record = { name: "mote.local", type: Type.AAAA, data: new Array(16).fill(1) };
  rig.inject(toGroup(10, response(other)));
  rig.advance(10_000);
  silence(rig);
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

mdnsTest(
  "conflict after conflict: -2, -3, and so on; at most fifteen probes in ten seconds",
  (rig) => {
    setName(rig, "mote");
    const names: string[] = [];
    const times: number[] = [];
    for (let ms = 0; ms < 30_000; ms++) {
      rig.advance(1);
      dropReports(rig);
      if (rig.sent.length === 0) continue;
      const probe = take(rig);
      times.push(probe.atMs);
      const { name } = probe.questions[0]!;
      names.push(name);
      rig.inject(toUs(10, response(addressOf(name, 10))));
    }
    const wanted = names.map((_, i) => (i === 0 ? "mote.local" : `mote-${i + 1}.local`));
    assert.deepEqual(names, wanted);
    assert.ok(names.length > 15, "two digits");
    times.forEach((ms, i) => assert.ok(i < 15 || ms - times[i - 15]! > 10_000, `${times}`));
    rig.advance(5000);
    rig.sent.splice(0);
  },
);

mdnsTest("a long name makes room for its number", (rig) => {
  const name = "a".repeat(63);
  probing(rig, 1, name);
  rig.inject(toUs(10, response(addressOf(`${name}.local`, 10))));
  assert.equal(hostName(rig), `${"a".repeat(60)}-2`);
  rig.advance(5000);
  rig.sent.splice(0);
});

mdnsTest("a name that the host gives again begins without a number", (rig) => {
  probing(rig, 1);
  rig.inject(toUs(10, response(addressOf("mote.local", 10))));
  rig.advance(100);
  assert.equal(setName(rig, "other"), 0);
  rig.advance(5000);
  takeProbe(rig, "other.local");
  rig.sent.splice(0);
});

// Simultaneous probes (section 8.2)

mdnsTest("a simultaneous probe with a greater address: we wait for a second", (rig) => {
  probing(rig, 1);
  const before = rig.now();
  rig.inject(toGroup(10, probeOf("mote.local", 10)));
  rig.advance(999);
  silence(rig, "no probe meanwhile");
  rig.advance(10_000);
  assert.ok(takeProbe(rig, "mote.local").atMs >= before + 1000);
  dropReports(rig);
  assert.equal(rig.sent.splice(0).length, 4);
  assert.equal(hostName(rig), "mote");
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
});

for (const [what, data] of [
  ["a smaller address", [192, 0, 1, 255]],
  ["our own address", OUR_ADDRESS],
] as const) {
  mdnsTest(`a simultaneous probe with ${what}: we go on`, (rig) => {
    probing(rig, 1);
    const authority = [{ ...addressOf("mote.local", 0), data: [...data] }];
    rig.inject(toGroup(10, { ...question("mote.local", Type.ANY, TOP | IN), authority }));
    rig.advance(250);
    takeProbe(rig, "mote.local");
    rig.advance(5000);
    rig.sent.splice(0);
  });
}

mdnsTest("addresses are compared byte by byte, from the first", (rig) => {
  probing(rig, 1);
  const authority = [{ ...addressOf("mote.local", 0), data: [193, 0, 0, 0] }];
  rig.inject(toGroup(10, { ...question("mote.local", Type.ANY, TOP | IN), authority }));
  rig.advance(250);
  silence(rig, "193.0.0.0 is later than 192.0.2.1");
  rig.advance(5000);
  rig.sent.splice(0);
});

// What is none

/** That there is only an address, as it stands in our answers, too. */
const NSEC_RECORD: Record = {
  name: "mote.local",
  type: Type.NSEC,
  class: TOP | IN,
  data: [...nameBytes("mote.local"), 0, 1, 64],
};

mdnsTest(
  "our own records, sent back by a reflector while the name is probed: no conflict",
  (rig) => {
    probing(rig, 1);
    const own = { ...addressOf("mote.local", 0), data: OUR_ADDRESS };
    rig.inject(toGroup(10, response(own, NSEC_RECORD)));
    rig.advance(10_000);
    rig.sent.splice(0);
    assert.equal(hostName(rig), "mote");
    assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
  },
);

mdnsTest("another host says goodbye to the name that we probe: it is free", (rig) => {
  probing(rig, 1);
  rig.inject(toGroup(10, response(addressOf("mote.local", 10, 0))));
  rig.advance(10_000);
  rig.sent.splice(0);
  assert.equal(hostName(rig), "mote");
});
