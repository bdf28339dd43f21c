// Options and their ranges, and bad arguments to every export: a documented result, no trap, and
// nothing changes.

import assert from "node:assert/strict";
import { createCore } from "../../host/node/builds.js";
import { Constant, Counter, Errno, Option, State } from "../../host/core/generated/abi.js";
import { peerAddress } from "./support/frame.js";
import { passive } from "./support/peer.js";
import { hasFeature, onAllProfiles, packetTest } from "./support/rig.js";
import { test } from "node:test";

const { EAGAIN, EBADF, EINVAL, ENOPROTOOPT } = Errno;

onAllProfiles("options: defaults are those of the documentation", (rig) => {
  const defaults: [number, number][] = [
    [Option.NO_DELAY, 0],
    [Option.TTL, 64],
    [Option.DSCP, 0],
    [Option.R2_SECONDS, 100],
    [Option.KEEP_ALIVE, 0],
    [Option.KEEP_IDLE_SECONDS, 7200],
    [Option.KEEP_INTERVAL_SECONDS, 75],
    [Option.KEEP_PROBES, 10],
    [Option.CLOSE_WAIT_SECONDS, 0],
    [Option.SACK, hasFeature(rig.profile, "sack") ? 1 : 0],
    [Option.SYN_R2_SECONDS, 180],
    [Option.REFUSE_SELF_CONNECT, 0],
    [Option.MSL_MS, 30000],
    [Option.DELAYED_ACK_MS, 40],
    [Option.MINIMUM_RTO_MS, 200],
    [Option.SYN_ACK_RETRIES, 3],
    [Option.ORPHAN_SECONDS, 60],
    [Option.TIMESTAMPS, hasFeature(rig.profile, "extensions") ? 1 : 0],
    [Option.WINDOW_SCALE, hasFeature(rig.profile, "extensions") ? 1 : 0],
    [Option.CHALLENGE_ACK_MS, 500],
    [Option.USER_TIMEOUT, 0],
  ];
  for (const [option, value] of defaults)
    assert.equal(rig.option(0, option), value, `option ${option}`);
});

packetTest("MSL_MS is kept in hundredths of a second, rounded up", (rig) => {
  for (const [given, kept] of [
    [1, 10],
    [10, 10],
    [11, 20],
    [30_000, 30_000],
    [600_000, 600_000],
  ] as const) {
    assert.equal(rig.call.setOption(0, Option.MSL_MS, given), 0);
    assert.equal(rig.option(0, Option.MSL_MS), kept);
  }
});

packetTest("options: out of range EINVAL, unknown ENOPROTOOPT, nothing changes", (rig) => {
  const ranges: [number, number, number][] = [
    [Option.NO_DELAY, 0, 1],
    [Option.TTL, 1, 255],
    [Option.DSCP, 0, 63],
    [Option.R2_SECONDS, 1, 65535],
    [Option.KEEP_ALIVE, 0, 1],
    [Option.KEEP_IDLE_SECONDS, 1, 65535],
    [Option.KEEP_INTERVAL_SECONDS, 1, 65535],
    [Option.KEEP_PROBES, 1, 255],
    [Option.CLOSE_WAIT_SECONDS, 0, 65535],
    [Option.SACK, 0, 1],
    [Option.SYN_R2_SECONDS, 1, 65535],
    [Option.REFUSE_SELF_CONNECT, 0, 1],
    [Option.DELAYED_ACK_MS, 0, 499],
    [Option.MINIMUM_RTO_MS, 1, 60000],
    [Option.SYN_ACK_RETRIES, 0, 7],
    [Option.ORPHAN_SECONDS, 1, 65535],
    [Option.TIMESTAMPS, 0, 1],
    [Option.WINDOW_SCALE, 0, 1],
    [Option.USER_TIMEOUT, 0, 1],
  ];
  for (const [option, low, high] of ranges) {
    const before = rig.option(0, option);
    for (const value of [low - 1, high + 1, -1, 0x7fffffff]) {
      assert.equal(rig.call.setOption(0, option, value), -EINVAL, `option ${option} = ${value}`);
    }
    assert.equal(rig.option(0, option), before);
    for (const value of [low, high]) {
      assert.equal(rig.call.setOption(0, option, value), 0);
      assert.equal(rig.option(0, option), value);
    }
    rig.call.setOption(0, option, before);
  }
  for (const option of [0, Option.RESET_WHEN_FULL, Option.SOURCE_LIMIT, 24, 1000, -1]) {
    assert.equal(rig.call.setOption(0, option, 1), -ENOPROTOOPT);
    assert.equal(rig.option(0, option), -ENOPROTOOPT);
  }
});

