// Hostile multicast DNS, by its label: APP-1. A message is malformed or whole; whatever it says, it costs a
// bounded amount of work, names stay within their bounds, and few answers go out.

import assert from "node:assert/strict";
import { Counter } from "../../host/core/generated/abi.js";
import { chooseSeed, createRandom } from "../static/support/random.js";
import { peerAddress, word16, word32 } from "./support/frame.js";
import {
  dropReports,
  hostName,
  IN,
  mdnsTest,
  messageBytes,
  nameBytes,
  named,
  PORT,
  question,
  type Record,
  serviceTest,
  silence,
  takeAnswer,
  toGroup,
  TOP,
  toUs,
  Type,
} from "./support/mdns.js";
import { bystander, stillWorks } from "./support/peer.js";
import type { Rig } from "./support/rig.js";
import { guarded } from "./support/threat.js";

const HTTP = "_http._tcp.local";
const { DROP_DNS_MALFORMED } = Counter;

/** Nothing comes of the messages but their reason, and a question that is right is answered after them. */
function refused(what: string, messages: readonly ArrayLike<number>[]): void {
  mdnsTest(`APP-1 multicast DNS: ${what}`, (rig) => {
    named(rig, "mote", { "_http._tcp": 80 });
    const witness = bystander(rig);
    stillWorks(witness);
    guarded(rig, what, DROP_DNS_MALFORMED, () => {
      for (const message of messages) {
        const before = rig.counter(DROP_DNS_MALFORMED);
        rig.inject(toGroup(10, message));
        rig.inject(toGroup(10, message, { port: 4000 }));
        rig.inject(toUs(10, message));
        assert.equal(rig.counter(DROP_DNS_MALFORMED), before + 3, `${[...Array.from(message)]}`);
      }
      rig.advance(2000);
    });
    stillWorks(witness);
    works(rig);
  });
}

/** The responder still answers. */
function works(rig: Rig): void {
  rig.advance(2000);
  dropReports(rig);
  rig.sent.splice(0);
  rig.inject(toGroup(10, question("mote.local", Type.A)));
  rig.advance(0);
  assert.equal(takeAnswer(rig).answers[0]?.name, "mote.local");
  rig.advance(1000);
}

/** A header with counts, and what follows. */
const raw = (counts: number[], ...bytes: number[]) => [
  0,
  0,
  0,
  0,
  ...[0, 1, 2, 3].flatMap((i) => word16(counts[i] ?? 0)),
  ...bytes,
];
const A_IN = [0, Type.A, 0, IN];

refused("headers of less than 12 bytes", [[], [0], raw([1]).slice(0, 11), raw([0]).slice(0, 4)]);

const label = (length: number) => [length, ...new Array<number>(length).fill(97)];

refused("a name of more than 255 bytes, at once and through a pointer", [
  raw([1], ...label(63), ...label(63), ...label(63), ...label(63), 0, ...A_IN),
  raw([1], ...label(63), ...label(63), ...label(63), ...label(61), 1, 97, 0, ...A_IN),
  raw([2], ...label(63), ...label(63), 0, ...A_IN, ...label(63), ...label(63), 0xc0, 12, ...A_IN),
]);

refused("labels of 64 bytes and more, or beyond the end", [
  raw([1], 64, ...new Array<number>(64).fill(97), 0, ...A_IN),
  raw([1], 0x40, 97, 0, ...A_IN),
  raw([1], 0x80, 97, 0, ...A_IN),
  raw([1], 63, 97, 0, ...A_IN),
  raw([1], 4, 109, 111, 116),
]);

refused("pointers to themselves, forward, into the header, in loops, beyond the end", [
  raw([1], 0xc0, 12, ...A_IN),
  raw([1], 0xc0, 14, ...A_IN, 0),
  raw([1], 0xc0, 0, ...A_IN),
  raw([1], 0xc0, 11, ...A_IN),
  raw([1], 0xff, 0xff, ...A_IN),
  raw([1], 1, 97, 0xc0, 12, ...A_IN),
  raw([2], 0, ...A_IN, 1, 97, 0xc0, 17, ...A_IN),
  raw([1], 0xc0),
]);

