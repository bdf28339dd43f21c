// Loopback: 127.0.0.1, our own addresses, and a connection with itself. Nothing of it is on the
// wire.

import assert from "node:assert/strict";
import {
  AddressFlag,
  Constant,
  Counter,
  Errno,
  Event,
  Option,
  Pool,
} from "../../host/core/generated/abi.js";
import { readConnection } from "../../host/core/observe.js";
import { handleOf } from "../../host/core/records.js";
import { OUR_ADDRESS } from "./support/frame.js";
import { listenerOn, State } from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";

const NEEDED = { needs: "loopback" } as const;

/** Writes so many bytes of 42. */
function put(rig: Rig, handle: number, length: number): void {
  for (let left = length; left > 0;) {
    const part = Math.min(left, rig.call.sendSpan(handle));
    assert.ok(part > 0, `room for ${left} bytes: ${part}`);
    const at = rig.core.spanPointer();
    rig.core.memory.fill(42, at, at + part);
    assert.equal(rig.call.commit(handle, part), 0);
    left -= part;
  }
  rig.advance(300);
}

function get(rig: Rig, handle: number, length: number): void {
  for (let left = length; left > 0;) {
    const part = rig.call.receiveSpan(handle);
    assert.ok(part > 0 && part <= left, `${left} bytes are missing: ${part}`);
    const at = rig.core.spanPointer();
    assert.ok(rig.core.memory.subarray(at, at + part).every((byte) => byte === 42));
    assert.equal(rig.call.consume(handle, part), 0);
    left -= part;
  }
  rig.pump();
}

packetTest("loopback to another address of 127/8: open or refused, but no silence", (rig) => {
  listenerOn(rig, 7000);
  rig.putAddress([127, 9, 9, 9]);
  const client = rig.call.connect(4, 7000, 0, 0);
  rig.advance(100);
  assert.ok(client < 0 || rig.state(client) !== State.SYN_SENT);
  rig.expectNothing("nothing on the wire");
});

for (const [name, address] of [
  ["127.0.0.1", [127, 0, 0, 1]],
  ["our own address", OUR_ADDRESS],
] as const) {
  onAllProfiles(`loopback to ${name}: data both ways, nothing on the wire`, NEEDED, (rig) => {
    const listener = listenerOn(rig, 7000);
    rig.putAddress([...address]);
    const client = rig.call.connect(4, 7000, 0, 0);
    assert.ok(client > 0);
    rig.pump();
    assert.equal(rig.state(client), State.ESTABLISHED);
    const server = rig.call.accept(listener);
    assert.ok(server > 0);
    put(rig, client, 100);
    get(rig, server, 100);
    put(rig, server, 100);
    get(rig, client, 100);
    rig.call.close(client);
    rig.pump();
    assert.equal(rig.call.receiveSpan(server), 0);
    rig.call.close(server);
    rig.pump();
    rig.advance(1000);
    rig.expectNothing("nothing on the wire");
    assert.ok(rig.counter(Counter.LOOPBACK_FRAMES) > 6);
    // Where TIME-WAIT has no records of its own, the one that closed first waits in its TCB.
    assert.equal(rig.used(Pool.TCB) + rig.used(Pool.TIME_WAIT), 1);
  });
}

packetTest("loopback to a port nobody listens on: ECONNREFUSED", (rig) => {
  rig.putAddress([127, 0, 0, 1]);
  const handle = rig.call.connect(4, 7001, 0, 0);
  rig.pump();
  assert.equal(rig.error(handle), Errno.ECONNREFUSED);
});

packetTest("loopback in bulk: all of it, in bounded batches", (rig) => {
  const listener = listenerOn(rig, 7000);
  rig.putAddress([127, 0, 0, 1]);
  const client = rig.call.connect(4, 7000, 0, 0);
  rig.pump();
  const server = rig.call.accept(listener);
  let sent = 0;
  let received = 0;
  for (let turns = 0; received < 1_000_000 && turns < 1000; turns++) {
    rig.hold(() => {
      const room = rig.call.sendSpan(client);
      if (room > 0 && rig.call.commit(client, room) === 0) sent += room;
    });
    rig.advance(1);
    for (let ready; (ready = rig.call.receiveSpan(server)) > 0; received += ready) {
      rig.call.consume(server, ready);
    }
    rig.pump();
  }
  assert.ok(received >= 1_000_000, `${received} of ${sent}`);
  rig.expectNothing();
});

onAllProfiles("self-connect: one connection with itself, data come back", NEEDED, (rig) => {
  rig.putAddress(OUR_ADDRESS);
  const handle = rig.call.connect(4, 5555, 0, 5555);
  assert.ok(handle > 0);
  rig.pump();
  rig.advance(10);
  assert.equal(rig.state(handle), State.ESTABLISHED);
  put(rig, handle, 10);
  get(rig, handle, 10);
  rig.call.close(handle);
  rig.advance(1000);
  rig.expectNothing("nothing on the wire");
});

