// The interfaces of the library: what calls do, and that everything wrong is an error with a name and never a trap.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Abi, Constant, Counter, Errno } from "../../host/core/generated/abi.js";
import { moduleBytes, PROFILES } from "../static/support/module.js";
import { createLibrary, errorOf, ipv4, type Address } from "./support/library.js";
import { ERRORS } from "./support/names.js";
import { connectPair, createPair, createSide, endpoint, entropy } from "./support/pair.js";

const IPV6: Address = { tag: "ipv6", val: [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1] };
const STALE = 0x7fffffff;
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("latin1");
const bytes = (value: string) => new Uint8Array(Buffer.from(value, "latin1"));

for (const profile of PROFILES) {
  test(`version says which module is inside: ${profile}`, async () => {
    const { about, inspect } = await createLibrary(profile);
    const build = about.version();
    const sha256 = createHash("sha256").update(moduleBytes(profile)).digest("hex");
    assert.equal(build.moduleSha256, sha256);
    assert.equal(build.profile, profile);
    assert.equal(build.abiVersion, Abi.VERSION);
    for (const [name, id] of [
      ["memoryBytes", Constant.MEMORY_BYTES],
      ["frameBytes", Constant.FRAME_BYTES],
      ["interfaces", Constant.INTERFACES],
      ["connections", Constant.TCBS],
      ["listeners", Constant.LISTENERS],
      ["sockets", Constant.SOCKETS],
      ["receiveRingBytes", Constant.RECEIVE_RING_BYTES],
      ["sendRingBytes", Constant.SEND_RING_BYTES],
    ] as const) {
      assert.equal(build[name], inspect.constant(id), name);
    }
  });

  test(`a connection from its handshake to its end: ${profile}`, async () => {
    const pair = await createPair(profile);
    const { client, server } = pair;
    const { near, far, listener } = connectPair(pair);
    const [a, b] = [client.library.tcp, server.library.tcp];
    assert.deepEqual(client.library.events.take(near), {
      ...NO_EVENTS,
      connected: true,
      writable: true,
    });
    const info = a.info(near);
    assert.equal(info.state, "established");
    assert.deepEqual(info.remote, endpoint(server.address, 7));
    assert.deepEqual(info.local.address, ipv4(client.address));
    assert.equal(b.info(far).remote.port, info.local.port);
    assert.equal(b.info(far).irs, info.iss);
    assert.equal(info.error, undefined);

    assert.equal(a.write(near, bytes("over there")), 10);
    assert.equal(a.info(near).sendQueue, 10);
    pair.settle();
    assert.equal(b.info(far).receiveQueue, 10);
    assert.equal(text(b.peek(far, 4)), "over");
    assert.equal(text(b.read(far, 5)), "over ");
    assert.equal(b.discard(far, 2), 2);
    assert.equal(text(b.read(far, 100)), "ere");
    assert.equal(
      errorOf(() => b.read(far, 100)),
      "again",
    );
    assert.equal(b.writeUrgent(far, bytes("!")), 1);
    pair.settle();
    assert.equal(client.library.events.take(near)["urgent"], true);
    assert.equal(text(a.read(near, 100)), "!");

    a.shutdown(near);
    assert.equal(
      errorOf(() => a.write(near, bytes("x"))),
      "closed-for-sending",
    );
    pair.settle();
    assert.equal(b.read(far, 1), undefined);
    assert.equal(b.peek(far, 1), undefined);
    assert.equal(b.discard(far, 1), undefined);
    b.close(far);
    assert.equal(
      errorOf(() => b.info(far)),
      "bad-handle",
    );
    pair.settle();
    a.close(near);
    b.close(listener);
    pair.pass(70_000);
    for (const { library } of [client, server]) {
      const busy = library.inspect.pools().filter(({ pool, used }) => used > 0 && !IDLE.has(pool));
      assert.deepEqual(busy, []);
    }
  });

  test(`what is too long or of the wrong place is refused: ${profile}`, async () => {
    const { library } = await createSide(profile, "198.18.0.1", () => 1000n);
    const { frames, tcp, network, about, inspect } = library;
    const { frameBytes, interfaces } = about.version();
    const dropped = () => inspect.counters()[Counter.DROP_OVERSIZE];
    const before = dropped() ?? 0;
    assert.equal(
      errorOf(() => frames.receive(0, new Uint8Array(frameBytes))),
      undefined,
    );
    for (const length of [frameBytes + 1, 200_000, 5_000_000]) {
      const call = () => frames.receive(0, new Uint8Array(length));
      assert.equal(errorOf(call), "message-too-long", `${length} bytes`);
    }
    for (const index of [interfaces, 255, 0xffffffff]) {
      assert.equal(
        errorOf(() => frames.receive(index, new Uint8Array(60))),
        "invalid-argument",
      );
      assert.equal(
        errorOf(() => frames.transmit(index)),
        "invalid-argument",
      );
      assert.equal(
        errorOf(() => network.setLink(index, true)),
        "invalid-argument",
      );
    }
    assert.equal(dropped(), before + 6);
    assert.equal(
      errorOf(() => network.configure(0, [2, 0, 0, 0, 0, 1], 1500)),
      "invalid-argument",
    );
    assert.equal(
      errorOf(() => network.addAddress(0, IPV6, 64, false)),
      UNSUPPORTED,
    );
    assert.equal(
      errorOf(() => network.addAddress(0, ipv4("198.18.0.9"), 0, false)),
      "invalid-argument",
    );
    assert.equal(
      errorOf(() => network.addAddress(0, ipv4("198.18.0.1"), 24, false)),
      "address-in-use",
    );
    assert.equal(
      errorOf(() => network.setRouter(0, IPV6)),
      UNSUPPORTED,
    );
    assert.equal(
      errorOf(() => tcp.connect({ address: IPV6, port: 7 }, undefined, 0)),
      UNSUPPORTED,
    );
    const connect = (to: string, port: number) => () =>
      tcp.connect(endpoint(to, port), undefined, 0);
    assert.equal(errorOf(connect("198.18.0.2", 0)), "invalid-argument");
    assert.equal(errorOf(connect("255.255.255.255", 7)), "access-denied");
    assert.equal(errorOf(connect("203.0.113.1", 7)), "network-unreachable");
    tcp.listen(undefined, 7, 1);
    assert.equal(
      errorOf(() => tcp.listen(undefined, 7, 1)),
      "address-in-use",
    );
    assert.equal(
      errorOf(() => tcp.listen(undefined, 8, 0)),
      "invalid-argument",
    );
    assert.equal(
      errorOf(() => library.lifecycle.seed(entropy(1).subarray(1))),
      "invalid-argument",
    );
    assert.equal(
      errorOf(() => library.lifecycle.seed(new Uint8Array(32))),
      "invalid-argument",
    );
  });

  test(`a handle that is stale, none or of another kind is refused: ${profile}`, async () => {
    const pair = await createPair(profile);
    const { near, listener } = connectPair(pair);
    const { tcp, udp, network, events, options } = pair.client.library;
    const calls: Record<string, (handle: number) => unknown> = {
      accept: (handle) => tcp.accept(handle),
      room: (handle) => tcp.room(handle),
      write: (handle) => tcp.write(handle, bytes("x")),
      "write-urgent": (handle) => tcp.writeUrgent(handle, bytes("x")),
      read: (handle) => tcp.read(handle, 1),
      peek: (handle) => tcp.peek(handle, 1),
      discard: (handle) => tcp.discard(handle, 1),
      shutdown: (handle) => tcp.shutdown(handle),
      close: (handle) => tcp.close(handle),
      abort: (handle) => tcp.abort(handle),
      info: (handle) => tcp.info(handle),
      "listen on it": (handle) => tcp.listen(handle, 9, 1),
      "connect from it": (handle) => tcp.connect(endpoint("198.18.0.2", 7), handle, 0),
      take: (handle) => events.take(handle),
      "set an option": (handle) => options.set(handle, "no-delay", 1),
      "get an option": (handle) => options.get(handle, "no-delay"),
      "remove the address": (handle) => network.removeAddress(handle),
      "state of the address": (handle) => network.state(handle),
    };
    if (profile !== "tiny") {
      Object.assign(calls, {
        "udp.bind on it": (handle: number) => udp.bind(handle, 9),
        "udp.local-port": (handle: number) => udp.localPort(handle),
        "udp.connect": (handle: number) => udp.connect(handle, undefined),
        "udp.send": (handle: number) => udp.send(handle, endpoint("198.18.0.2", 7), bytes("x")),
        "udp.receive": (handle: number) => udp.receive(handle),
        "udp.close": (handle: number) => udp.close(handle),
      });
    }
    tcp.close(near);
    for (const [name, call] of Object.entries(calls)) {
      for (const handle of [0, near, STALE, 0xffffffff]) {
        assert.equal(
          errorOf(() => call(handle)),
          "bad-handle",
          `${name}: ${handle}`,
        );
      }
    }
    const { tcp: served } = pair.server.library;
    for (const name of ["room", "read", "peek", "shutdown"] as const) {
      assert.equal(
        errorOf(() => served[name](listener, 1)),
        "bad-handle",
        `${name} of a listener`,
      );
    }
    assert.equal(
      errorOf(() => served.close(pair.server.handle)),
      "bad-handle",
    );
  });

  test(`before initialise and seed nothing works, and nothing breaks: ${profile}`, async () => {
    const library = await createLibrary(profile);
    const { tcp, frames, network, lifecycle } = library;
    const listen = () => tcp.listen(undefined, 7, 1);
    assert.equal(
      errorOf(() => lifecycle.seed(entropy(1))),
      "again",
    );
    assert.equal(errorOf(listen), "again");
    assert.equal(
      errorOf(() => network.configure(0, [2, 0, 0, 0, 0, 1], 1500)),
      "again",
    );
    assert.equal(frames.receive(0, new Uint8Array(60)), undefined);
    assert.equal(frames.transmit(0), undefined);
    lifecycle.initialise();
    assert.equal(errorOf(listen), "again");
    lifecycle.seed(entropy(1));
    assert.equal(errorOf(listen), undefined);
  });

  test(`options are set and told: ${profile}`, async () => {
    const pair = await createPair(profile);
    const { near, listener } = connectPair(pair);
    const { options } = pair.client.library;
    assert.equal(options.get(undefined, "ttl"), 64);
    options.set(near, "ttl", 9);
    assert.deepEqual([options.get(near, "ttl"), options.get(undefined, "ttl")], [9, 64]);
    options.set(undefined, "msl-ms", 1234);
    assert.equal(options.get(undefined, "msl-ms"), 1240);
    assert.equal(
      errorOf(() => options.set(near, "ttl", 0)),
      "invalid-argument",
    );
    assert.equal(
      errorOf(() => options.set(near, "msl-ms", 1)),
      "no-such-option",
    );
    assert.equal(
      errorOf(() => options.get(near, "msl-ms")),
      "no-such-option",
    );
    const served = pair.server.library.options;
    served.set(listener, "reset-when-full", 1);
    assert.equal(served.get(listener, "reset-when-full"), 1);
  });
}

