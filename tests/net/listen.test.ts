// server.listen: its forms, what it refuses, its events, and listening again.

import assert from "node:assert/strict";
import { once } from "node:events";
import nodeNet, { type AddressInfo, type Server } from "node:net";
import { inspect } from "node:util";
import {
  call,
  closed,
  codeOf,
  errorOf,
  keepServer,
  listening,
  LOCAL,
  portOf,
  record,
  thrownBy,
  turns,
} from "./support/ends.js";
import { netTest, type Net } from "./support/modules.js";

/** Listens with these arguments, and tells the address when it does. */
async function addressAfter(
  net: Net,
  args: readonly unknown[],
  t: Parameters<typeof keepServer>[0],
) {
  const server = keepServer(t, net.createServer());
  call(server, "listen", ...args);
  await once(server, "listening");
  return server.address() as AddressInfo;
}

const FORMS: [string, unknown[]][] = [
  ["no arguments", []],
  ["(0)", [0]],
  ['("0")', ["0"]],
  ["(undefined)", [undefined]],
  ["(null)", [null]],
  ["(0, host)", [0, LOCAL]],
  ["(0, host, backlog)", [0, LOCAL, 16]],
  ["(0, backlog)", [0, 16]],
  ["(0, null, null, null)", [0, null, null, null]],
  ["({ port: 0 })", [{ port: 0 }]],
  ['({ port: "0" })', [{ port: "0" }]],
  ["({ port: undefined })", [{ port: undefined }]],
  ["({ port: null })", [{ port: null }]],
  ["({ port, host })", [{ port: 0, host: LOCAL }]],
  ["({ port, host: 'localhost' })", [{ port: 0, host: "localhost" }]],
  ["({ port, host, backlog, exclusive })", [{ port: 0, host: LOCAL, backlog: 5, exclusive: true }]],
  ["({ port, backlog: '5' })", [{ port: 0, host: LOCAL, backlog: "5" }]],
  ["({ port, ipv6Only: false })", [{ port: 0, host: LOCAL, ipv6Only: false }]],
];

for (const [form, args] of FORMS) {
  netTest(`listen: ${form} takes a free port`, async (net, t) => {
    const address = await addressAfter(net, args, t);
    assert.ok(address.port > 0 && address.port < 65_536);
    assert.match(address.address, /^(::1?|0\.0\.0\.0|127\.0\.0\.1)$/);
    assert.match(address.family, /^IPv[46]$/);
    assert.deepEqual(Object.keys(address).sort(), ["address", "family", "port"]);
  });

  netTest(
    `listen: ${form} and a callback, which is called once and is no handler of errors`,
    async (net, t) => {
      const server = keepServer(t, net.createServer());
      let calls = 0;
      call(server, "listen", ...args, function (this: Server, ...given: unknown[]) {
        assert.equal(this, server);
        assert.deepEqual(given, []);
        calls++;
      });
      await once(server, "listening");
      await turns(2);
      assert.equal(calls, 1);
    },
  );
}

netTest("listen: (port, host) takes that port of that host", async (net, t) => {
  const first = await addressAfter(net, [0, LOCAL], t);
  const server = await listening(net, t);
  const port = portOf(server);
  server.close();
  await once(server, "close");
  assert.notEqual(first.port, port);
  assert.deepEqual(await addressAfter(net, [port, LOCAL], t), {
    address: LOCAL,
    family: "IPv4",
    port,
  });
});

netTest("listen: a host of an IPv4 address is the one that address() tells", async (net, t) => {
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const { address, family } = await addressAfter(net, [{ port: 0, host }], t);
    assert.deepEqual([address, family], [host, "IPv4"]);
  }
});

netTest("listen: returns the server", (net, t) => {
  const server = keepServer(t, net.createServer());
  assert.equal(server.listen(0), server);
  assert.equal(server.close(), server);
});

const BAD_PORTS = [
  -1,
  65_536,
  1.5,
  Number.NaN,
  Infinity,
  -Infinity,
  "-1",
  "65536",
  "1.5",
  " ",
  1e10,
];

netTest("listen: a port out of range is ERR_SOCKET_BAD_PORT", (net) => {
  for (const port of BAD_PORTS) {
    const shown = inspect(port);
    if (typeof port === "number")
      assert.equal(
        codeOf(() => net.createServer().listen(port)),
        "ERR_SOCKET_BAD_PORT",
        shown,
      );
    assert.equal(
      codeOf(() => call(net.createServer(), "listen", { port })),
      "ERR_SOCKET_BAD_PORT",
      shown,
    );
  }
});

