// What the command learns about its connections: opened, closed, states, bytes, totals; that an idle
// stack says nothing; and that stopping lets peers end, but only for so long.

import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  ClosedEvent,
  FromServices,
  Report,
  ServicesData,
  ToServices,
} from "../../host/command/serve/messages.js";
import { createSessions } from "../../host/command/serve/sessions.js";
import { start } from "../../host/command/serve/worker.js";
import { openPair, type Pair, type PairOptions } from "./support/pair.js";

interface Watched {
  readonly pair: Pair;
  readonly messages: FromServices[];
  readonly reports: Report[];
  readonly closed: ClosedEvent[];
  tell(order: ToServices): void;
}

const ports = { hello: 8000, echo: 7, discard: 9 } as const;

async function watch(profile: PairOptions["profile"] = "desktop"): Promise<Watched> {
  const pair = await openPair({ profile });
  const messages: FromServices[] = [];
  const services = Object.entries(ports).map(([name, port]) => ({
    name: name as keyof typeof ports,
    port,
  }));
  const data: ServicesData = {
    version: "1.2.3",
    link: "tap:mote9",
    dhcp: false,
    services,
    rows: true,
    reportMs: 50,
  };
  const running = start({
    stack: pair.server,
    data,
    post: (message) => messages.push(structuredClone(message) as FromServices),
  });
  const reports = (): Report[] =>
    messages.filter((message): message is Report => message.type === "report");
  return {
    pair,
    messages,
    get reports() {
      return reports();
    },
    get closed() {
      return reports().flatMap(({ events }) =>
        events.filter((event): event is ClosedEvent => event.event === "closed"),
      );
    },
    tell: (order) => running.onMessage?.(order),
  };
}

for (const profile of ["tiny", "desktop"] as const) {
  test(`${profile}: a connection from accept to TIME-WAIT, in one opened and one closed`, async () => {
    const watched = await watch(profile);
    const client = watched.pair.connect(ports.hello);
    client.send("mote");
    client.end();
    watched.pair.run(20);
    client.connection.close();
    watched.pair.run(3_000);
    const events = watched.reports.flatMap(({ events }) => events);
    assert.deepEqual(
      events.map(({ event, id, service }) => `${event} ${id} ${service}`),
      ["opened 1 hello", "closed 1 hello"],
    );
    const [closed] = watched.closed;
    assert.match(closed!.remote, /^198\.18\.0\.1:\d+$/);
    assert.equal(closed!.received, 4);
    assert.equal(closed!.sent, 12);
    assert.equal(closed!.error, undefined);
    assert.equal(closed!.states[0], "ESTABLISHED");
    // Without a trace (tiny) the end is seen by the next report.
    const longestMs = profile === "tiny" ? 1_100 : 21;
    assert.ok(
      closed!.durationMs <= longestMs,
      `it lasted ${closed!.durationMs} ms, not until the report`,
    );
    const last = watched.reports.at(-1)!;
    assert.equal(last.open, 0);
    assert.equal(last.served, 1);
    assert.equal(last.received, 4);
    assert.equal(last.closedRows.length, 1);
  });
}

test("the states are those of RFC 9293 for the one that closes first", async () => {
  const watched = await watch();
  const client = watched.pair.connect(ports.hello);
  client.send("mote");
  watched.pair.run(200);
  client.connection.close();
  watched.pair.run(1_000);
  assert.deepEqual(watched.closed[0]!.states, [
    "ESTABLISHED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
  ]);
});