const UNSUPPORTED = ERRORS[Errno.EAFNOSUPPORT - Errno.EAGAIN];
/** What belongs to addresses and stations, and not to connections. */
const IDLE = new Set(["neighbour", "address"]);
const NO_EVENTS = {
  accept: false,
  connected: false,
  readable: false,
  writable: false,
  peerClosed: false,
  closed: false,
  error: false,
  urgent: false,
  trouble: false,
  softError: false,
  address: false,
  link: false,
  lease: false,
  name: false,
};

test("events come once, by their handle", async () => {
  const pair = await createPair("desktop");
  const { far, near, listener } = connectPair(pair);
  const { events } = pair.server.library;
  const seen = new Map<number, Record<string, boolean>>();
  for (let handle; (handle = events.next()) !== undefined;) seen.set(handle, events.take(handle));
  assert.equal(seen.get(listener)?.["accept"], true);
  assert.equal(events.next(), undefined);
  pair.client.library.tcp.write(near, bytes("x"));
  pair.settle();
  assert.equal(events.next(), far);
  assert.deepEqual(events.take(far), { ...NO_EVENTS, readable: true });
  assert.deepEqual(events.take(far), NO_EVENTS);
});

test("what ends a connection is an error of later calls and of info", async () => {
  const pair = await createPair("desktop");
  const { near, far } = connectPair(pair);
  pair.server.library.tcp.abort(far);
  pair.settle();
  const { tcp } = pair.client.library;
  assert.equal(tcp.info(near).error, "connection-reset");
  assert.equal(tcp.info(near).state, "closed");
  assert.equal(
    errorOf(() => tcp.read(near, 1)),
    "connection-reset",
  );
  const refused = tcp.connect(endpoint("198.18.0.2", 9), undefined, 0);
  pair.settle();
  assert.equal(tcp.info(refused).error, "connection-refused");
});

