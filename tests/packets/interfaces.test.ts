// Interfaces and addresses: several networks, links that go down, addresses that are taken away.

import assert from "node:assert/strict";
import {
  AddressFlag,
  AddressState,
  Counter,
  Errno,
  Event,
  Pool,
} from "../../host/core/generated/abi.js";
import {
  arpFrame,
  icmpFrame,
  ipFrame,
  OUR_MAC,
  peerAddress,
  peerMac,
  tcpFrame,
  word16,
} from "./support/frame.js";
import { greet, listenerOn, makePeer, passive, State, synSent } from "./support/peer.js";
import { packetTest, type Rig } from "./support/rig.js";

function second(rig: Rig): number {
  rig.putAddress([2, 0, 0, 0, 1, 1]);
  assert.ok(rig.call.interfaceConfigure(1, 1500) > 0);
  assert.equal(rig.call.interfaceLink(1, 1), 0);
  rig.putAddress([198, 51, 100, 1]);
  const address = rig.call.addressAdd(1, 4, 24, 0);
  assert.ok(address > 0);
  rig.pump();
  rig.expectArp({ operation: 1, sender: [198, 51, 100, 1], fromMac: [2, 0, 0, 0, 1, 1] });
  return address;
}

packetTest(
  "two interfaces: each network goes out of its own, from its own address (MUST-44)",
  (rig) => {
    second(rig);
    const near = synSent(rig, { peerPort: 2000 });
    rig.putAddress([198, 51, 100, 10]);
    near.handle = rig.call.connect(4, 2001, 0, 80);
    rig.pump();
    const { interfaceIndex, view } = rig.take("the SYN");
    assert.equal(interfaceIndex, 1);
    assert.ok(view.kind === "tcp");
    assert.deepEqual(view.source, [198, 51, 100, 1]);
  },
);

packetTest("link down: frames are dropped and counted, nothing is sent", (rig) => {
  const peer = passive(rig);
  rig.call.interfaceLink(0, 0);
  peer.send({ data: 10 });
  assert.equal(rig.counter(Counter.DROP_LINK_DOWN), 1);
  rig.hold(() => peer.write(10));
  rig.expectNothing();
  rig.call.interfaceLink(0, 1);
  rig.pump();
  peer.seq = 1;
  peer.expect({ flags: "PA", len: 10 });
});

packetTest("link down for a while: connections live on and repair", (rig) => {
  greet(rig);
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  rig.call.interfaceLink(0, 0);
  rig.advance(5000);
  rig.expectNothing();
  rig.call.interfaceLink(0, 1);
  rig.advance(10_000);
  const again = rig.sent.splice(0)[0]?.view;
  assert.ok(again?.kind === "tcp" && again.data.length === 10);
  peer.expectState(State.ESTABLISHED);
});

packetTest("link down with a handshake pending: the host can sleep", (rig) => {
  const peer = makePeer(rig);
  listenerOn(rig);
  peer.sendSyn();
  peer.expect({ flags: "SA" });
  rig.call.interfaceLink(0, 0);
  rig.advance(30_000);
  rig.expectNothing();
  rig.call.interfaceLink(0, 1);
});

packetTest("link down on one interface with a handshake pending: the other's go on", (rig) => {
  greet(rig);
  second(rig);
  listenerOn(rig);
  const away = makePeer(rig, { peer: 10, from: [198, 51, 100, 10], peerPort: 2000 });
  rig.inject(arpFrame(10, { sender: away.address, target: [198, 51, 100, 1] }), 1);
  rig.sent.splice(0);
  const syn = away.segment({ flags: "S" });
  // The same segment, for the other interface's station and address.
  const frame = ipFrame(
    10,
    { source: away.address, destination: [198, 51, 100, 1] },
    retarget(syn.subarray(34, 54), away.address, [198, 51, 100, 1]),
    { to: [2, 0, 0, 0, 1, 1] },
  );
  rig.inject(frame, 1);
  assert.equal(rig.sent.splice(0).length, 1, "a SYN+ACK");
  const near = makePeer(rig, { peerPort: 2001 });
  near.sendSyn();
  near.expect({ flags: "SA" });
  rig.call.interfaceLink(1, 0);
  assert.equal(rig.used(Pool.SYN_CACHE), 1, "the handshake of the interface that is up");
  near.expectAfter(1000, { flags: "SA", seq: 0 });
  near.send();
  rig.call.interfaceLink(1, 1);
});

