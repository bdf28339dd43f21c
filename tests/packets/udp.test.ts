// UDP sockets (RFC 768, RFC 1122 section 4.1): who hears what, datagrams whole or not at all, errors of
// peers and routers, groups and broadcast, fragments.

import assert from "node:assert/strict";
import { Constant, Counter, Errno, Event, Option, Pool } from "../../host/core/generated/abi.js";
import {
  arpFrame,
  BROADCAST_MAC,
  icmpFrame,
  OUR_ADDRESS,
  OUR_MAC,
  peerMac,
  udpBytes,
  type FragmentView,
  type View,
} from "./support/frame.js";
import { greet } from "./support/peer.js";
import { onAllProfiles, packetTest, type Rig } from "./support/rig.js";
import { bindTo, datagram, peer, receiveFrom, sendTo, takeUdp, UDP } from "./support/sockets.js";

const SOCKETS = { needs: "sockets" } as const;
const ANY = 255;

/** Closes what is left open; the rig's teardown looks at the pools. */
function closeAll(rig: Rig, ...handles: number[]): void {
  for (const handle of handles) assert.equal(rig.call.close(handle), 0);
  assert.equal(rig.used(Pool.SOCKET), 0);
}

onAllProfiles("a datagram to a bound port: whole, with who sent it", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  rig.inject(datagram(10, 7000, 5000, [1, 2, 3], { ttl: 33 }));
  assert.equal(rig.call.nextEvent(), socket);
  assert.equal(rig.call.takeEvents(socket), Event.READABLE);
  const came = receiveFrom(rig, socket);
  const data = [1, 2, 3];
  const local = (rig.address & 0xffff) - slotOfAddresses(rig);
  assert.deepEqual(came, { address: peer(10), port: 7000, local, hops: 33, kind: 0, data });
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  rig.inject(datagram(10, 7000, 5000, []));
  assert.deepEqual((receiveFrom(rig, socket) as { data: number[] }).data, []);
  assert.equal(rig.counter(Counter.UDP_DATAGRAMS_IN), 2);
  closeAll(rig, socket);
});

function slotOfAddresses(rig: Rig): number {
  return rig.core.constant(Constant.TCBS) + rig.core.constant(Constant.LISTENERS);
}

onAllProfiles("a datagram of ours: ports, checksum, TTL and DSCP of the socket", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 5000);
  rig.call.setOption(socket, Option.TTL, 7);
  rig.call.setOption(socket, Option.DSCP, 46);
  assert.equal(sendTo(rig, socket, peer(10), 7000, [1, 2, 3]), 0);
  const sent = takeUdp(rig);
  assert.deepEqual([sent.sourcePort, sent.destinationPort], [5000, 7000]);
  assert.deepEqual([sent.ttl, sent.tos], [7, 46 << 2]);
  assert.deepEqual([...sent.data], [1, 2, 3]);
  assert.deepEqual(sent.toMac, peerMac(10));
  assert.equal(rig.used(Pool.SEND_RING), 0, "the ring is given back");
  closeAll(rig, socket);
});

onAllProfiles("a checksum of 0 stands for none; ours is never 0", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 5000);
  const fields = { sourcePort: 1, destinationPort: 5000, data: [9], checksum: 0 };
  rig.inject(rawUdp(fields));
  assert.deepEqual((receiveFrom(rig, socket) as { data: number[] }).data, [9]);
  // Data that make the sum all ones.
  const bytes = udpBytes(
    { sourcePort: 5000, destinationPort: 7000, data: [0, 0], checksum: 0 },
    OUR_ADDRESS,
    peer(10),
  );
  const pseudo = [...OUR_ADDRESS, ...peer(10), 0, UDP, 0, 10];
  let sum = 0;
  for (const part of [pseudo, [...bytes]])
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | part[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const rest = 0xffff - sum;
  assert.equal(sendTo(rig, socket, peer(10), 7000, [rest >> 8, rest & 255]), 0);
  const sent = takeUdp(rig); // decode asserts that the checksum is not 0, and right
  assert.deepEqual([...sent.frame.subarray(40, 42)], [255, 255]);
  closeAll(rig, socket);
});

function rawUdp(fields: Parameters<typeof udpBytes>[0]): Uint8Array {
  const frame = datagram(10, 1, 2, []);
  const bytes = udpBytes(fields, peer(10), OUR_ADDRESS);
  const whole = new Uint8Array(Math.max(60, 34 + bytes.length));
  whole.set(frame.subarray(0, 34));
  whole.set(bytes, 34);
  return relength(whole, bytes.length);
}