packetTest("self-connect with REFUSE_SELF_CONNECT: EADDRINUSE", (rig) => {
  rig.call.setOption(0, Option.REFUSE_SELF_CONNECT, 1);
  rig.putAddress(OUR_ADDRESS);
  assert.equal(rig.call.connect(4, 5555, 0, 5555), -Errno.EADDRINUSE);
  assert.ok(rig.call.connect(4, 5555, 0, 5556) > 0);
  rig.pump();
});

packetTest("loopback to a port nobody listens on, many at once: each is refused at once", (rig) => {
  const listener = listenerOn(rig, 7000);
  rig.putAddress([127, 0, 0, 1]);
  const busy = rig.call.connect(4, 7000, 0, 0);
  rig.pump();
  assert.ok(rig.call.accept(listener) > 0);
  const handles = rig.hold(() => {
    // A frame without a reply comes first: the batch then ends between a SYN and its RST.
    assert.ok(rig.call.sendSpan(busy) > 0);
    rig.call.commit(busy, 10);
    return Array.from({ length: 33 }, () => {
      rig.putAddress([127, 0, 0, 1]);
      return rig.call.connect(4, 7001, 0, 0);
    });
  });
  for (const handle of handles) {
    assert.ok(handle > 0);
    assert.equal(rig.error(handle), Errno.ECONNREFUSED);
  }
});

packetTest(
  "tiny does not talk to itself: ENETUNREACH, and nothing on the wire",
  { profile: "tiny" },
  (rig) => {
    for (const address of [OUR_ADDRESS, [127, 0, 0, 1], [127, 9, 9, 9]]) {
      rig.putAddress([...address]);
      assert.equal(rig.call.connect(4, 7000, 0, 0), -Errno.ENETUNREACH);
    }
    rig.advance(5000);
    rig.expectNothing();
  },
);

packetTest(
  "addresses of 127/8 on loopback: reached from 127.0.0.1, listened on, given back",
  (rig) => {
    const loopback = rig.core.constant(Constant.INTERFACES);
    const length = rig.putAddress([127, 5, 6, 7]);
    assert.equal(
      rig.call.addressAdd(loopback, length, 32, AddressFlag.CONFLICT_DETECTION),
      -Errno.EINVAL,
    );
    const other = rig.call.addressAdd(loopback, length, 32, 0);
    assert.ok(other > 0);
    assert.equal(rig.call.addressAdd(loopback, length, 32, 0), -Errno.EADDRINUSE);
    rig.putAddress([10, 0, 0, 1]);
    assert.equal(rig.call.addressAdd(loopback, 4, 32, 0), -Errno.EINVAL, "only of 127/8");
    assert.equal(rig.call.addressAdd(loopback + 1, 4, 32, 0), -Errno.EINVAL);
    const listener = rig.call.listen(other, 7000, 4);
    assert.ok(listener > 0);
    rig.putAddress([127, 5, 6, 7]);
    const client = rig.call.connect(4, 7000, 0, 0);
    rig.pump();
    const served = rig.call.accept(listener);
    assert.ok(served > 0);
    assert.equal(readConnection(rig.core, client)!.localAddress, "127.0.0.1");
    assert.equal(readConnection(rig.core, served)!.localAddress, "127.5.6.7");
    assert.equal(rig.call.addressRemove(other), 0);
    assert.equal(rig.call.takeEvents(served) & Event.ERROR, Event.ERROR, "gone with its address");
    rig.pump();
    rig.expectNothing("nothing on the wire");
  },
);

packetTest("addresses of 127/8 lead nowhere else, chosen or named", (rig) => {
  const loopback = rig.core.constant(Constant.INTERFACES);
  const connectOut = (local: number) => {
    rig.putAddress([198, 51, 100, 1]);
    return rig.call.connect(4, 80, local, 0);
  };
  const before = connectOut(0);
  const other = rig.call.addressAdd(loopback, rig.putAddress([127, 5, 6, 7]), 32, 0);
  assert.ok(other > 0);
  assert.equal(connectOut(other), -Errno.ENETUNREACH, "named");
  assert.equal(rig.call.interfaceLink(0, 0), 0);
  const down = connectOut(0);
  assert.equal(rig.call.addressRemove(other), 0);
  assert.equal(connectOut(0), down, "without it the same");
  assert.ok(before !== 0 && down < 0);
  rig.advance(100);
});

packetTest("listen on 127.0.0.1: reached from inside, silent outside, and it stays", (rig) => {
  const address = handleOf(
    rig.core,
    rig.core.constant(Constant.TCBS) + rig.core.constant(Constant.LISTENERS),
  );
  assert.ok(address > 0, "127.0.0.1 has a handle");
  const listener = rig.call.listen(address, 7000, 4);
  assert.ok(listener > 0);
  rig.putAddress([127, 0, 0, 1]);
  assert.ok(rig.call.connect(4, 7000, 0, 0) > 0);
  rig.pump();
  assert.ok(rig.call.accept(listener) > 0);
  rig.putAddress([...OUR_ADDRESS]);
  const elsewhere = rig.call.connect(4, 7000, 0, 0);
  rig.pump();
  assert.equal(rig.call.takeEvents(elsewhere) & Event.ERROR, Event.ERROR, "refused");
  assert.equal(rig.call.addressRemove(address), -Errno.EINVAL);
  rig.expectNothing("nothing on the wire");
});