refused("a question without type and class", [
  raw([1], ...nameBytes("mote.local")),
  raw([1], ...nameBytes("mote.local"), 0, 1, 0),
]);

const record = (length: number, ...data: number[]) => [
  ...nameBytes("mote.local"),
  ...A_IN,
  ...word32(120),
  ...word16(length),
  ...data,
];

refused("records whose data end beyond the message, in each section", [
  raw([0, 1], ...record(5, 1, 2, 3, 4)),
  raw([0, 0, 1], ...record(0xffff, 1, 2, 3, 4)),
  raw([0, 0, 0, 1], ...record(1)),
  raw([0, 1], ...record(4).slice(0, -1)),
]);

refused("counts that promise more than there is", [
  raw([0xffff]),
  raw([0, 0xffff]),
  raw([0, 0, 0xffff]),
  raw([0, 0, 0, 0xffff]),
  raw([2], ...nameBytes("mote.local"), ...A_IN),
  raw([0xffff, 0xffff, 0xffff, 0xffff], ...nameBytes("mote.local"), ...A_IN),
]);

const whole = messageBytes({
  questions: [
    { name: "mote.local", type: Type.ANY, class: TOP | IN },
    { name: HTTP, type: Type.PTR },
  ],
  answers: [{ name: HTTP, type: Type.PTR, ttl: 4500, data: nameBytes(`mote.${HTTP}`) }],
  authority: [{ name: "mote.local", type: Type.A, data: [192, 0, 2, 9] }],
  additional: [{ name: "x.local", type: Type.TXT, data: [0] }],
});

refused(
  "a message cut off at each of its bytes",
  whole.map((_, length) => whole.slice(0, length)),
);

mdnsTest("APP-1 multicast DNS: an answer that is malformed at its end is no conflict", (rig) => {
  named(rig);
  const other: Record = { name: "mote.local", type: Type.A, data: [192, 0, 2, 9] };
  const bytes = messageBytes({ answers: [other, other] });
  rig.inject(toGroup(10, bytes.slice(0, -1)));
  assert.equal(rig.counter(Counter.MDNS_CONFLICTS), 0);
  works(rig);
});

serviceTest(
  "APP-1 multicast DNS: data that are no name, or too short, are compared with ours",
  (rig) => {
    named(rig, "mote", { "_http._tcp": 80 });
    const instance = `mote.${HTTP}`;
    const asked = { questions: [{ name: HTTP, type: Type.PTR }] };
    for (const data of [
      [],
      [0xc0],
      [63],
      [0xff, 0xff],
      nameBytes(instance).slice(0, -1),
      [0, 0, 0],
    ]) {
      const known = { name: HTTP, type: Type.PTR, ttl: 4500, data };
      rig.inject(toGroup(10, { ...asked, answers: [known] }));
      rig.advance(2000);
      takeAnswer(rig, `${data}`);
    }
    for (const data of [[], [192], [192, 0, 2, 1, 0]]) {
      const answers = [{ name: "mote.local", type: Type.A, ttl: 120, data }];
      rig.inject(toGroup(10, { ...question("mote.local", Type.A), answers }));
      const srv = { name: instance, type: Type.SRV, ttl: 120, data };
      rig.inject(toGroup(10, { ...question(instance, Type.SRV), answers: [srv] }));
      rig.advance(2000);
      dropReports(rig);
      rig.sent.splice(0);
    }
    works(rig);
  },
);

mdnsTest("APP-1 multicast DNS: as many questions as fit, through as many pointers", (rig) => {
  named(rig, "mote", { "_http._tcp": 80 });
  const name = nameBytes("mote.local");
  const pointer = [0xc0, 12, 0, Type.ANY, 0, IN];
  const count = Math.floor((1472 - 12 - name.length - 4) / pointer.length);
  const rest = new Array<number[]>(count).fill(pointer).flat();
  rig.inject(toGroup(10, raw([count + 1], ...name, ...A_IN, ...rest)));
  rig.advance(120);
  takeAnswer(rig);
  silence(rig, "one answer");
  // Back over many questions, which leave no room for an answer.
  rig.inject(toGroup(10, raw([count + 1], ...name, ...A_IN, ...rest), { port: 4000 }));
  rig.advance(2000);
  silence(rig);
  works(rig);
});