test("a full connection takes what there is room for, and tells when there is more", async () => {
  const pair = await createPair("esp32");
  const { near, far } = connectPair(pair);
  const [a, b] = [pair.client.library, pair.server.library];
  const ring = a.about.version().sendRingBytes;
  const room = a.tcp.room(near);
  assert.ok(room > 0 && room <= ring, `${room} bytes in one piece`);
  assert.equal(a.tcp.write(near, new Uint8Array(100_000)), ring);
  assert.equal(
    errorOf(() => a.tcp.write(near, bytes("x"))),
    "again",
  );
  assert.equal(
    errorOf(() => a.tcp.room(near)),
    "again",
  );
  pair.settle();
  assert.equal(a.events.take(near)["writable"], true);
  assert.equal(b.tcp.read(far, 0xffffffff)?.length, ring);
});

test("datagrams cross with who sent them", async () => {
  const pair = await createPair("esp32");
  const { client, server, settle } = pair;
  const [a, b] = [client.library.udp, server.library.udp];
  const near = a.bind(undefined, 0);
  const far = b.bind(server.handle, 53);
  const port = a.localPort(near);
  assert.ok(port > 0);
  assert.equal(
    errorOf(() => b.bind(server.handle, 53)),
    "address-in-use",
  );
  assert.equal(
    errorOf(() => a.send(near, undefined, bytes("?"))),
    "destination-required",
  );
  a.send(near, endpoint(server.address, 53), bytes("question"));
  settle();
  const { source, hops, toMany, data } = b.receive(far);
  assert.deepEqual(source, endpoint(client.address, port));
  assert.deepEqual([hops, toMany, text(data)], [64, false, "question"]);
  assert.equal(
    errorOf(() => b.receive(far)),
    "again",
  );
  b.connect(far, source);
  b.send(far, undefined, bytes(""));
  settle();
  assert.equal(a.receive(near).data.length, 0);
  assert.equal(
    errorOf(() => a.send(near, endpoint("198.18.0.255", 53), bytes("x"))),
    "access-denied",
  );
  assert.equal(
    errorOf(() => a.send(near, endpoint(server.address, 53), new Uint8Array(70_000))),
    "message-too-long",
  );
  assert.equal(
    errorOf(() => a.send(near, { address: IPV6, port: 53 }, bytes("x"))),
    UNSUPPORTED,
  );
  a.send(near, endpoint(server.address, 54), bytes("x"));
  a.close(near);
  assert.equal(
    errorOf(() => a.receive(near)),
    "bad-handle",
  );
});