netTest("listen: options that name neither port nor path are ERR_INVALID_ARG_VALUE", (net) => {
  for (const options of [
    {},
    { host: LOCAL },
    { fd: -1 },
    { path: null },
    { path: 5 },
    { port: false },
    { port: true },
    { port: {} },
    { port: [] },
    { port: () => {} },
    { host: undefined },
  ]) {
    const code = codeOf(() => call(net.createServer(), "listen", options));
    assert.equal(code, "ERR_INVALID_ARG_VALUE", inspect(options));
  }
  for (const value of [false, true, Symbol("s")])
    assert.equal(
      codeOf(() => call(net.createServer(), "listen", value)),
      "ERR_INVALID_ARG_VALUE",
      inspect(value),
    );
});

netTest("listen: errors have the words and classes of node:net's", (net) => {
  const given = [
    ...BAD_PORTS.map((port) => ({ port })),
    {},
    { host: LOCAL },
    { fd: -1 },
    { path: null },
    { port: false },
    { port: {} },
    { port: () => {} },
    { path: 5 },
    { port: 0, signal: 5 },
    { port: 0, signal: {} },
    false,
    true,
    -1,
  ];
  for (const options of given) {
    const text = (on: Net) => {
      const server = on.createServer();
      const error = thrownBy(() => call(server, "listen", options));
      return [error.name, error.message, error.code, error.constructor.name];
    };
    assert.deepEqual(text(net), text(nodeNet), inspect(options));
  }
});

netTest("listen: a server that listens cannot listen again", async (net, t) => {
  const server = await listening(net, t);
  const error = thrownBy(() => server.listen());
  assert.equal(error.code, "ERR_SERVER_ALREADY_LISTEN");
  assert.equal(error.message, "Listen method has been called more than once without closing.");
  assert.equal(error.name, "Error");
});

netTest("listen: twice in one turn is refused as well", (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(0);
  assert.throws(() => server.listen(0), { code: "ERR_SERVER_ALREADY_LISTEN" });
});

netTest("listen: after an error the server may listen again", async (net, t) => {
  const first = await listening(net, t);
  const server = keepServer(t, net.createServer());
  server.listen(portOf(first), LOCAL);
  assert.equal((await errorOf(server)).code, "EADDRINUSE");
  assert.equal(server.listening, false);
  server.listen(0, LOCAL);
  await once(server, "listening");
  assert.equal(server.listening, true);
});

netTest("listen: after close the server may listen again", async (net, t) => {
  const server = await listening(net, t);
  server.close();
  server.listen(0, LOCAL);
  await once(server, "listening");
  assert.equal(server.listening, true);
  const client = net.connect(portOf(server), LOCAL);
  await once(client, "connect");
  client.destroy();
});

netTest(
  "listen: in the handler of 'close' the server may listen again on its port",
  async (net, t) => {
    const server = await listening(net, t);
    const port = portOf(server);
    server.close();
    await new Promise<void>((done) =>
      server.once("close", () => server.listen(port, LOCAL, () => done())),
    );
    assert.equal(portOf(server), port);
  },
);

netTest(
  "listen: a callback of a listen that failed is not called for a later one's error",
  async (net, t) => {
    const first = await listening(net, t);
    const server = keepServer(t, net.createServer());
    let calls = 0;
    server.listen(portOf(first), LOCAL, () => calls++);
    await errorOf(server);
    await turns();
    assert.equal(calls, 0);
  },
);

netTest("EADDRINUSE: code, errno, syscall, address, port and words", async (net, t) => {
  const first = await listening(net, t);
  const port = portOf(first);
  const server = keepServer(t, net.createServer());
  server.listen(port, LOCAL);
  const error = await errorOf(server);
  assert.deepEqual(
    { ...error },
    { code: "EADDRINUSE", errno: -98, syscall: "listen", address: LOCAL, port },
  );
  assert.equal(error.message, `listen EADDRINUSE: address already in use ${LOCAL}:${port}`);
  assert.equal(error.name, "Error");
});

netTest(
  "EADDRINUSE: comes after listen returned, and neither 'listening' nor 'close' with it",
  async (net, t) => {
    const first = await listening(net, t);
    const server = keepServer(t, net.createServer());
    const seen = record(server, ["listening", "close", "error"]);
    server.listen(portOf(first), LOCAL);
    assert.deepEqual(seen, []);
    await turns();
    assert.deepEqual(seen, ["error"]);
    assert.equal(server.listening, false);
    assert.equal(server.address(), null);
  },
);