const EXTREMES = [
  0,
  1,
  -1,
  2,
  3,
  4,
  5,
  15,
  16,
  17,
  255,
  256,
  65535,
  65536,
  0x10000 + 4,
  0x7fffffff,
  -0x80000000,
  0x12345678,
];
/** Exports that act on stack-wide state by design when their arguments are good. */
const SKIPPED = new Set(["initialise", "seed", "advance", "memory"]);

onAllProfiles(
  "bad arguments to any export: a documented result, the connection is not touched",
  (rig) => {
    const peer = passive(rig);
    const arity: Record<string, number> = {};
    for (const [name, value] of Object.entries(rig.core.exports)) {
      if (typeof value === "function" && !SKIPPED.has(name)) arity[name] = value.length;
    }
    assert.ok(Object.keys(arity).length > 20);
    const good = new Set([peer.handle, peer.listener, rig.address]);
    for (const [name, count] of Object.entries(arity)) {
      const call = (rig.core.exports as unknown as Record<string, (...args: number[]) => number>)[
        name
      ]!;
      const tries = count === 0 ? 1 : 120;
      for (let i = 0; i < tries; i++) {
        const args = Array.from(
          { length: count },
          (_, k) => EXTREMES[(i * (k * 7 + 1) + k * 3) % EXTREMES.length]!,
        );
        if (args.some((arg) => good.has(arg))) continue;
        if (
          (name === "interfaceLink" ||
            name === "interfaceConfigure" ||
            name === "interfaceRouter") &&
          args[0] === 0
        )
          continue;
        if (name === "setOption" && args[0] === 0) continue;
        rig.putAddress([255, 255, 255, 255]);
        const result = call(...args);
        assert.ok(result === undefined || Number.isInteger(result), name);
        if (result !== undefined && result < 0) {
          const isUnsigned = name === "nextDeadline" || name === "constant";
          const isKnown = -result <= 18 || result === -Errno.ENOTSUP;
          assert.ok(isUnsigned || isKnown, `${name}(${args.join(", ")}) = ${result}`);
        }
        if ((name === "listen" || name === "serve") && result > 0) rig.call.close(result);
        if (name === "addressAdd" && result > 0) rig.call.addressRemove(result);
      }
    }
    rig.pump();
    rig.sent.splice(0);
    peer.expectState(State.ESTABLISHED);
    peer.send({ data: 10 });
    peer.expectAfter(40);
    peer.read(10);
  },
);

packetTest(
  "receive with a wrong interface or a length beyond the buffer: dropped, counted",
  (rig) => {
    for (const [index, length] of [
      [99, 60],
      [-1, 60],
      [0, 0x7fffffff],
      [0, -1],
      [0, rig.core.frameBytes + 1],
    ] as const) {
      assert.equal(rig.call.receive(index, length), 0);
    }
    assert.equal(rig.counter(Counter.DROP_OVERSIZE), 5);
    assert.equal(rig.call.transmit(99), 0);
    assert.equal(rig.call.transmit(-1), 0);
  },
);