test("an ICMP error about a peer is told once", async () => {
  const { client, server, settle } = await createPair("desktop");
  const { udp } = client.library;
  const socket = udp.bind(undefined, 0);
  udp.connect(socket, endpoint(server.address, 54));
  udp.send(socket, undefined, bytes("x"));
  settle();
  assert.equal(
    errorOf(() => udp.receive(socket)),
    "connection-refused",
  );
  assert.equal(
    errorOf(() => udp.receive(socket)),
    "again",
  );
});

test("a group is heard while it is joined", async () => {
  const { client, server, settle } = await createPair("desktop");
  const [a, b] = [client.library.udp, server.library.udp];
  const group = ipv4("239.1.2.3");
  const near = a.bind(undefined, 0);
  const far = b.bind(undefined, 7000);
  const send = () => {
    a.send(near, endpoint("239.1.2.3", 7000), bytes("all"));
    settle();
  };
  send();
  assert.equal(
    errorOf(() => b.receive(far)),
    "again",
  );
  b.join(0, group);
  send();
  assert.equal(b.receive(far).toMany, true);
  b.leave(0, group);
  assert.equal(
    errorOf(() => b.leave(0, group)),
    "address-not-available",
  );
  assert.equal(
    errorOf(() => b.join(0, ipv4("198.18.0.3"))),
    "invalid-argument",
  );
});

test("the state of an address with conflict detection changes with time", async () => {
  const pair = await createPair("desktop");
  const { network, events } = pair.client.library;
  const handle = network.addAddress(0, ipv4("198.18.0.7"), 24, true);
  assert.equal(network.state(handle), "tentative");
  pair.pass(10_000);
  assert.equal(network.state(handle), "valid");
  assert.equal(events.take(handle)["address"], true);
  const taken = network.addAddress(0, ipv4("198.18.0.2"), 24, true);
  pair.pass(10_000);
  assert.equal(network.state(taken), "duplicate");
  network.removeAddress(handle);
  assert.equal(
    errorOf(() => network.state(handle)),
    "bad-handle",
  );
});

test("the clock takes steps of any length and stands still when it runs backwards", async () => {
  const pair = await createPair("desktop");
  const { near } = connectPair(pair);
  const { library } = pair.client;
  library.options.set(near, "keep-alive", 1);
  const day = 86_400_000_000n;
  library.time.advance(400n * day);
  while (library.time.expire());
  library.time.advance(5n);
  assert.equal(library.tcp.info(near).error, "timed-out");
  const later = library.time.deadline();
  assert.ok(later === undefined || later >= 400n * day);
  library.time.advance(2n ** 64n - 1n);
  assert.equal(library.tcp.info(near).state, "closed");
});

test("memory can be read as far as the core uses it", async () => {
  const { inspect, about } = await createLibrary("tiny");
  const end = about.version().memoryBytes;
  assert.equal(inspect.readMemory(0, 0xffffffff).length, end);
  assert.equal(inspect.readMemory(end - 3, 100).length, 3);
  assert.equal(inspect.readMemory(0xffffffff, 100).length, 0);
  assert.equal(inspect.constant(9999), 0);
});