netTest("EADDRINUSE: any address against the same port of one address", async (net, t) => {
  const first = await listening(net, t, { listen: { host: "0.0.0.0" } });
  const server = keepServer(t, net.createServer());
  server.listen(portOf(first), "0.0.0.0");
  assert.equal((await errorOf(server)).code, "EADDRINUSE");
});

netTest("EADDRNOTAVAIL: an address that is not ours", async (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(0, "192.0.2.1");
  const error = await errorOf(server);
  assert.equal(error.code, "EADDRNOTAVAIL");
  assert.equal(error.syscall, "listen");
  assert.equal(error.address, "192.0.2.1");
  assert.equal(error.errno, -99);
  assert.equal(error.message, "listen EADDRNOTAVAIL: address not available 192.0.2.1");
  assert.equal(error.port, undefined);
});

netTest("EADDRNOTAVAIL: with a port, which the error names", async (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(8_123, "192.0.2.1");
  const error = await errorOf(server);
  assert.equal(error.message, "listen EADDRNOTAVAIL: address not available 192.0.2.1:8123");
  assert.equal(error.port, 8_123);
});

netTest("ENOTFOUND: a host that is no name", async (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(0, "name.invalid");
  const error = await errorOf(server);
  assert.match(String(error.code), /^(ENOTFOUND|EAI_AGAIN)$/);
  assert.equal(error.syscall, "getaddrinfo");
  assert.equal((error as { hostname?: string }).hostname, "name.invalid");
  assert.equal(server.listening, false);
});

netTest("'listening': comes later than listen returns, and before any timer", async (net, t) => {
  const server = keepServer(t, net.createServer());
  const order: string[] = [];
  setImmediate(() => order.push("immediate"));
  server.listen(0, LOCAL, () => order.push("listening"));
  order.push("returned");
  process.nextTick(() => order.push("tick"));
  await turns(10);
  assert.deepEqual(
    order.filter((each) => each !== "immediate" && each !== "tick"),
    ["returned", "listening"],
  );
});

netTest("'listening': without a host it comes in the next tick", async (net, t) => {
  const server = keepServer(t, net.createServer());
  const order: string[] = [];
  server.listen(0, () => order.push("listening"));
  order.push("returned");
  setImmediate(() => order.push("immediate"));
  await turns(3);
  assert.deepEqual(order, ["returned", "listening", "immediate"]);
});

netTest("listening: true as soon as listen without a host returns, false after close", (net, t) => {
  const server = keepServer(t, net.createServer());
  assert.equal(server.listening, false);
  server.listen(0);
  assert.equal(server.listening, true);
  server.close();
  assert.equal(server.listening, false);
});

netTest("listening: cannot be set", (net) => {
  const server = net.createServer();
  assert.throws(() => Object.assign(server, { listening: true }), TypeError);
});

netTest("address(): null before listen and after close, the address in between", async (net, t) => {
  const server = keepServer(t, net.createServer());
  assert.equal(server.address(), null);
  server.listen(0, LOCAL);
  await once(server, "listening");
  assert.deepEqual(server.address(), { address: LOCAL, family: "IPv4", port: portOf(server) });
  server.close();
  assert.equal(server.address(), null);
});

netTest("address(): known at once after listen without a host", (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen(0);
  assert.ok(portOf(server) > 0);
});

netTest(
  "_connectionKey: the family, the address and the port that were asked for",
  async (net, t) => {
    const server = await listening(net, t);
    const key = (server as unknown as { _connectionKey: string })._connectionKey;
    assert.equal(key, `4:${LOCAL}:0`);
  },
);

netTest("signal: aborted before listen, the server never listens", async (net, t) => {
  const server = keepServer(t, net.createServer());
  const seen = record(server, ["listening", "close", "error"]);
  server.listen({ port: 0, host: LOCAL, signal: AbortSignal.abort() });
  await closed(server);
  await turns();
  assert.deepEqual(seen, ["close"]);
  assert.equal(server.listening, false);
});

netTest("signal: aborted before listen without a host", async (net, t) => {
  const server = keepServer(t, net.createServer());
  server.listen({ port: 0, signal: AbortSignal.abort() });
  await closed(server);
  assert.equal(server.listening, false);
});

netTest("signal: aborted later, the server closes", async (net, t) => {
  const abort = new AbortController();
  const server = await listening(net, t, { listen: { signal: abort.signal } });
  abort.abort();
  await closed(server);
  assert.equal(server.listening, false);
  assert.equal(server.address(), null);
});

netTest("signal: aborted after close changes nothing", async (net, t) => {
  const abort = new AbortController();
  const server = await listening(net, t, { listen: { signal: abort.signal } });
  server.close();
  await closed(server);
  const seen = record(server, ["close", "error"]);
  abort.abort();
  await turns();
  assert.deepEqual(seen, []);
});

