// The module itself: what it exports, and what of it is no socket.

import assert from "node:assert/strict";
import nodeNet, { type LookupFunction } from "node:net";
import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { inspect } from "node:util";
import { call, codeOf, thrownBy } from "./support/ends.js";
import { netTest } from "./support/modules.js";

netTest("module: the same names as node:net", (net) => {
  const names = (of: object) => Object.keys(of).sort();
  assert.deepEqual(names(net), names(nodeNet));
});

netTest("module: every export is of the kind that node:net has", (net) => {
  const ours = net as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(nodeNet)) {
    assert.equal(typeof ours[name], typeof value, name);
  }
});

netTest("module: functions have the names and numbers of parameters of node:net's", (net) => {
  const shapes = (of: object) =>
    Object.entries(of)
      .filter(([, value]) => typeof value === "function")
      .map(([name, value]) => [name, (value as Function).name, (value as Function).length])
      .sort();
  assert.deepEqual(shapes(net), shapes(nodeNet));
});

netTest("module: Stream is Socket, and createConnection is connect", (net) => {
  const loose = net as unknown as Record<string, unknown>;
  assert.equal(loose["Stream"], net.Socket);
  assert.equal(net.createConnection, net.connect);
});

netTest("module: a socket is a Duplex, a server is an EventEmitter", (net) => {
  assert.ok(new net.Socket() instanceof Duplex);
  assert.ok(net.createServer() instanceof EventEmitter);
  assert.ok(net.createServer() instanceof net.Server);
  assert.ok(Object.getPrototypeOf(net.Server.prototype) === EventEmitter.prototype);
});

netTest("module: prototypes have every name that node:net's have", (net) => {
  const missing = (of: object, from: object) =>
    Reflect.ownKeys(from).filter(
      (name) => !(name in of) && typeof name === "string" && !name.startsWith("_"),
    );
  assert.deepEqual(missing(net.Socket.prototype, nodeNet.Socket.prototype), []);
  assert.deepEqual(missing(net.Server.prototype, nodeNet.Server.prototype), []);
});

const IPV4 = ["127.0.0.1", "0.0.0.0", "255.255.255.255", "1.2.3.4"];
const IPV6 = ["::", "::1", "fe80::1%eth0", "2001:db8::1", "::ffff:127.0.0.1", "1:2:3:4:5:6:7:8"];
const NO_IP = [
  "",
  "localhost",
  "256.0.0.1",
  "1.2.3",
  "1.2.3.4.5",
  "01.2.3.4",
  ":::",
  "g::1",
  " 1.2.3.4",
  "1.2.3.4 ",
  "1:2:3:4:5:6:7:8:9",
];

netTest("isIP: 4, 6 or 0", (net) => {
  for (const text of IPV4) assert.equal(net.isIP(text), 4, text);
  for (const text of IPV6) assert.equal(net.isIP(text), 6, text);
  for (const text of NO_IP) assert.equal(net.isIP(text), 0, text);
});

netTest("isIPv4 and isIPv6: true or false", (net) => {
  for (const text of IPV4)
    assert.deepEqual([net.isIPv4(text), net.isIPv6(text)], [true, false], text);
  for (const text of IPV6)
    assert.deepEqual([net.isIPv4(text), net.isIPv6(text)], [false, true], text);
  for (const text of NO_IP)
    assert.deepEqual([net.isIPv4(text), net.isIPv6(text)], [false, false], text);
});

netTest(
  "isIP: what is no text is no address, and what becomes an address as text is one",
  (net) => {
    for (const value of [undefined, null, 0, 123, true, {}, [], () => {}]) {
      assert.equal(call(net, "isIP", value), 0);
      assert.equal(call(net, "isIPv4", value), false);
      assert.equal(call(net, "isIPv6", value), false);
    }
    assert.equal(call(net, "isIP", { toString: () => "127.0.0.1" }), 4);
    assert.equal(call(net, "isIP", { toString: () => "::1" }), 6);
  },
);

netTest("BlockList: addresses, ranges and subnets", (net) => {
  const list = new net.BlockList();
  list.addAddress("10.0.0.1");
  list.addRange("10.1.0.1", "10.1.0.9");
  list.addSubnet("10.2.0.0", 16);
  list.addSubnet("2001:db8::", 32, "ipv6");
  const checks: [string, "ipv4" | "ipv6", boolean][] = [
    ["10.0.0.1", "ipv4", true],
    ["10.0.0.2", "ipv4", false],
    ["10.1.0.5", "ipv4", true],
    ["10.1.0.10", "ipv4", false],
    ["10.2.255.255", "ipv4", true],
    ["10.3.0.0", "ipv4", false],
    ["::ffff:10.0.0.1", "ipv6", true],
    ["2001:db8::5", "ipv6", true],
    ["2001:db9::5", "ipv6", false],
  ];
  for (const [address, family, expected] of checks)
    assert.equal(list.check(address, family), expected, address);
  assert.equal(list.rules.length, 4);
});