test("and for the one that closes second", async () => {
  const watched = await watch();
  const client = watched.pair.connect(ports.echo);
  client.send("mote");
  client.end();
  watched.pair.run(2_000);
  client.connection.close();
  assert.deepEqual(watched.closed[0]!.states, ["ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
  assert.equal(watched.closed[0]!.error, undefined);
});

test("a reset is named", async () => {
  const watched = await watch();
  const client = watched.pair.connect(ports.echo);
  watched.pair.run(100);
  client.connection.abort();
  watched.pair.run(200);
  assert.equal(watched.closed[0]!.error, "ECONNRESET");
  assert.equal(watched.reports.at(-1)!.closedRows[0]!.error, "ECONNRESET");
});

test("nothing happens: nothing is said, and no timer is armed", async () => {
  const watched = await watch();
  watched.pair.connect(ports.echo);
  watched.pair.run(1_000);
  const before = watched.messages.length;
  watched.pair.run(3_600_000);
  assert.equal(watched.messages.length, before);
  assert.equal(watched.pair.server.nextDeadline(), Infinity);
  assert.equal(watched.reports.at(-1)!.rows[0]!.state, "ESTABLISHED");
});

test("stop: peers that close end in good order", async () => {
  const watched = await watch();
  const client = watched.pair.connect(ports.echo);
  const { connection } = client;
  connection.onClosed = null;
  watched.pair.run(100);
  watched.tell({ type: "stop", withinMs: 3_000 });
  watched.pair.run(20);
  assert.ok(client.ended, "the client sees the end");
  assert.equal(client.error, "");
  connection.close();
  watched.pair.run(100);
  assert.deepEqual(watched.messages.at(-1), { type: "stopped", cut: 0 });
  const refused = watched.pair.connect(ports.echo);
  watched.pair.run(100);
  assert.equal(refused.error, "ECONNREFUSED");
});

test("stop: a peer that does not close is reset after the time is over", async () => {
  const watched = await watch();
  const client = watched.pair.connect(ports.echo);
  watched.pair.run(100);
  watched.tell({ type: "stop", withinMs: 3_000 });
  watched.pair.run(2_900);
  assert.ok(!watched.messages.some(({ type }) => type === "stopped"));
  watched.pair.run(300);
  assert.deepEqual(watched.messages.at(-1), { type: "stopped", cut: 1 });
  assert.equal(client.error, "ECONNRESET");
});

test("stop with nothing open answers at once", async () => {
  const watched = await watch();
  watched.tell({ type: "stop", withinMs: 3_000 });
  watched.pair.run(5);
  assert.deepEqual(watched.messages.at(-1), { type: "stopped", cut: 0 });
});

test("a service that throws loses its connection and no other", async () => {
  const pair = await openPair({});
  const reports: Report[] = [];
  const sessions = createSessions(pair.server, {
    ...{ rows: false, reportMs: 50, report: (report) => reports.push(report) },
  });
  pair.server.listen({ port: 8000 }, (connection) =>
    sessions.begin(
      "broken",
      (inner) => {
        inner.onReadable = () => {
          throw Object.assign(new Error("a bug"), { code: "EBUG" });
        };
      },
      connection,
    ),
  );
  const first = pair.connect();
  const second = pair.connect();
  pair.run(50);
  first.send("x");
  pair.run(200);
  assert.equal(first.error, "ECONNRESET");
  assert.equal(second.error, "");
  const [closed] = reports
    .flatMap(({ events }) => events)
    .filter(({ event }) => event === "closed");
  assert.equal((closed as ClosedEvent).error, "EBUG");
});

test("two thousand connections: none forgotten, reports stay bounded", async () => {
  const watched = await watch();
  for (let round = 0; round < 40; round++) {
    const clients = Array.from({ length: 50 }, () => watched.pair.connect(ports.echo));
    for (const client of clients) client.send("mote");
    watched.pair.run(20);
    for (const client of clients) client.end();
    watched.pair.run(20);
    for (const client of clients) assert.equal(client.text, "mote");
    for (const client of clients) client.connection.close();
    watched.pair.run(20);
  }
  watched.pair.run(5_000);
  const last = watched.reports.at(-1)!;
  assert.equal(last.served, 2_000);
  assert.equal(last.open, 0);
  assert.equal(last.received, 8_000);
  const skipped = watched.reports.reduce((sum, report) => sum + report.skipped, 0);
  assert.equal(watched.closed.length + skipped, 2_000);
  for (const { rows, closedRows } of watched.reports) {
    assert.ok(rows.length <= 50 && closedRows.length <= 5);
  }
});
