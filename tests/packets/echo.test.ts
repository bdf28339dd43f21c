// Echo sockets: echo requests of our own (RFC 792, RFC 1122 section 3.2.2.6), and the errors about them
// that show the way of a packet.

import assert from "node:assert/strict";
import { Counter, Errno, Option } from "../../host/core/generated/abi.js";
import { icmpFrame, OUR_ADDRESS } from "./support/frame.js";
import { greet } from "./support/peer.js";
import { onAllProfiles, type Rig } from "./support/rig.js";
import { bindTo, ECHO, peer, receiveFrom, sendTo } from "./support/sockets.js";

const SOCKETS = { needs: "sockets" } as const;

function ask(rig: Rig, socket: number, sequence: number, data: number[], to = peer(10)) {
  assert.equal(sendTo(rig, socket, to, sequence, data), 0);
  return rig.expectIcmp({ type: 8, code: 0 });
}

onAllProfiles("an echo request and its reply: identifier, sequence, data, hops", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 700, 0, ECHO);
  const request = ask(rig, socket, 9, [1, 2, 3]);
  assert.equal(request.rest, (700 << 16) | 9);
  assert.deepEqual([...request.data], [1, 2, 3]);
  rig.inject(icmpFrame(10, { type: 0, rest: request.rest, data: [1, 2, 3] }, { ttl: 60 }));
  const came = receiveFrom(rig, socket);
  assert.ok(typeof came === "object");
  assert.deepEqual([came.address, came.port, came.hops, came.kind], [peer(10), 9, 60, 0]);
  assert.deepEqual(came.data, [1, 2, 3]);
  rig.call.close(socket);
});

onAllProfiles("a reply to another identifier, or a request: not for the socket", SOCKETS, (rig) => {
  const socket = bindTo(rig, 700, 0, ECHO);
  rig.inject(icmpFrame(10, { type: 0, rest: (701 << 16) | 9 }));
  assert.equal(rig.counter(Counter.DROP_ICMP_UNRELATED), 1);
  rig.inject(icmpFrame(10, { type: 8, rest: (700 << 16) | 9 }));
  rig.expectIcmp({ type: 0 });
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  rig.call.close(socket);
});

onAllProfiles(
  "time exceeded on the way: told with the router's address (traceroute)",
  SOCKETS,
  (rig) => {
    greet(rig, 254);
    const socket = bindTo(rig, 700, 0, ECHO);
    const far = [203, 0, 113, 9];
    rig.putAddress(peer(254));
    rig.call.interfaceRouter(0, 4);
    for (const [ttl, type, code] of [
      [1, 11, 0],
      [2, 3, 1],
    ] as const) {
      rig.call.setOption(socket, Option.TTL, ttl);
      const request = ask(rig, socket, ttl, [], far);
      assert.equal(request.ttl, ttl);
      const router = [198, 51, 100, ttl];
      const quoted = request.frame.subarray(14, 42);
      rig.inject(icmpFrame(254, { type, code, data: quoted }, { source: router }));
      const came = receiveFrom(rig, socket);
      assert.ok(typeof came === "object");
      assert.deepEqual([came.address, came.port, came.kind], [router, ttl, type * 256 + code]);
    }
    rig.call.close(socket);
  },
);

onAllProfiles("an error that quotes somebody else's request is not ours", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 700, 0, ECHO);
  const request = ask(rig, socket, 1, []);
  const quoted = request.frame.slice(14, 42);
  quoted[24] = 9; // the identifier
  rig.inject(icmpFrame(10, { type: 3, code: 1, data: quoted }));
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  assert.equal(rig.counter(Counter.DROP_ICMP_UNRELATED), 1);
  rig.call.close(socket);
});

onAllProfiles("an error about a reply of ours is not about a request", SOCKETS, (rig) => {
  greet(rig);
  const socket = bindTo(rig, 700, 0, ECHO);
  rig.inject(icmpFrame(10, { type: 8, rest: (700 << 16) | 9 }));
  const quoted = rig.expectIcmp({ type: 0 }).frame.subarray(14, 42);
  rig.inject(icmpFrame(10, { type: 3, code: 1, data: quoted }));
  assert.equal(receiveFrom(rig, socket), -Errno.EAGAIN);
  assert.equal(rig.counter(Counter.DROP_ICMP_UNRELATED), 1);
  rig.call.close(socket);
});

onAllProfiles("echo to ourselves: request and reply over loopback", SOCKETS, (rig) => {
  const socket = bindTo(rig, 0, 0, ECHO);
  assert.equal(sendTo(rig, socket, OUR_ADDRESS, 5, [7]), 0);
  rig.expectNothing();
  const came = receiveFrom(rig, socket);
  assert.ok(typeof came === "object");
  assert.deepEqual([came.address, came.port, came.data], [OUR_ADDRESS, 5, [7]]);
  assert.equal(rig.call.associate(socket, 4, 1), -Errno.EINVAL, "an echo socket has no peer");
  rig.call.close(socket);
});