/** The IP header says so many bytes of payload. */
function relength(frame: Uint8Array, payload: number): Uint8Array {
  const total = 20 + payload;
  frame.set([total >> 8, total & 255], 16);
  frame.set([0, 0], 24);
  let sum = 0;
  for (let i = 14; i < 34; i += 2) sum += (frame[i]! << 8) | frame[i + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.set([(~sum >> 8) & 255, ~sum & 255], 24);
  return frame;
}

onAllProfiles("the peer goes before the address, the address before any", SOCKETS, (rig) => {
  const any = bindTo(rig, 5000);
  const own = bindTo(rig, 5000, rig.address);
  assert.equal(rig.call.bind(UDP, rig.address, 5000), -Errno.EADDRINUSE);
  assert.equal(rig.call.bind(UDP, 0, 5000), -Errno.EADDRINUSE);
  rig.inject(datagram(10, 7000, 5000, [1]));
  assert.equal(receiveFrom(rig, any), -Errno.EAGAIN);
  assert.deepEqual((receiveFrom(rig, own) as { data: number[] }).data, [1]);
  rig.putAddress(peer(11));
  assert.equal(rig.call.associate(any, 4, 7000), 0);
  rig.inject(datagram(11, 7000, 5000, [2]));
  rig.inject(datagram(11, 7001, 5000, [3]));
  assert.deepEqual((receiveFrom(rig, any) as { data: number[] }).data, [2]);
  assert.deepEqual((receiveFrom(rig, own) as { data: number[] }).data, [3]);
  closeAll(rig, any, own);
});

onAllProfiles("a socket with a peer hears nobody else, and may name nobody", SOCKETS, (rig) => {
  greet(rig);
  greet(rig, 11);
  const socket = bindTo(rig, 5000);
  rig.putAddress(peer(10));
  assert.equal(rig.call.associate(socket, 4, 7000), 0);
  rig.inject(datagram(11, 7000, 5000, [1]));
  rig.expectIcmp({ type: 3, code: 3 });
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  assert.equal(sendTo(rig, socket, peer(11), 9, [1]), 0);
  const sent = takeUdp(rig);
  assert.deepEqual([sent.destination, sent.destinationPort], [peer(10), 7000]);
  assert.equal(rig.call.associate(socket, 0, 0), 0);
  assert.equal(sendTo(rig, socket, peer(11), 9, [1]), 0);
  assert.deepEqual(takeUdp(rig).destination, peer(11));
  assert.equal(sendTo(rig, socket, peer(11), 0, [1]), -Errno.EDESTADDRREQ);
  closeAll(rig, socket);
});

onAllProfiles("nobody listens: port unreachable, for one host only", SOCKETS, (rig) => {
  rig.inject(datagram(10, 7000, 5000, [1]));
  rig.expectIcmp({ type: 3, code: 3 });
  rig.inject(datagram(10, 7000, 5000, [1], { destination: [192, 0, 2, 255] }));
  rig.expectNothing();
  assert.equal(rig.counter(Counter.UDP_NO_SOCKET), 2);
});

onAllProfiles("port unreachable: ECONNREFUSED, once, for a socket with a peer", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 5000);
  const refuse = (code: number) => {
    assert.equal(sendTo(rig, socket, peer(10), 7000, [1, 2]), 0);
    const quoted = takeUdp(rig).frame.subarray(14, 42);
    rig.inject(icmpFrame(10, { type: 3, code, data: quoted }));
  };
  refuse(3);
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN, "without a peer nobody is told");
  rig.putAddress(peer(10));
  rig.call.associate(socket, 4, 7000);
  rig.call.takeEvents(socket);
  for (const [code, errno] of [
    [3, Errno.ECONNREFUSED],
    [1, Errno.EHOSTUNREACH],
  ] as const) {
    refuse(code);
    assert.equal(rig.call.takeEvents(socket), Event.ERROR);
    assert.equal(receiveFrom(rig, socket), -errno);
    assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
    refuse(code);
    assert.equal(sendTo(rig, socket, peer(10), 7000, [1]), -errno);
    rig.call.takeEvents(socket);
  }
  closeAll(rig, socket);
});

