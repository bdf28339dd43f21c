// Names on the way to a connection: lookups of one's own, and several addresses of one name.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { LookupFunction, Socket, TcpNetConnectOpts } from "node:net";
import type { LookupAddress } from "node:dns";
import {
  bytesOf,
  call,
  closed,
  closedPort,
  errorOf,
  keep,
  listening,
  LOCAL,
  portOf,
  record,
  turns,
  type NodeError,
} from "./support/ends.js";
import { netTest } from "./support/modules.js";

type Answer = (
  options: { all?: boolean; family?: unknown; hints?: number },
  done: (...args: unknown[]) => void,
  host: string,
) => void;

const lookupBy = (answer: Answer): LookupFunction =>
  ((host: string, options: object, done: (...args: unknown[]) => void) =>
    answer(options, done, host)) as unknown as LookupFunction;

/** Answers in whichever form was asked for. */
const answering = (addresses: LookupAddress[], defer: (act: () => void) => void): LookupFunction =>
  lookupBy((options, done) =>
    defer(() => {
      if (options.all) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    }),
  );

const at = (address: string): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 });
const now = (act: () => void): void => act();
const later = (act: () => void): void => void setImmediate(act);

const to = (port: number, lookup: LookupFunction, more: object = {}): TcpNetConnectOpts =>
  ({ port, host: "a.name", lookup, ...more }) as TcpNetConnectOpts;

for (const [name, defer] of [
  ["at once", now],
  ["later", later],
] as const) {
  for (const autoSelectFamily of [false, true]) {
    netTest(`lookup: answers ${name}, autoSelectFamily ${autoSelectFamily}`, async (net, t) => {
      const server = await listening(net, t);
      const lookup = answering([at(LOCAL)], defer);
      const client = keep(t, net.connect(to(portOf(server), lookup, { autoSelectFamily })));
      const looked = once(client, "lookup");
      await once(client, "connect");
      assert.equal(client.remoteAddress, LOCAL);
      if (defer === later) assert.deepEqual(await looked, [null, LOCAL, 4, "a.name"]);
    });
  }
}

netTest("lookup: gets the name, options and a callback, once", async (net, t) => {
  const server = await listening(net, t);
  const calls: unknown[][] = [];
  const lookup = ((...args: unknown[]) => {
    calls.push(args);
    setImmediate(args[2] as (...answer: unknown[]) => void, null, LOCAL, 4);
  }) as unknown as LookupFunction;
  const client = keep(t, net.connect(to(portOf(server), lookup, { autoSelectFamily: false })));
  await once(client, "connect");
  assert.equal(calls.length, 1);
  const [host, options, callback] = calls[0]!;
  assert.equal(host, "a.name");
  assert.equal(typeof callback, "function");
  assert.equal((options as { all?: boolean }).all, undefined);
});

netTest("lookup: with autoSelectFamily it is asked for all", async (net, t) => {
  const server = await listening(net, t);
  let asked: { all?: boolean } = {};
  const lookup = lookupBy((options, done) => {
    asked = options;
    setImmediate(done, null, [at(LOCAL)]);
  });
  const client = keep(t, net.connect(to(portOf(server), lookup, { autoSelectFamily: true })));
  await once(client, "connect");
  assert.equal(asked.all, true);
});

netTest(
  "lookup: a family that is given is asked for, and then one address only",
  async (net, t) => {
    const server = await listening(net, t);
    let asked: { all?: boolean; family?: unknown } = {};
    const lookup = lookupBy((options, done) => {
      asked = options;
      setImmediate(done, null, LOCAL, 4);
    });
    const client = keep(
      t,
      net.connect(to(portOf(server), lookup, { family: 4, autoSelectFamily: true })),
    );
    await once(client, "connect");
    assert.equal(asked.family, 4);
    assert.equal(asked.all, undefined);
  },
);

netTest("lookup: hints that are given are passed on", async (net, t) => {
  const server = await listening(net, t);
  let asked: { hints?: number } = {};
  const lookup = lookupBy((options, done) => {
    asked = options;
    setImmediate(done, null, LOCAL, 4);
  });
  const client = keep(t, net.connect(to(portOf(server), lookup, { family: 4, hints: 1_024 })));
  await once(client, "connect");
  assert.equal(asked.hints, 1_024);
});

netTest("lookup: is not asked for an address", async (net, t) => {
  const server = await listening(net, t);
  let calls = 0;
  const lookup = lookupBy(() => calls++);
  const client = keep(t, net.connect(to(portOf(server), lookup, { host: LOCAL })));
  await once(client, "connect");
  assert.equal(calls, 0);
});

