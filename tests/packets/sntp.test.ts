// SNTP (RFC 4330): one question, one answer, and what must not be believed.

import assert from "node:assert/strict";
import { Constant, Counter, Errno, Event, TimeSampleField } from "../../host/core/generated/abi.js";
import { greet } from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { datagram, peer, takeUdp } from "./support/sockets.js";

const SNTP = { needs: "sockets" } as const;
const NTP = 123;
const SERVER = 10;
/** 2026-11-26 12:00:00 UTC, and its distance from 1900. */
const NOON = 1795694400;
const EPOCH = 2208988800;

function start(rig: Rig): number {
  greet(rig, SERVER);
  const handle = rig.call.timeServer(rig.putAddress(peer(SERVER)));
  assert.ok(handle > 0);
  rig.advance(0);
  return handle;
}

interface Question {
  port: number;
  origin: Uint8Array;
}

function takeQuestion(rig: Rig, server = SERVER): Question {
  const view = takeUdp(rig);
  assert.deepEqual([view.destinationPort, view.data.length], [NTP, 48]);
  assert.deepEqual(view.destination, peer(server));
  assert.equal(view.data[0], 0x23); // version 4, client
  assert.ok(view.data.subarray(1, 40).every((byte) => byte === 0));
  return { port: view.sourcePort, origin: view.data.slice(40, 48) };
}

interface Answer {
  first?: number;
  stratum?: number;
  origin?: Uint8Array;
  seconds?: number;
  fraction?: number;
  /** Seconds that the server kept the question. */
  stay?: number;
  from?: number;
  fromPort?: number;
  length?: number;
}

function answer(rig: Rig, question: Question, given: Answer = {}): void {
  const { first = 0x24, stratum = 2, seconds = NOON, fraction = 0, stay = 0 } = given;
  const message = new Uint8Array(48);
  const view = new DataView(message.buffer);
  message[0] = first;
  message[1] = stratum;
  message.set(given.origin ?? question.origin, 24);
  if (seconds !== 0) {
    view.setUint32(32, (seconds + EPOCH - stay) >>> 0);
    view.setUint32(36, fraction);
    view.setUint32(40, (seconds + EPOCH) >>> 0);
    view.setUint32(44, fraction);
  }
  const data = message.subarray(0, given.length ?? 48);
  rig.inject(datagram(given.from ?? SERVER, given.fromPort ?? NTP, question.port, data));
}

const sample = (rig: Rig, field: keyof typeof TimeSampleField) => {
  const at = rig.core.constant(Constant.TIME_AREA) + TimeSampleField[field].offset;
  return rig.core.words.getUint32(at, true);
};

function assertRefused(rig: Rig): void {
  assert.equal(rig.counter(Counter.DROP_SNTP), 1);
  assert.deepEqual([sample(rig, "seconds"), sample(rig, "fraction")], [0, 0]);
}

onAllProfiles("the time of the answer, half a round trip later", SNTP, (rig) => {
  const handle = start(rig);
  const question = takeQuestion(rig);
  rig.advance(1500); // the server keeps it for a second of these
  answer(rig, question, { fraction: 0x40000000, stay: 1 });
  assert.equal(rig.call.nextEvent(), handle);
  assert.equal(rig.call.takeEvents(handle), Event.READABLE);
  assert.equal(sample(rig, "seconds"), NOON);
  assert.ok(Math.abs(sample(rig, "fraction") / 2 ** 32 - 0.5) < 1e-5); // 0.25 s after it was sent
  assert.deepEqual([sample(rig, "roundTripUs"), sample(rig, "stratum")], [1_500_000, 2]);
  assert.equal(rig.call.close(handle), 0);
  rig.advance(2_000_000);
});

onAllProfiles("asked again every 1,024 s, from another port with another number", SNTP, (rig) => {
  const handle = start(rig);
  const first = takeQuestion(rig);
  answer(rig, first);
  rig.advance(1_023_999);
  rig.expectNothing("no question before its time");
  rig.advance(1);
  const second = takeQuestion(rig);
  assert.notDeepEqual(first.origin, second.origin);
  assert.notEqual(first.port, second.port);
  rig.call.close(handle);
});

onAllProfiles("no answer: 16, 32, 64 ... 1,024 s", SNTP, (rig) => {
  const handle = start(rig);
  let last = rig.now();
  takeQuestion(rig);
  for (const seconds of [16, 32, 64, 128, 256, 512, 1024, 1024]) {
    rig.advance(seconds * 1000);
    const { atMs } = rig.sent[0] ?? rig.fail("a question");
    takeQuestion(rig);
    assert.equal(atMs - last, seconds * 1000);
    last = atMs;
  }
  rig.call.close(handle);
});

packetTest("times after February 2036, when the seconds of NTP wrap", (rig) => {
  const handle = start(rig);
  answer(rig, takeQuestion(rig), { seconds: 2_100_000_000 });
  assert.equal(sample(rig, "seconds"), 2_100_000_000);
  rig.call.close(handle);
});

const REFUSED: [string, Answer][] = [
  ["another origin", { origin: new Uint8Array(8).fill(1) }],
  ["another address", { from: 11 }],
  ["another port", { fromPort: 124 }],
  ["a clock that is not set", { first: 0xe4 }],
  ["a client's message", { first: 0x23 }],
  ["a kiss of death", { stratum: 0 }],
  ["no stratum that there is", { stratum: 16 }],
  ["no time", { seconds: 0 }],
  ["a short message", { length: 47 }],
];

for (const [what, given] of REFUSED) {
  onAllProfiles(`not believed: ${what}`, SNTP, (rig) => {
    const handle = start(rig);
    answer(rig, takeQuestion(rig), given);
    assertRefused(rig);
    rig.call.close(handle);
  });
}

onAllProfiles("a kiss of death: silence for 1,024 s", SNTP, (rig) => {
  const handle = start(rig);
  answer(rig, takeQuestion(rig), { stratum: 0 });
  rig.advance(1_023_999);
  rig.expectNothing("no question");
  rig.call.close(handle);
});

onAllProfiles("one answer to a question: the second is for nobody", SNTP, (rig) => {
  const handle = start(rig);
  const question = takeQuestion(rig);
  answer(rig, question);
  answer(rig, question, { seconds: NOON + 5 });
  rig.expectIcmp({ type: 3, code: 3 });
  assert.equal(sample(rig, "seconds"), NOON);
  rig.call.close(handle);
});

onAllProfiles("timeServer: bad arguments, its handle, another server", SNTP, (rig) => {
  assert.equal(rig.call.timeServer(16), -Errno.EAFNOSUPPORT);
  assert.equal(rig.call.timeServer(5), -Errno.EINVAL);
  assert.equal(rig.call.timeServer(rig.putAddress([224, 0, 1, 1])), -Errno.EINVAL);
  const handle = start(rig);
  takeQuestion(rig);
  greet(rig, 12);
  assert.equal(rig.call.timeServer(rig.putAddress(peer(12))), handle);
  rig.advance(0);
  takeQuestion(rig, 12);
  assert.equal(rig.call.close(handle), 0);
  assert.equal(rig.call.close(handle), -Errno.EBADF);
  rig.advance(60_000);
  rig.expectNothing("no question after close");
});