onAllProfiles(
  "the next hop is asked for; what waits leaves with the answer",
  { ...SOCKETS, answersArp: false },
  (rig) => {
    const socket = bindTo(rig, 5000);
    for (const byte of [1, 2, 3]) assert.equal(sendTo(rig, socket, peer(10), 7000, [byte]), 0);
    rig.expectArp({ operation: 1, target: peer(10) });
    rig.expectNothing();
    rig.inject(arpFrame(10, { operation: 2, targetMac: OUR_MAC }));
    for (const byte of [1, 2, 3]) assert.deepEqual([...takeUdp(rig).data], [byte]);
    closeAll(rig, socket);
  },
);

onAllProfiles(
  "a next hop that does not answer: the datagrams are lost, and counted",
  { ...SOCKETS, answersArp: false },
  (rig) => {
    const socket = bindTo(rig, 5000);
    rig.putAddress(peer(10));
    rig.call.associate(socket, 4, 7000);
    assert.equal(sendTo(rig, socket, peer(10), 7000, [1]), 0);
    rig.advance(20_000);
    assert.ok(rig.sent.splice(0).every(({ view }) => view.kind === "arp"));
    assert.equal(rig.counter(Counter.DROP_SOCKET_UNREACHABLE), 1);
    assert.equal(receiveFrom(rig, socket), -Errno.EHOSTUNREACH);
    assert.equal(rig.used(Pool.SEND_RING), 0);
    closeAll(rig, socket);
  },
);

onAllProfiles("no route: ENETUNREACH at once", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  rig.call.interfaceRouter(0, 0);
  assert.equal(sendTo(rig, socket, [203, 0, 113, 1], 7000, [1]), -Errno.ENETUNREACH);
  assert.equal(rig.used(Pool.SEND_RING), 0);
  closeAll(rig, socket);
});

onAllProfiles("broadcast only where the option allows it", SOCKETS, (rig) => {
  const socket = bindTo(rig, 5000);
  for (const to of [
    [255, 255, 255, 255],
    [192, 0, 2, 255],
  ]) {
    assert.equal(rig.call.setOption(socket, Option.BROADCAST, 0), 0);
    assert.equal(sendTo(rig, socket, to, 7000, [1]), -Errno.EACCES);
    assert.equal(rig.call.setOption(socket, Option.BROADCAST, 1), 0);
    assert.equal(sendTo(rig, socket, to, 7000, [1]), 0);
    const sent = takeUdp(rig);
    assert.deepEqual([sent.toMac, sent.destination], [BROADCAST_MAC, to]);
  }
  rig.inject(datagram(10, 1, 5000, [7], { destination: [255, 255, 255, 255] }));
  const came = receiveFrom(rig, socket);
  assert.ok(typeof came === "object" && came.local === ANY && came.data[0] === 7);
  closeAll(rig, socket);
});

onAllProfiles(
  "a group: its MAC (RFC 1112 6.4), a TTL of 1 unless told otherwise",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    assert.equal(sendTo(rig, socket, [239, 255, 1, 2], 7000, [1]), 0);
    const first = takeUdp(rig);
    assert.deepEqual([first.toMac, first.ttl], [[1, 0, 0x5e, 0x7f, 1, 2], 1]);
    rig.call.setOption(socket, Option.MULTICAST_TTL, 5);
    assert.equal(sendTo(rig, socket, [224, 0, 0, 251], 7000, [1]), 0);
    const second = takeUdp(rig);
    assert.deepEqual([second.toMac, second.ttl], [[1, 0, 0x5e, 0, 0, 251], 5]);
    closeAll(rig, socket);
  },
);

onAllProfiles(
  "datagrams longer than the MTU leave in fragments, the IDs differ",
  SOCKETS,
  (rig) => {
    greet(rig);
    const ring = rig.core.constant(Constant.SEND_RING_BYTES);
    const length = Math.min(ring - 40, 65_507);
    const socket = bindTo(rig, 5000);
    const data = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const ids = [1, 2].map(() => {
      assert.equal(sendTo(rig, socket, peer(10), 7000, data), 0);
      const parts = rig.sent.splice(0).map(({ view }) => view);
      const whole = joined(parts);
      assert.deepEqual(whole.subarray(8), data);
      // The checksum is over the whole datagram.
      const made = udpBytes(
        { sourcePort: 5000, destinationPort: 7000, data },
        OUR_ADDRESS,
        peer(10),
      );
      assert.deepEqual(whole.subarray(0, 8), made.subarray(0, 8));
      return (parts[0] as FragmentView).identification;
    });
    assert.notEqual(ids[0], ids[1]);
    closeAll(rig, socket);
  },
);

