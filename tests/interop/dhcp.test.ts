// `mote serve --address dhcp` over a TAP device whose network is Linux's: a small DHCP server on a socket of
// the kernel gives the address.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startMote } from "../command/support/process.js";
import { createDhcpServer, SERVER, type DhcpServer } from "../host/support/dhcpServer.js";
import { skip } from "./support/namespace.js";
import { BOUND, output, run } from "./support/programs.js";

const GIVEN = "198.18.0.77";

/** Gives the kernel's side an address, and serves there. */
async function startServer(t: TestContext, device: string): Promise<DhcpServer> {
  await output(["ip", "addr", "add", `${SERVER}/24`, "dev", device]);
  await output(["ip", "route", "add", "255.255.255.255", "dev", device]);
  const server = createDhcpServer({ give: GIVEN });
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  socket.on("message", (message) => {
    const answer = server.answer(message);
    if (answer !== null) socket.send(answer, 68, "255.255.255.255");
  });
  socket.bind(67, () => socket.setBroadcast(true));
  await once(socket, "listening");
  return server;
}

test(
  "serve --address dhcp: waits, serves where the server says, gives the lease back",
  { skip, timeout: 60_000 },
  async (t) => {
    const words = ["serve", "hello,http", "--link", "tap:mote0", "--address", "dhcp", "--json"];
    const mote = startMote(t, [...words, "--host-name", "bench"], { through: BOUND });
    const [first] = await mote.seen(/^.*\n/);
    assert.deepEqual(JSON.parse(first), { event: "waiting", for: "dhcp", link: "tap:mote0" });
    const none = await output(["ip", "-4", "-o", "addr", "show", "dev", "mote0"]);
    assert.equal(none, "", "the host's side has no address of ours");
    const server = await startServer(t, "mote0");

    // The next DISCOVER is up to five seconds away, and conflict detection takes up to seven more.
    const [line] = await mote.seen(/^.*"event":"serving".*$/m, 30_000);
    const serving = JSON.parse(line) as Record<string, unknown>;
    assert.deepEqual(
      [serving["address"], serving["stackAddress"], serving["hostName"]],
      [GIVEN, `${GIVEN}/24`, "bench.local"],
    );
    assert.equal(server.heard[0]!.hostName, "bench");
    const page = await output(["curl", "-s", String(serving["url"])]);
    assert.match(page, /^198\.18\.0\.77\/24 on tap:mote0$/m);
    assert.equal((await run(["ping", "-c", "1", "-W", "5", GIVEN])).code, 0);

    mote.child.kill("SIGINT");
    assert.equal(await mote.ended, 0);
    assert.match(mote.out, /\{"event":"stopped","cut":0\}\n$/);
    assert.deepEqual(server.heard.at(-1), { type: "RELEASE", hostName: "", ciaddr: GIVEN });
  },
);

test("serve --address dhcp: Ctrl-C while it waits", { skip, timeout: 60_000 }, async (t) => {
  const words = ["serve", "hello", "--link", "tap:mote1", "--address", "dhcp"];
  const mote = startMote(t, words, { through: BOUND });
  await mote.seen(/^Waiting for an address by DHCP on tap:mote1\. Ctrl-C stops\.\n/);
  mote.child.kill("SIGINT");
  assert.equal(await mote.ended, 0);
  assert.match(
    mote.out,
    /^The device is in no bridge yet: .* ip link set mote1 master br0\nStopped\.\n$/m,
  );
});

test(
  "ping --address dhcp: asks from the address that it got, and gives it back",
  { skip, timeout: 60_000 },
  async (t) => {
    const words = ["ping", SERVER, "-c", "1", "--link", "tap:mote2", "--address", "dhcp", "--json"];
    const mote = startMote(t, words, { through: BOUND });
    while (!/^Waiting for an address by DHCP on tap:mote2\.$/m.test(mote.err)) await delay(20);
    const server = await startServer(t, "mote2");
    assert.equal(await mote.ended, 0, mote.out + mote.err);
    assert.match(mote.out, new RegExp(`^\\{"event":"ping",.*"from":"${GIVEN}"`));
    assert.match(mote.out, /"event":"reply"/);
    assert.equal(server.heard.at(-1)!.type, "RELEASE");
  },
);