netTest("BlockList: wrong arguments", (net) => {
  const list = new net.BlockList();
  assert.throws(() => call(list, "addAddress", 1), { code: "ERR_INVALID_ARG_TYPE" });
  assert.throws(() => call(list, "addAddress", "1.1.1.1", "ipv5"), {
    code: "ERR_INVALID_ARG_VALUE",
  });
  assert.throws(() => list.addRange("1.1.1.2", "1.1.1.1"), { code: "ERR_INVALID_ARG_VALUE" });
  assert.throws(() => list.addSubnet("1.1.1.1", 33), { code: "ERR_OUT_OF_RANGE" });
});

netTest("SocketAddress: what it holds, and its defaults", (net) => {
  const plain = Reflect.construct(net.SocketAddress, []);
  assert.deepEqual(
    [plain.address, plain.port, plain.family, plain.flowlabel],
    ["127.0.0.1", 0, "ipv4", 0],
  );
  const six = new net.SocketAddress({ family: "ipv6", port: 8080, flowlabel: 7 });
  assert.deepEqual([six.address, six.port, six.family, six.flowlabel], ["::", 8080, "ipv6", 7]);
});

netTest("SocketAddress: wrong arguments", (net) => {
  const make = (options: unknown) => Reflect.construct(net.SocketAddress, [options]);
  for (const options of [null, "hi", 1])
    assert.throws(() => make(options), { code: "ERR_INVALID_ARG_TYPE" });
  assert.throws(() => make({ family: "ipv7" }), { code: "ERR_INVALID_ARG_VALUE" });
  assert.throws(() => make({ port: -1 }), { code: "ERR_SOCKET_BAD_PORT" });
  assert.throws(() => make({ address: "nowhere" }), { code: "ERR_INVALID_ADDRESS" });
});

netTest("_normalizeArgs: options and callback of each form", (net) => {
  const normalize = (...args: unknown[]) => {
    const [options, callback] = call(net, "_normalizeArgs", args) as [object, unknown];
    return [{ ...options }, callback];
  };
  const callback = (): void => undefined;
  assert.deepEqual(normalize(), [{}, null]);
  assert.deepEqual(normalize({ port: 1 }), [{ port: 1 }, null]);
  assert.deepEqual(normalize({ port: 1 }, callback), [{ port: 1 }, callback]);
  assert.deepEqual(normalize(80), [{ port: 80 }, null]);
  assert.deepEqual(normalize("80", callback), [{ port: "80" }, callback]);
  assert.deepEqual(normalize(80, "host"), [{ port: 80, host: "host" }, null]);
  assert.deepEqual(normalize(80, "host", callback), [{ port: 80, host: "host" }, callback]);
  assert.deepEqual(normalize(80, "host", 5, callback), [{ port: 80, host: "host" }, callback]);
  assert.deepEqual(normalize("/path"), [{ path: "/path" }, null]);
  assert.deepEqual(normalize(null), [{ port: null }, null]);
});

netTest("setDefaultAutoSelectFamily: set, read back, and refused for what is no boolean", (net) => {
  const before = net.getDefaultAutoSelectFamily();
  try {
    for (const value of [true, false]) {
      net.setDefaultAutoSelectFamily(value);
      assert.equal(net.getDefaultAutoSelectFamily(), value);
    }
    for (const value of ["true", 1, null, undefined]) {
      assert.throws(() => call(net, "setDefaultAutoSelectFamily", value), {
        code: "ERR_INVALID_ARG_TYPE",
      });
    }
  } finally {
    net.setDefaultAutoSelectFamily(before);
  }
});

netTest("setDefaultAutoSelectFamilyAttemptTimeout: 10 ms at least, a positive integer", (net) => {
  const before = net.getDefaultAutoSelectFamilyAttemptTimeout();
  try {
    net.setDefaultAutoSelectFamilyAttemptTimeout(300);
    assert.equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 300);
    net.setDefaultAutoSelectFamilyAttemptTimeout(1);
    assert.equal(net.getDefaultAutoSelectFamilyAttemptTimeout(), 10);
    for (const value of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => net.setDefaultAutoSelectFamilyAttemptTimeout(value), {
        code: "ERR_OUT_OF_RANGE",
      });
    }
    assert.throws(() => call(net, "setDefaultAutoSelectFamilyAttemptTimeout", "10"), {
      code: "ERR_INVALID_ARG_TYPE",
    });
  } finally {
    net.setDefaultAutoSelectFamilyAttemptTimeout(before);
  }
});