/** Fragments in order, without gaps, all but the last as long as the MTU allows. */
function joined(parts: View[]): Uint8Array {
  let bytes = 0;
  const [head] = parts as FragmentView[];
  for (const [i, part] of parts.entries()) {
    assert.ok(part.kind === "fragment" && head);
    assert.deepEqual([part.offset, part.identification], [bytes, head.identification]);
    assert.equal(part.more, i < parts.length - 1);
    if (part.more) assert.equal(part.data.length, 1480);
    bytes += part.data.length;
  }
  return Uint8Array.from(Buffer.concat(parts.map((part) => (part as FragmentView).data)));
}

onAllProfiles(
  "a full queue: what comes is dropped and counted, nothing is torn",
  SOCKETS,
  (rig) => {
    const socket = bindTo(rig, 5000);
    const sizes = [1, 100, 7, 333, 0, 64, 512, 3];
    for (let round = 0; round < 40; round++) {
      const kept: number[][] = [];
      for (let i = 0; ; i++) {
        const data = new Array<number>(sizes[(round + i) % sizes.length]!).fill((round + i) & 255);
        const before = rig.counter(Counter.DROP_SOCKET_FULL);
        rig.inject(datagram(10, 7000, 5000, data));
        if (rig.counter(Counter.DROP_SOCKET_FULL) > before) break;
        kept.push(data);
      }
      // Half of it now, so that the rest lies across the end next time.
      for (const data of kept.splice(0, round % 3 === 2 ? kept.length : kept.length >> 1))
        assert.deepEqual((receiveFrom(rig, socket) as { data: number[] }).data, data);
      for (const data of kept)
        assert.deepEqual((receiveFrom(rig, socket) as { data: number[] }).data, data);
      assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
    }
    closeAll(rig, socket);
  },
);

onAllProfiles(
  "a send queue without room: EAGAIN, then WRITABLE when it is empty",
  { ...SOCKETS, answersArp: false },
  (rig) => {
    const socket = bindTo(rig, 5000);
    const data = new Uint8Array(400);
    let queued = 0;
    while (sendTo(rig, socket, peer(10), 7000, data) === 0) queued++;
    assert.ok(queued >= 3, `${queued}`);
    assert.equal(rig.call.takeEvents(socket), 0);
    rig.sent.splice(0);
    rig.inject(arpFrame(10, { operation: 2, targetMac: OUR_MAC }));
    assert.equal(rig.sent.splice(0).length, queued);
    assert.equal(rig.call.takeEvents(socket), Event.WRITABLE);
    closeAll(rig, socket);
  },
);

packetTest("a datagram too long for IPv4: EMSGSIZE", (rig) => {
  const socket = bindTo(rig, 5000);
  assert.equal(sendTo(rig, socket, peer(10), 7000, new Uint8Array(65_508)), -Errno.EMSGSIZE);
  assert.equal(rig.used(Pool.SEND_RING), 0);
  closeAll(rig, socket);
});

onAllProfiles("to ourselves: through loopback, by either address", SOCKETS, (rig) => {
  const one = bindTo(rig, 5000);
  const two = bindTo(rig, 6000);
  for (const to of [OUR_ADDRESS, [127, 0, 0, 1]]) {
    assert.equal(sendTo(rig, one, to, 6000, [1, 2]), 0);
    const came = receiveFrom(rig, two);
    assert.ok(typeof came === "object");
    assert.deepEqual([came.address, came.port, came.data], [to, 5000, [1, 2]]);
  }
  rig.expectNothing("nothing on the wire");
  closeAll(rig, one, two);
});