netTest("signal: what is no signal is ERR_INVALID_ARG_TYPE", (net) => {
  for (const signal of [5, "INVALID", {}, null, false])
    assert.throws(() => call(net.createServer(), "listen", { port: 0, signal }), {
      code: "ERR_INVALID_ARG_TYPE",
      name: "TypeError",
    });
});

netTest("createServer: options and handler in every form", (net) => {
  const handler = (): void => undefined;
  assert.equal(net.createServer().listenerCount("connection"), 0);
  assert.equal(net.createServer(handler).listenerCount("connection"), 1);
  assert.equal(net.createServer({}, handler).listenerCount("connection"), 1);
  assert.equal((call(net, "createServer", null, handler) as Server).listenerCount("connection"), 1);
  assert.equal(
    (call(net, "createServer", undefined, handler) as Server).listenerCount("connection"),
    1,
  );
  assert.equal((call(net, "createServer", {}, null) as Server).listenerCount("connection"), 0);
});

netTest("createServer: options that are no object are ERR_INVALID_ARG_TYPE", (net) => {
  for (const options of ["path", 5, true, Symbol("s")]) {
    const text = (on: Net) => thrownBy(() => call(on, "createServer", options)).message;
    assert.equal(
      codeOf(() => call(net, "createServer", options)),
      "ERR_INVALID_ARG_TYPE",
    );
    assert.equal(text(net), text(nodeNet));
  }
});

netTest("createServer: keepAliveInitialDelay and highWaterMark must be numbers", (net) => {
  for (const value of ["1", null, {}, true]) {
    assert.equal(
      codeOf(() => call(net, "createServer", { keepAliveInitialDelay: value })),
      "ERR_INVALID_ARG_TYPE",
    );
    assert.equal(
      codeOf(() => call(net, "createServer", { highWaterMark: value })),
      "ERR_INVALID_ARG_TYPE",
    );
  }
});

netTest("createServer: options become properties", (net) => {
  const fields = (server: Server) => {
    const {
      allowHalfOpen,
      pauseOnConnect,
      noDelay,
      keepAlive,
      keepAliveInitialDelay,
      highWaterMark,
    } = server as unknown as Record<string, unknown>;
    return {
      allowHalfOpen,
      pauseOnConnect,
      noDelay,
      keepAlive,
      keepAliveInitialDelay,
      highWaterMark,
    };
  };
  for (const options of [
    {},
    { allowHalfOpen: true, pauseOnConnect: true },
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_500 },
    { keepAliveInitialDelay: -3 },
    { highWaterMark: 1_000 },
    { highWaterMark: -1 },
    { highWaterMark: 0 },
  ])
    assert.deepEqual(
      fields(net.createServer(options)),
      fields(nodeNet.createServer(options)),
      inspect(options),
    );
});

netTest("Server: called without new it is a server all the same", (net) => {
  const handler = (): void => undefined;
  const make = net.Server as unknown as (...args: unknown[]) => Server;
  const server = make({ allowHalfOpen: true }, handler);
  assert.ok(server instanceof net.Server);
  assert.equal(server.listenerCount("connection"), 1);
  assert.ok(make() instanceof net.Server);
});

netTest("Server: new Server(handler) is called for each connection", async (net, t) => {
  let calls = 0;
  const server = keepServer(
    t,
    new net.Server((socket) => {
      calls++;
      socket.end();
    }),
  );
  server.listen(0, LOCAL);
  await once(server, "listening");
  const client = net.connect(portOf(server), LOCAL).resume();
  await closed(client);
  assert.equal(calls, 1);
});

netTest("Server: a class that extends it, and one of the old style", async (net, t) => {
  class Derived extends net.Server {
    readonly isDerived = true;
  }
  function Old(this: Server) {
    (net.Server as unknown as Function).call(this);
  }
  Object.setPrototypeOf(Old.prototype as object, net.Server.prototype);
  const old = Reflect.construct(Old, []) as Server;
  for (const server of [new Derived(), old]) {
    keepServer(t, server);
    assert.ok(server instanceof net.Server);
    server.listen(0, LOCAL);
    await once(server, "listening");
    assert.ok(portOf(server) > 0);
  }
});

netTest("Server: what a fresh server's own names are", (net) => {
  const names = (server: Server) =>
    Object.keys(server)
      .filter((name) => !name.startsWith("_"))
      .sort();
  const expected = names(nodeNet.createServer());
  const seen = names(net.createServer());
  assert.deepEqual(
    expected.filter((name) => !seen.includes(name)),
    [],
  );
});