for (const autoSelectFamily of [false, true]) {
  netTest(
    `lookup: its error is the socket's, after 'lookup' with it, autoSelectFamily ${autoSelectFamily}`,
    async (net, t) => {
      const failure = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
      const lookup = lookupBy((_options, done) => setImmediate(done, failure));
      const client = keep(t, net.connect(to(80, lookup, { autoSelectFamily })));
      const seen = record(client, ["lookup", "connectionAttempt", "error", "close"]);
      const looked = once(client, "lookup");
      const closing = closed(client);
      assert.equal(await errorOf(client), failure);
      const [error, address, family, host] = (await looked) as unknown[];
      assert.deepEqual([error, address, family, host], [failure, undefined, undefined, "a.name"]);
      assert.deepEqual(await closing, [true]);
      assert.deepEqual(seen, ["lookup", "error", "close"]);
    },
  );
}

netTest("lookup: an error at once is told later", async (net, t) => {
  const failure = new Error("at once");
  const lookup = lookupBy((_options, done) => done(failure));
  const client = keep(t, net.connect(to(80, lookup)));
  assert.equal(client.destroyed, false);
  assert.equal(await errorOf(client), failure);
  assert.equal(client.destroyed, true);
});

netTest("lookup: one that throws throws out of connect", (net, t) => {
  const lookup = lookupBy(() => {
    throw new Error("thrown in lookup");
  });
  const socket = keep(t, new net.Socket());
  assert.throws(() => socket.connect(to(80, lookup)), /thrown in lookup/);
});

netTest("lookup: what is no address is ERR_INVALID_IP_ADDRESS", async (net, t) => {
  for (const address of ["nowhere", "", undefined, null, 5]) {
    const lookup = lookupBy((_options, done) => setImmediate(done, null, address, 4));
    const client = keep(t, net.connect(to(80, lookup, { autoSelectFamily: false })));
    const error = await errorOf(client);
    assert.equal(error.code, "ERR_INVALID_IP_ADDRESS");
    assert.equal(error.name, "TypeError");
    assert.equal(error.message, `Invalid IP address: ${String(address)}`);
  }
});

netTest(
  "lookup: a family that is neither 4 nor 6 is ERR_INVALID_ADDRESS_FAMILY",
  async (net, t) => {
    for (const family of [100, 0, undefined, "IPv4"]) {
      const lookup = lookupBy((_options, done) => setImmediate(done, null, LOCAL, family));
      const client = keep(t, net.connect(to(80, lookup, { autoSelectFamily: false })));
      const error = (await errorOf(client)) as NodeError & { host?: string };
      assert.equal(error.code, "ERR_INVALID_ADDRESS_FAMILY");
      assert.equal(error.name, "RangeError");
      assert.equal(error.message, `Invalid address family: ${family} a.name:80`);
      assert.deepEqual([error.host, error.port], ["a.name", 80]);
    }
  },
);

netTest(
  "lookup: none of them an address is ERR_INVALID_IP_ADDRESS with autoSelectFamily, too",
  async (net, t) => {
    const lookup = lookupBy((_options, done) =>
      setImmediate(done, null, [{ address: "nowhere", family: 4 }]),
    );
    const client = keep(t, net.connect(to(80, lookup, { autoSelectFamily: true })));
    assert.equal((await errorOf(client)).code, "ERR_INVALID_IP_ADDRESS");
  },
);

netTest("autoSelectFamily: 'lookup' for each address", async (net, t) => {
  const server = await listening(net, t);
  const lookup = answering([at(LOCAL), at("127.0.0.2"), at("::1")], later);
  const client = keep(t, net.connect(to(portOf(server), lookup, { autoSelectFamily: true })));
  const seen: unknown[][] = [];
  client.on("lookup", (...args) => seen.push(args));
  await once(client, "connect");
  assert.deepEqual(seen, [
    [null, LOCAL, 4, "a.name"],
    [null, "127.0.0.2", 4, "a.name"],
    [null, "::1", 6, "a.name"],
  ]);
});

/** An attempt is over when it is refused, however long that takes. */
const PATIENT = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 10_000 };

/** A name whose first address refuses: nobody listens on ::1 at that port. */
netTest("autoSelectFamily: the first refuses, the second accepts", async (net, t) => {
  const server = await listening(net, t, { onConnection: (socket) => void socket.end("second") });
  const port = portOf(server);
  const lookup = answering([at("::1"), at(LOCAL)], later);
  const client = keep(t, net.connect(to(port, lookup, PATIENT)));
  const attempts: unknown[][] = [];
  const failures: unknown[][] = [];
  client.on("connectionAttempt", (...args) => attempts.push(args));
  client.on("connectionAttemptFailed", (...args) => failures.push(args));
  await once(client, "connect");
  assert.equal(client.remoteAddress, LOCAL);
  assert.deepEqual(attempts, [
    ["::1", port, 6],
    [LOCAL, port, 4],
  ]);
  assert.equal(failures.length, 1);
  const [address, failedPort, family, error] = failures[0]!;
  assert.deepEqual([address, failedPort, family], ["::1", port, 6]);
  assert.match(
    String((error as NodeError).code),
    /^(ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT|ENETUNREACH)$/,
  );
});