onAllProfiles("bad arguments and stale handles: errors, nothing is lost", SOCKETS, (rig) => {
  const { call } = rig;
  assert.equal(call.bind(6, 0, 5000), -Errno.EINVAL);
  assert.equal(call.bind(UDP, 0, 65_536), -Errno.EINVAL);
  assert.equal(call.bind(UDP, 12_345, 5000), -Errno.EBADF);
  const socket = bindTo(rig, 0);
  rig.putAddress(peer(10));
  assert.equal(call.associate(socket, 5, 1), -Errno.EINVAL);
  assert.equal(call.associate(socket, 4, 65_536), -Errno.EINVAL);
  assert.equal(call.associate(socket, 16, 1), -Errno.EAFNOSUPPORT);
  rig.putAddress([0, 0, 0, 0]);
  assert.equal(call.associate(socket, 4, 1), 0);
  assert.equal(sendTo(rig, socket, peer(10), 1, [1]), -Errno.EINVAL, "the peer is no host");
  assert.equal(call.associate(socket, 0, 0), 0);
  assert.equal(call.setOption(socket, Option.NO_DELAY, 1), -Errno.ENOPROTOOPT);
  assert.equal(call.setOption(socket, Option.MULTICAST_TTL, 0), -Errno.EINVAL);
  assert.equal(call.commit(socket, 8), -Errno.EINVAL);
  assert.equal(call.consume(socket, 0), -Errno.EINVAL);
  assert.ok(call.sendSpan(socket) > 0);
  assert.equal(call.commit(socket, 3), -Errno.EMSGSIZE);
  assert.equal(rig.used(Pool.SEND_RING), 0);
  closeAll(rig, socket);
  for (const name of ["sendSpan", "receiveSpan", "close", "abort"] as const)
    assert.equal(call[name](socket), -Errno.EBADF);
  assert.equal(call.associate(socket, 4, 1), -Errno.EBADF);
});

onAllProfiles("the pools end in ENOBUFS and come back", SOCKETS, (rig) => {
  const all: number[] = [];
  for (let handle; (handle = rig.call.bind(UDP, 0, 0)) > 0;) all.push(handle);
  assert.equal(all.length, rig.pool(Pool.SOCKET).capacity);
  assert.equal(rig.call.bind(UDP, 0, 0), -Errno.ENOBUFS);
  rig.call.close(all.pop()!);
  all.push(bindTo(rig, 0));
  closeAll(rig, ...all);
  assert.equal(rig.used(Pool.RECEIVE_RING), 0);
});

onAllProfiles("an address goes: so do the sockets bound to it, as listeners do", SOCKETS, (rig) => {
  const bound = bindTo(rig, 5000, rig.address);
  const any = bindTo(rig, 5001);
  assert.equal(rig.call.addressRemove(rig.address), 0);
  assert.equal(receiveFrom(rig, bound), -Errno.EBADF);
  assert.equal(sendTo(rig, any, peer(10), 7, [1]), -Errno.ENETUNREACH);
  closeAll(rig, any);
});

onAllProfiles(
  "an address goes before a datagram has left: it never does",
  { ...SOCKETS, answersArp: false },
  (rig) => {
    const any = bindTo(rig, 5001);
    assert.equal(sendTo(rig, any, peer(10), 7, [1]), 0);
    rig.expectArp({ operation: 1 });
    assert.equal(rig.call.addressRemove(rig.address), 0);
    assert.equal(rig.used(Pool.SEND_RING), 0);
    rig.inject(arpFrame(10, { operation: 2, targetMac: OUR_MAC }));
    rig.advance(5000);
    assert.ok(rig.sent.splice(0).every(({ view }) => view.kind === "arp"));
    closeAll(rig, any);
  },
);

onAllProfiles(
  "an address goes between two fragments: the next datagram begins at its start",
  SOCKETS,
  (rig) => {
    greet(rig);
    const any = bindTo(rig, 5001);
    rig.hold(() => {
      assert.equal(sendTo(rig, any, peer(10), 7, new Uint8Array(1700)), 0);
      assert.equal(rig.call.transmit(0), 1514, "the first fragment");
      assert.equal(rig.call.addressRemove(rig.address), 0);
      rig.putAddress(OUR_ADDRESS);
      assert.ok(rig.call.addressAdd(0, 4, 24, 0) > 0);
    });
    rig.expectArp({ operation: 1 });
    assert.equal(sendTo(rig, any, peer(10), 7, [1, 2, 3]), 0);
    assert.deepEqual([...takeUdp(rig).data], [1, 2, 3]);
    closeAll(rig, any);
  },
);

onAllProfiles("ports of our own cannot be guessed (RFC 5452 9.2)", SOCKETS, (rig) => {
  const ports = new Set<number>();
  for (let i = 0; i < 40; i++) {
    const socket = bindTo(rig, 0);
    greetOnce(rig, i);
    sendTo(rig, socket, peer(10), 53, [1]);
    ports.add(takeUdp(rig).sourcePort);
    rig.call.close(socket);
  }
  assert.ok(ports.size > 35, `${ports.size} of 40 differ`);
  assert.ok([...ports].every((port) => port >= 49_152));
});

const greetOnce = (rig: Rig, i: number) => i === 0 && greet(rig);
