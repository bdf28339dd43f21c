// What `mote serve --address dhcp` says and when: while it waits, when an address comes, when it changes.

import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { createArrival } from "../../host/command/serve/arrival.js";
import type { AddressReport } from "../../host/command/serve/messages.js";
import { parseServe } from "../../host/command/serve/options.js";
import type { Place } from "../../host/command/serve/place.js";
import { createReporter, type Reporter } from "../../host/command/serve/reporter.js";
import { createPaint } from "../../host/command/style.js";

const nothing: AddressReport = {
  type: "address",
  time: 0,
  address: null,
  linkLocal: false,
  server: null,
  router: null,
  nameServers: [],
  leaseSeconds: null,
};
const leased: AddressReport = {
  ...nothing,
  address: "192.0.2.7/24",
  server: "192.0.2.1",
  router: "192.0.2.1",
  nameServers: ["192.0.2.53"],
  leaseSeconds: 3600,
};
const alone: AddressReport = { ...nothing, address: "169.254.7.8/16", linkLocal: true };

const place: Place = {
  kind: "tap",
  link: "tap:nodevice0",
  address: "",
  stackAddress: "",
  hostName: "mote",
  services: [{ name: "http", port: 8080, hostPort: 8080 }],
  post: () => undefined,
  close: async () => undefined,
};

/** A reporter of its own, and what it has written. */
function listen(json: boolean): { reporter: Reporter; text(): string } {
  let out = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk);
      done();
    },
  });
  const io = {
    ...{ stdin: Readable.from([]), stdout, stderr: { write: () => undefined } },
    ...{ env: {}, folder: "/", version: "1.2.3" },
  };
  const options = parseServe("http", { address: "dhcp", json });
  const reporter = createReporter(options, { ...io, paint: createPaint({}, {}) });
  return { reporter, text: () => out };
}

/** What is said of these reports, one after the other. */
function say(reports: readonly AddressReport[], json = false): string {
  const { reporter, text } = listen(json);
  const arrival = createArrival(reporter, () => undefined);
  arrival.opened(place, undefined);
  for (const report of reports) arrival.address(report);
  return text();
}

test("it waits, and says what may be missing", () => {
  const [first, second, rest] = say([]).split("\n");
  assert.equal(first, "Waiting for an address by DHCP on tap:nodevice0. Ctrl-C stops.");
  assert.match(second!, /in no bridge yet: .* ip link set nodevice0 master br0$/);
  assert.equal(rest, "");
});

test("the banner comes with the address, and says who gave it", () => {
  const text = say([leased]);
  assert.match(text, /^curl http:\/\/192\.0\.2\.7:8080\/$/m);
  assert.match(
    text,
    /^link +tap:nodevice0: the stack \(profile desktop\) has 192\.0\.2\.7\/24, by DHCP from 192\.0\.2\.1$/m,
  );
  assert.match(text, /^name +mote\.local, http:\/\/mote\.local:8080\/$/m);
});

test("no server answers: said once, then the link-local address, then the server's", () => {
  const text = say([nothing, nothing, alone, leased]);
  assert.equal(text.split("No DHCP server has answered yet").length, 2);
  assert.match(text, /^curl http:\/\/169\.254\.7\.8:8080\/$/m);
  assert.match(text, /has 169\.254\.7\.8\/16, link-local: no DHCP server answers$/m);
  assert.match(text, /^[\d:.]+ address 192\.0\.2\.7\/24, by DHCP from 192\.0\.2\.1\n$/m);
});

test("a lease that goes on is not worth a line, one that is lost is", () => {
  const before = say([leased]);
  const after = say([leased, { ...leased, time: 1 }, nothing, nothing]);
  assert.equal(after.split("\n").length, before.split("\n").length + 1);
  assert.match(after, /address gone: a server is looked for again\n$/);
});

test("an address that came before the place was open is not missed", () => {
  const { reporter, text } = listen(false);
  let begun = 0;
  const arrival = createArrival(reporter, () => begun++);
  arrival.address(leased);
  assert.equal(arrival.begun, false);
  arrival.opened(place, undefined);
  assert.equal(begun, 1);
  assert.match(text(), /^curl http:\/\/192\.0\.2\.7:8080\/$/m);
});

test("an address that is known from the start is not waited for", () => {
  const { reporter, text } = listen(false);
  const given = { ...place, address: "198.18.0.2", stackAddress: "198.18.0.2/30" };
  createArrival(reporter, () => undefined).opened(given, undefined);
  assert.match(text(), /^curl http:\/\/198\.18\.0\.2:8080\/\n/);
});

test("--json: an event for each", () => {
  const { reporter, text } = listen(true);
  const arrival = createArrival(reporter, () => undefined);
  arrival.opened(place, undefined);
  for (const report of [nothing, alone, leased]) arrival.address(report);
  reporter.name({ type: "name", time: 5, name: "mote-2" });
  const events = text()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    events.map(({ event }) => event),
    ["waiting", "unanswered", "serving", "address", "name"],
  );
  const [waiting, , serving, address, name] = events;
  assert.deepEqual(waiting, { event: "waiting", for: "dhcp", link: "tap:nodevice0" });
  assert.equal(serving!["url"], "http://169.254.7.8:8080/");
  assert.equal(serving!["hostName"], "mote.local");
  const { type, ...fields } = leased;
  assert.deepEqual(address, { event: type, ...fields });
  assert.deepEqual(name, { event: "name", time: 5, name: "mote-2" });
});