const lookup: LookupFunction = () => undefined;

netTest("connect: what no connection can be made of is said at once", (net) => {
  const cases: [unknown[], string][] = [
    [[], "ERR_MISSING_ARGS"],
    [[{}], "ERR_MISSING_ARGS"],
    [[{ host: "127.0.0.1" }], "ERR_MISSING_ARGS"],
    [[{ port: undefined }], "ERR_MISSING_ARGS"],
    [[() => {}], "ERR_INVALID_ARG_TYPE"],
    [[{ port: true }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: [] }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: {} }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: null }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: () => {} }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: Symbol("port") }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: -1 }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: 65_536 }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: 1.5 }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: Number.NaN }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: Infinity }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: "" }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: " " }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: "-1" }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: "0x" }], "ERR_SOCKET_BAD_PORT"],
    [[{ port: "65536" }], "ERR_SOCKET_BAD_PORT"],
    [[-1], "ERR_SOCKET_BAD_PORT"],
    [[65_536], "ERR_SOCKET_BAD_PORT"],
    [[{ path: 1 }], "ERR_INVALID_ARG_TYPE"],
    [[{ path: {} }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, localAddress: "no address" }], "ERR_INVALID_IP_ADDRESS"],
    [[{ port: 1, localPort: "x" }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, localPort: {} }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, host: "localhost", lookup: "x" }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, host: "localhost", lookup: {} }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, host: "localhost", hints: 123_456, lookup: undefined }], "ERR_INVALID_ARG_VALUE"],
    [[{ port: 1, lookup, autoSelectFamily: "x" }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, lookup, autoSelectFamily: 1 }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, lookup, autoSelectFamilyAttemptTimeout: "x" }], "ERR_INVALID_ARG_TYPE"],
    [[{ port: 1, lookup, autoSelectFamilyAttemptTimeout: 0 }], "ERR_OUT_OF_RANGE"],
    [[{ port: 1, lookup, autoSelectFamilyAttemptTimeout: 1.5 }], "ERR_OUT_OF_RANGE"],
    [[{ fd: -1 }], "ERR_OUT_OF_RANGE"],
    [[{ fd: "x" }], "ERR_INVALID_ARG_TYPE"],
    [[{ objectMode: true, port: 1 }], "ERR_INVALID_ARG_VALUE"],
    [[{ keepAliveInitialDelay: "x", port: 1 }], "ERR_INVALID_ARG_TYPE"],
    [[{ signal: "x", port: 1 }], "ERR_INVALID_ARG_TYPE"],
  ];
  const shown = (args: unknown[]) => inspect(args, { breakLength: Infinity });
  assert.deepEqual(
    cases.map(([args]) => [shown(args), codeOf(() => call(net, "connect", ...args))]),
    cases.map(([args, code]) => [shown(args), code]),
  );
});

netTest("connect: errors have the words and classes of node:net's", (net) => {
  const same = (act: (on: typeof net) => unknown): void => {
    const expected = thrownBy(() => act(nodeNet));
    const seen = thrownBy(() => act(net));
    assert.equal(seen.message, expected.message);
    assert.equal(seen.name, expected.name);
    assert.equal(seen.constructor.name, expected.constructor.name);
    assert.equal(String(seen), String(expected));
  };
  same((on) => call(on, "connect"));
  for (const port of [-1, 65_536, 1.5, "x", "", "99999"])
    same((on) => call(on, "connect", { port }));
  for (const port of [true, null, {}, [], Symbol("s")]) same((on) => call(on, "connect", { port }));
  for (const path of [1, {}, true]) same((on) => call(on, "connect", { path }));
  same((on) => call(on, "connect", { port: 1, localAddress: "there" }));
  same((on) => call(on, "connect", { port: 1, localPort: "x" }));
  same((on) => call(on, "connect", { port: 1, lookup: 5, host: "name" }));
  same((on) => call(on, "connect", { port: 1, keepAliveInitialDelay: "5" }));
  for (const name of ["objectMode", "readableObjectMode", "writableObjectMode"])
    same((on) => call(on, "connect", { port: 1, [name]: true }));
});