packetTest("listen and connect with bad arguments", (rig) => {
  rig.putAddress([192, 0, 2, 10]);
  const cases: [number, number][] = [
    [rig.call.listen(0, 65536, 1), EINVAL],
    [rig.call.listen(0, -1, 1), EINVAL],
    [rig.call.listen(0, 80, 0), EINVAL],
    [rig.call.listen(0, 80, 65536), EINVAL],
    [rig.call.listen(12345, 80, 1), EBADF],
    [rig.call.connect(5, 80, 0, 0), EINVAL],
    [rig.call.connect(16, 80, 0, 0), Errno.EAFNOSUPPORT],
    [rig.call.connect(4, 0, 0, 0), EINVAL],
    [rig.call.connect(4, 65536, 0, 0), EINVAL],
    [rig.call.connect(4, 80, 0, 65536), EINVAL],
    [rig.call.connect(4, 80, 777, 0), EBADF],
    [rig.call.accept(0), EBADF],
    [rig.call.accept(rig.address), EBADF],
    [rig.call.close(rig.address), EBADF],
    [rig.call.addressRemove(0), EBADF],
    [rig.call.addressAdd(0, 4, 33, 0), EINVAL],
    [rig.call.addressAdd(0, 4, 0, 0), EINVAL],
    [rig.call.addressAdd(0, 16, 64, 0), Errno.EAFNOSUPPORT],
    [rig.call.interfaceConfigure(0, 575), EINVAL],
    [rig.call.interfaceLink(0, 2), EINVAL],
    [rig.call.interfaceLink(7, 1), Errno.ENETDOWN],
  ];
  for (const [i, [came, wanted]] of cases.entries()) assert.equal(came, -wanted, `case ${i}`);
});

packetTest("the last port and the longest queue are good", (rig) => {
  assert.ok(rig.call.listen(0, 65535, 65535) > 0);
  rig.putAddress(peerAddress(10));
  assert.ok(rig.call.connect(4, 65535, 0, 65535) > 0);
  rig.pump();
  const { view } = rig.take("a SYN");
  assert.ok(view.kind === "tcp");
  assert.deepEqual([view.sourcePort, view.destinationPort], [65535, 65535]);
});

for (const profile of ["tiny", "esp32", "desktop"] as const) {
  test(`before initialise and before seed nothing opens, nothing traps: ${profile}`, async () => {
    const core = await createCore(profile);
    const call = core.exports;
    assert.equal(call.listen(0, 80, 1), -EAGAIN);
    core.putAddress(Uint8Array.of(192, 0, 2, 10));
    assert.equal(call.connect(4, 80, 0, 0), -EAGAIN);
    assert.equal(core.seed(new Uint8Array(32)), -EINVAL, "no entropy is no seed");
    assert.equal(call.transmit(0), 0);
    assert.equal(call.receive(0, 60), 0);
    assert.equal(call.nextDeadline() >>> 0, 0xffffffff);
    assert.equal(core.seed(new Uint8Array(32).fill(1)), 0);
    const at = core.constant(Constant.ENTROPY);
    const entropy = core.memory.subarray(at, at + 32);
    assert.ok(
      entropy.every((byte) => byte === 0),
      "the buffer is wiped",
    );
    assert.ok(call.listen(0, 80, 1) > 0);
  });
}

packetTest("options of a handle: its own value, and none that is not its own", (rig) => {
  const peer = passive(rig);
  const { call } = rig;
  for (const [option, value] of [
    [Option.NO_DELAY, 1],
    [Option.TTL, 9],
    [Option.DSCP, 46],
    [Option.R2_SECONDS, 7],
    [Option.KEEP_ALIVE, 1],
    [Option.KEEP_IDLE_SECONDS, 60],
    [Option.KEEP_INTERVAL_SECONDS, 9],
    [Option.KEEP_PROBES, 3],
  ] as const) {
    assert.equal(call.setOption(peer.handle, option, value), 0);
    assert.equal(rig.option(peer.handle, option), value);
    assert.notEqual(rig.option(0, option), value, "the default stays");
    assert.equal(call.setOption(peer.handle, option, -1), -EINVAL);
    assert.equal(call.setOption(peer.listener, option, value), -ENOPROTOOPT);
  }
  for (const option of [Option.MSL_MS, Option.TIMESTAMPS, Option.RESET_WHEN_FULL]) {
    assert.equal(call.setOption(peer.handle, option, 1), -ENOPROTOOPT);
    assert.equal(rig.option(peer.handle, option), -ENOPROTOOPT);
  }
  assert.equal(call.setOption(peer.listener, Option.RESET_WHEN_FULL, 2), -EINVAL);
  assert.equal(call.setOption(peer.listener, Option.SOURCE_LIMIT, 65536), -EINVAL);
});

packetTest("options of what is opened later: the defaults of that moment", (rig) => {
  rig.call.setOption(0, Option.TTL, 5);
  const peer = passive(rig, { peerPort: 2000 });
  rig.call.setOption(0, Option.TTL, 6);
  assert.equal(rig.option(peer.handle, Option.TTL), 5);
});