function retarget(tcp: Uint8Array, source: number[], destination: number[]): Uint8Array {
  const bytes = tcp.slice();
  bytes.set([0, 0], 16);
  const all = [...source, ...destination, 0, 6, ...word16(bytes.length), ...bytes];
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) sum += (all[i]! << 8) | (all[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  bytes.set(word16(~sum & 0xffff), 16);
  return bytes;
}

packetTest("address removed: its connections end with ECONNABORTED, its listeners go", (rig) => {
  const peer = passive(rig);
  const own = rig.call.listen(rig.address, 99, 1);
  const any = listenerOn(rig);
  assert.equal(rig.call.addressRemove(rig.address), 0);
  assert.equal(rig.addressState(rig.address), -Errno.EBADF);
  assert.equal(rig.error(peer.handle), Errno.ECONNABORTED);
  assert.equal(rig.state(own), -Errno.EBADF);
  assert.equal(rig.state(any), State.LISTEN);
  rig.advance(1000);
  rig.sent.splice(0);
});

packetTest("address removed with a handshake and a TIME-WAIT entry of it: both go", (rig) => {
  listenerOn(rig);
  const half = makePeer(rig, { peerPort: 2000 });
  half.sendSyn();
  half.expect({ flags: "SA" });
  const done = passive(rig, { peerPort: 2001 });
  rig.call.close(done.handle);
  rig.pump();
  done.expect({ flags: "FA" });
  done.send({ flags: "FA" });
  done.expect();
  assert.equal(rig.call.addressRemove(rig.address), 0);
  rig.advance(20_000);
  rig.expectNothing("nothing from an address that is not ours any more");
  assert.equal(rig.used(Pool.SYN_CACHE), 0);
});

packetTest("EtherType of somebody else: reported to the host, counted", (rig) => {
  const frame = ipFrame(10, {}, [], { type: 0x88cc });
  rig.inject(frame);
  assert.equal(rig.foreignEtherType(), 0x88cc);
  rig.inject(arpFrame(10, { target: peerAddress(9) }));
  assert.equal(rig.foreignEtherType(), 0);
  assert.equal(rig.counter(Counter.FOREIGN_ETHERTYPE), 1);
});

packetTest("frame for another station: dropped, counted", (rig) => {
  rig.inject(icmpFrame(10, { type: 8 }, {}, { to: peerMac(99) }));
  rig.expectNothing();
  assert.equal(rig.counter(Counter.DROP_OTHER_STATION), 1);
});

for (const call of ["abort", "close"] as const) {
  packetTest(`${call} while the link is down: the record comes back without it`, (rig) => {
    const peer = passive(rig);
    rig.call.interfaceLink(0, 0);
    assert.equal(rig.call[call](peer.handle), 0);
    rig.advance(200_000);
    rig.expectNothing();
    assert.equal(rig.used(Pool.TCB), 0);
    rig.call.interfaceLink(0, 1);
    rig.advance(1000);
    rig.expectNothing();
  });
}

packetTest(
  "abort while the neighbour is not known: its RST waits for ARP, then is forgotten",
  { answersArp: false },
  (rig) => {
    const peer = passive(rig);
    assert.equal(rig.call.abort(peer.handle), 0);
    rig.advance(10_000);
    const sent = rig.sent.splice(0).map(({ view }) => view.kind);
    assert.deepEqual(sent, ["arp", "arp", "arp"]);
    assert.equal(rig.used(Pool.TCB), 0);
  },
);

packetTest(
  "abort while the neighbour is not known: its RST leaves with the answer",
  { answersArp: false },
  (rig) => {
    const peer = passive(rig);
    assert.equal(rig.call.abort(peer.handle), 0);
    rig.pump();
    rig.expectArp({ operation: 1 });
    rig.inject(arpFrame(10, { operation: 2 }));
    peer.expect({ flags: "RA", seq: 1 });
    assert.equal(rig.used(Pool.TCB), 0);
  },
);

packetTest(
  "syn for the address of an interface that is down: the host sleeps, others go on",
  (rig) => {
    greet(rig);
    second(rig);
    rig.call.interfaceLink(1, 0);
    listenerOn(rig);
    const syn = { sourcePort: 2000, destinationPort: 80, seq: 5, ack: 0, flags: "S" };
    rig.inject(tcpFrame(10, syn, { destination: [198, 51, 100, 1] }));
    rig.sent.splice(0);
    const near = makePeer(rig, { peerPort: 2001 });
    near.sendSyn();
    near.expect({ flags: "SA" });
    near.expectAfter(1000, { flags: "SA", seq: 0 });
    assert.notEqual(rig.call.nextDeadline(), 0);
    assert.equal(rig.used(Pool.SYN_CACHE), 1, "no handshake of an interface that is down");
  },
);

packetTest("link down before the SYN of a connect has left: the end at R2", (rig) => {
  rig.putAddress(peerAddress(10));
  const handle = rig.call.connect(4, 80, 0, 0);
  rig.call.interfaceLink(0, 0);
  assert.notEqual(rig.call.nextDeadline() >>> 0, 0xffffffff, "a timer runs");
  rig.advance(170_000);
  assert.equal(rig.state(handle), State.SYN_SENT);
  rig.advance(80_000);
  assert.equal(rig.state(handle), State.CLOSED);
  assert.equal(rig.error(handle), Errno.ETIMEDOUT);
});

packetTest("link down before the SYN of a connect has left, then up: it leaves", (rig) => {
  greet(rig);
  const peer = makePeer(rig);
  rig.putAddress(peer.address);
  peer.handle = rig.call.connect(4, peer.peerPort, 0, 80);
  rig.call.interfaceLink(0, 0);
  rig.advance(5000);
  rig.call.interfaceLink(0, 1);
  rig.pump();
  peer.expect({ flags: "S", ack: 0 });
  peer.sendSyn("SA");
  peer.expect();
  peer.expectState(State.ESTABLISHED);
});

packetTest("write while the link is down for good: the end at R2", (rig) => {
  greet(rig);
  const peer = passive(rig);
  rig.call.interfaceLink(0, 0);
  peer.write(10);
  rig.advance(200_000);
  rig.expectNothing();
  peer.expectState(State.CLOSED);
});

packetTest("link down before what was written has left: the end at R2", (rig) => {
  greet(rig);
  const peer = passive(rig);
  rig.hold(() => {
    peer.write(10);
    rig.call.interfaceLink(0, 0);
  });
  assert.equal(peer.events() & Event.SOFT_ERROR, Event.SOFT_ERROR);
  rig.advance(200_000);
  rig.expectNothing();
  peer.expectState(State.CLOSED);
  assert.equal(rig.error(peer.handle), Errno.EHOSTUNREACH);
});

packetTest(
  "link down while a RST waits for ARP: the record comes back without it",
  { answersArp: false },
  (rig) => {
    const peer = passive(rig);
    rig.call.abort(peer.handle);
    rig.pump();
    rig.expectArp({ operation: 1 });
    assert.equal(rig.used(Pool.TCB), 1);
    rig.call.interfaceLink(0, 0);
    assert.equal(rig.used(Pool.TCB), 0);
    rig.call.interfaceLink(0, 1);
  },
);

packetTest("configuring an interface while its link is up: EINVAL, nothing changes", (rig) => {
  const peer = passive(rig);
  rig.putAddress([...OUR_MAC]);
  assert.equal(rig.call.interfaceConfigure(0, 576), -Errno.EINVAL);
  peer.write(1460);
  peer.expect({ flags: "PA", len: 1460 });
  peer.send();
  rig.call.interfaceLink(0, 0);
  rig.putAddress([...OUR_MAC]);
  assert.ok(rig.call.interfaceConfigure(0, 576) > 0);
  rig.call.interfaceLink(0, 1);
});

packetTest("link down and up again: the next hop is asked again", { answersArp: false }, (rig) => {
  greet(rig);
  const peer = passive(rig);
  peer.write(10);
  peer.expect({ flags: "PA", len: 10 });
  peer.send();
  rig.call.interfaceLink(0, 0);
  rig.advance(1000);
  rig.call.interfaceLink(0, 1);
  peer.write(10);
  rig.expectArp({ operation: 1, target: peerAddress(10) });
  rig.expectNothing("nothing to where the station was on the other network");
  rig.inject(arpFrame(10, { operation: 2 }));
  peer.expect({ flags: "PA", len: 10 });
  peer.send();
});

packetTest("tentative address, another's ARP for it on another interface: no conflict", (rig) => {
  rig.putAddress([2, 0, 0, 0, 1, 1]);
  rig.call.interfaceConfigure(1, 1500);
  rig.call.interfaceLink(1, 1);
  rig.putAddress([198, 51, 100, 1]);
  const address = rig.call.addressAdd(1, 4, 24, AddressFlag.CONFLICT_DETECTION);
  assert.equal(rig.addressState(address), AddressState.TENTATIVE);
  rig.inject(arpFrame(10, { sender: [198, 51, 100, 1], target: [198, 51, 100, 2] }));
  assert.equal(rig.addressState(address), AddressState.TENTATIVE);
  rig.inject(arpFrame(10, { sender: [198, 51, 100, 1], target: [198, 51, 100, 2] }), 1);
  assert.equal(rig.addressState(address), AddressState.DUPLICATE);
  rig.sent.splice(0);
});

packetTest(
  "connection to the address of an interface that is down: nothing, the host sleeps",
  (rig) => {
    greet(rig);
    second(rig);
    rig.call.interfaceLink(1, 0);
    const listener = listenerOn(rig);
    const send = (seq: number, ack: number, flags: string, data: number[] = []) => {
      const segment = { sourcePort: 2000, destinationPort: 80, seq, ack, flags, data };
      rig.inject(tcpFrame(10, segment, { destination: [198, 51, 100, 1] }));
    };
    send(5, 0, "S");
    const reply = rig.sent.splice(0)[0]?.view;
    if (reply?.kind === "tcp") {
      send(6, (reply.seq + 1) >>> 0, "A");
      rig.call.accept(listener);
      send(6, (reply.seq + 1) >>> 0, "PA", [1, 2, 3]);
    }
    rig.advance(5000);
    rig.expectNothing();
    assert.notEqual(rig.call.nextDeadline(), 0);
  },
);

packetTest(
  "write after a long silence, and the next hop is gone: R2 counts from the write",
  { answersArp: false },
  (rig) => {
    const peer = passive(rig);
    rig.advance(500_000);
    peer.write(10);
    rig.advance(60_000);
    peer.expectState(State.ESTABLISHED);
    rig.advance(150_000);
    peer.expectState(State.CLOSED);
    rig.sent.splice(0);
  },
);