mdnsTest("APP-1 multicast DNS: a flood of questions draws one answer in a second", (rig) => {
  named(rig, "mote", { "_http._tcp": 80 });
  rig.advance(2000);
  for (let i = 0; i < 10_000; i++) {
    const name = i % 3 === 0 ? "mote.local" : i % 3 === 1 ? HTTP : `mote.${HTTP}`;
    rig.inject(toGroup(10 + (i % 100), question(name, Type.ANY)));
    rig.advance(1);
  }
  dropReports(rig);
  const sent = rig.sent.splice(0);
  assert.ok(sent.length <= 11, `${sent.length} answers in 10 s`);
  rig.advance(2000);
  rig.sent.splice(0);
});

mdnsTest("APP-1 multicast DNS: no reply leaves the link, whoever asks", (rig) => {
  named(rig);
  const sources = [
    [203, 0, 113, 9],
    [8, 8, 8, 8],
    [10, 0, 0, 1],
  ];
  for (const source of sources) {
    for (const port of [PORT, 53, 40_000]) {
      rig.inject(toUs(10, question("mote.local", Type.ANY, TOP | IN), { source, port }));
      if (port !== PORT)
        rig.inject(toGroup(10, question("mote.local", Type.ANY), { source, port }));
    }
  }
  rig.advance(2000);
  silence(rig);
  assert.equal(rig.counter(Counter.DROP_DNS_UNRELATED), 15);
});

mdnsTest(
  "APP-1 multicast DNS: who claims every name draws few probes, and the stack goes on",
  (rig) => {
    named(rig);
    for (let i = 0; i < 20_000; i++) {
      for (const name of ["mote.local", `mote-${(i >> 8) % 80}.local`]) {
        const claim: Record = { name, type: Type.A, class: TOP | IN, data: peerAddress(10) };
        rig.inject(toGroup(10, { answers: [claim] }));
      }
      rig.advance(3);
    }
    dropReports(rig);
    const probes = rig.sent.splice(0).length;
    assert.ok(probes <= 4 * 61, `${probes} messages in a minute`);
    rig.advance(10_000);
    rig.sent.splice(0);
    rig.inject(toGroup(10, question(`${hostName(rig)}.local`, Type.A)));
    rig.advance(0);
    takeAnswer(rig);
  },
);

mdnsTest("APP-1 multicast DNS: random damage does none", (rig) => {
  named(rig, "mote", { "_http._tcp": 80 });
  const seed = chooseSeed();
  const random = createRandom(seed);
  const witness = bystander(rig);
  const parts = [
    nameBytes("mote.local"),
    nameBytes(`mote.${HTTP}`),
    nameBytes("_services._dns-sd._udp.local"),
    [0xc0, 12],
    [0xc0, 30],
    A_IN,
    [0, 255, 0x80, 1],
    word32(120),
    [0, 4],
    [192, 0, 2, 200],
  ];
  const levels = [rig.used(12), rig.used(15)];
  for (let i = 0; i < 20_000; i++) {
    let bytes = whole.slice();
    if (random.percent(40)) {
      const counts = [0, 1, 2, 3].map(() => random.below(3));
      bytes = raw(
        counts,
        ...Array.from(
          { length: random.below(12) },
          () => parts[random.below(parts.length)]!,
        ).flat(),
      );
      bytes[2] = random.percent(50) ? 0x84 : 0;
    }
    for (let damage = random.below(4); damage > 0; damage--)
      bytes[random.below(bytes.length)] = random.word() & 255;
    if (random.percent(20)) bytes = bytes.slice(0, random.below(bytes.length + 1));
    const port = random.percent(80) ? PORT : 1024 + random.below(60_000);
    rig.inject((random.percent(80) ? toGroup : toUs)(10 + random.below(4), bytes, { port }));
    if (random.percent(10)) rig.advance(random.below(100));
    if (rig.sent.length > 100) rig.sent.splice(0);
  }
  rig.advance(20_000);
  rig.sent.splice(0);
  assert.deepEqual([rig.used(12), rig.used(15)], levels, `MOTE_SEED=${seed}`);
  stillWorks(witness);
});