netTest("autoSelectFamily: attempted addresses are kept", async (net, t) => {
  const server = await listening(net, t);
  const port = portOf(server);
  const lookup = answering([at("::1"), at(LOCAL)], later);
  const client = keep(t, net.connect(to(port, lookup, { autoSelectFamily: true })));
  await once(client, "connect");
  assert.deepEqual(client.autoSelectFamilyAttemptedAddresses, [`::1:${port}`, `${LOCAL}:${port}`]);
});

netTest("autoSelectFamily: when all refuse, AggregateError with each error", async (net, t) => {
  const port = await closedPort(net);
  const lookup = answering([at(LOCAL), at("::1")], later);
  const client = keep(t, net.connect(to(port, lookup, { autoSelectFamily: true })));
  const error = (await errorOf(client)) as NodeError & AggregateError;
  assert.ok(error instanceof AggregateError);
  assert.equal(error.name, "AggregateError");
  assert.equal(error.code, "ECONNREFUSED");
  assert.equal(error.message, "");
  assert.equal(error.errors.length, 2);
  const [first] = error.errors as NodeError[];
  assert.deepEqual(
    { ...first },
    { errno: -111, code: "ECONNREFUSED", syscall: "connect", address: LOCAL, port },
  );
  assert.equal(first!.message, `connect ECONNREFUSED ${LOCAL}:${port}`);
});

netTest("autoSelectFamily: families take turns", async (net, t) => {
  const port = await closedPort(net);
  const lookup = answering([at(LOCAL), at("127.0.0.2"), at("::1")], later);
  const client = keep(t, net.connect(to(port, lookup, { autoSelectFamily: true })));
  const families: unknown[] = [];
  client.on("connectionAttempt", (_address, _port, family) => families.push(family));
  await errorOf(client);
  assert.deepEqual(families, [4, 6, 4]);
});

netTest(
  "autoSelectFamily: one address only is as without, and no AggregateError",
  async (net, t) => {
    const port = await closedPort(net);
    const client = keep(
      t,
      net.connect(to(port, answering([at(LOCAL)], later), { autoSelectFamily: true })),
    );
    const error = await errorOf(client);
    assert.ok(!(error instanceof AggregateError));
    assert.equal(error.message, `connect ECONNREFUSED ${LOCAL}:${port}`);
  },
);

netTest("autoSelectFamily: destroy between attempts ends it", async (net, t) => {
  const port = await closedPort(net);
  const lookup = answering([at(LOCAL), at("::1"), at(LOCAL)], later);
  const client = keep(t, net.connect(to(port, lookup, PATIENT)));
  const seen = record(client, ["connectionAttempt", "connect", "error", "close"]);
  client.once("connectionAttemptFailed", () => client.destroy());
  await closed(client);
  await turns(10);
  assert.deepEqual(seen, ["connectionAttempt", "close"]);
});

netTest("autoSelectFamily: false takes the first address and fails with it", async (net, t) => {
  const port = await closedPort(net);
  const lookup = answering([at(LOCAL), at("::1")], later);
  const client = keep(t, net.connect(to(port, lookup, { autoSelectFamily: false })));
  const attempts: unknown[] = [];
  client.on("connectionAttempt", (address) => attempts.push(address));
  assert.equal((await errorOf(client)).code, "ECONNREFUSED");
  assert.deepEqual(attempts, [LOCAL]);
});

netTest(
  "autoSelectFamily: data written meanwhile goes to the one that accepted",
  async (net, t) => {
    const server = await listening(net, t, { onConnection: (socket) => void socket.pipe(socket) });
    const lookup = answering([at("::1"), at(LOCAL)], later);
    const client = keep(t, net.connect(to(portOf(server), lookup, { autoSelectFamily: true })));
    client.write("for the second");
    assert.equal((await bytesOf(client, 14)).toString(), "for the second");
  },
);

netTest("connect to a name that is none: ENOTFOUND of getaddrinfo", async (net, t) => {
  const client = keep(t, net.connect(80, "name.invalid"));
  const error = (await errorOf(client)) as NodeError & { hostname?: string };
  assert.match(String(error.code), /^(ENOTFOUND|EAI_AGAIN)$/);
  assert.equal(error.syscall, "getaddrinfo");
  assert.equal(error.hostname, "name.invalid");
  assert.equal(error.message, `getaddrinfo ${error.code} name.invalid`);
});

netTest("connect to localhost with family 4: 127.0.0.1", async (net, t) => {
  const server = await listening(net, t);
  for (const family of [4, "IPv4"]) {
    const client = keep(
      t,
      call(net, "connect", { port: portOf(server), host: "localhost", family }) as Socket,
    );
    await once(client, "connect");
    assert.equal(client.remoteAddress, LOCAL);
  }
});

netTest("_host: the name that was connected to", async (net, t) => {
  const server = await listening(net, t);
  const client = keep(t, net.connect(to(portOf(server), answering([at(LOCAL)], later))));
  await once(client, "connect");
  assert.equal((client as unknown as { _host: string })._host, "a.name");
});
