// Multicast groups with Linux as switch and querier: a bridge that learns from IGMP reports which of
// its ports want which group, and sends a group's datagrams to those alone. tshark looks at the
// reports.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createStack, openTap, type ProfileName, type Stack } from "../../host/index.js";
import { ip, waitUntil } from "./support/far.js";
import { skip } from "./support/namespace.js";
import { output } from "./support/programs.js";
import { captureDevice, dissect } from "./support/tshark.js";

const KERNEL = "198.18.0.1";
const STACK = "198.18.0.2";
const GROUP = "239.1.2.3";
const PORT = 5000;
/** A querier in a hurry; hundredths of a second. */
const BRIDGE = [
  "mcast_snooping 1 mcast_querier 1 mcast_query_interval 100 mcast_query_response_interval 50",
  "mcast_startup_query_interval 50 mcast_last_member_interval 20 mcast_membership_interval 300",
].join(" ");
const MEMBERSHIP_MS = 3_000;
const [QUERY, V2_REPORT, V2_LEAVE, V3_REPORT] = ["0x11", "0x16", "0x17", "0x22"];

async function build(t: TestContext, profile: ProfileName, version: 2 | 3): Promise<Stack> {
  const stack = await createStack({ profile });
  await ip(`link add br0 type bridge ${BRIDGE} mcast_igmp_version ${version}`);
  t.after(() => ip("link delete br0"));
  const tap = await openTap("mote0", { hostAddress: `${KERNEL}/24` });
  t.after(() => stack.close());
  stack.attach(tap, { addresses: [`${STACK}/24`] });
  await ip("address flush dev mote0");
  await ip("link set mote0 master br0");
  await ip(`address add ${KERNEL}/24 dev br0`);
  await ip("link set br0 up");
  return stack;
}

/** Whether the bridge sends the group to the stack. */
async function isMember(): Promise<boolean> {
  const lines = (await output(["bridge", "mdb", "show", "dev", "br0"])).split("\n");
  return lines.some((line) => line.includes("port mote0") && line.includes(`grp ${GROUP} `));
}

/** The kernel sends datagrams to the group until `heard` says that it is enough. */
async function sendUntil(heard: () => boolean): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, KERNEL);
  await once(socket, "listening");
  socket.setMulticastInterface(KERNEL);
  await waitUntil("a datagram to the group is heard", () => {
    socket.send("mote", PORT, GROUP);
    return heard();
  });
  socket.close();
}

/** The stack hears the group from joining to leaving; the bridge learns of both. */
async function joinAndLeave(stack: Stack): Promise<void> {
  let heard = 0;
  const socket = stack.bind({ port: PORT });
  socket.onReadable = () => {
    for (let datagram; (datagram = socket.receive()) !== null;) {
      assert.equal(datagram.toMany, true);
      heard++;
    }
  };
  stack.join(GROUP);
  await waitUntil("the bridge knows the member", isMember);
  await sendUntil(() => heard > 0);
  // It asks every second, and would forget one that does not answer.
  await delay(MEMBERSHIP_MS + 500);
  assert.equal(await isMember(), true, "queries are answered");
  stack.leave(GROUP);
  await waitUntil("the bridge has forgotten the member", async () => !(await isMember()));
  socket.close();
}

const FIELDS = [
  "igmp.type",
  "igmp.checksum.status",
  "ip.checksum.status",
  "ip.src",
  "ip.dst",
  "ip.ttl",
  "ip.opt.type",
  "igmp.maddr",
  "igmp.record_type",
  "_ws.expert.message",
] as const;

/** All IGMP of the stack as tshark has it, and the first query, after what `work` does. */
async function seenByTshark(t: TestContext, work: () => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "mote-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "igmp.pcapng");
  const capture = await captureDevice(t, "mote0", file);
  await work();
  await capture.stop();
  const all = await dissect(file, "igmp", FIELDS);
  const queries = all.filter((packet) => packet["igmp.type"] === QUERY);
  assert.ok(queries.length >= 3, "the kernel has asked");
  const ours = all.filter((packet) => packet["ip.src"] === STACK);
  for (const packet of ours) {
    assert.equal(packet["igmp.checksum.status"], "1");
    assert.equal(packet["ip.checksum.status"], "1");
    assert.equal(packet["ip.ttl"], "1");
    assert.equal(packet["ip.opt.type"], "148", "router alert");
    assert.equal(packet["_ws.expert.message"], "");
    assert.equal(packet["igmp.maddr"], GROUP);
  }
  return ours;
}

for (const profile of ["desktop", "esp32"] as const) {
  test(`${profile}: IGMPv3 with a bridge of Linux`, { skip, timeout: 40_000 }, async (t) => {
    const stack = await build(t, profile, 3);
    const ours = await seenByTshark(t, () => joinAndLeave(stack));
    for (const packet of ours) {
      assert.deepEqual([packet["igmp.type"], packet["ip.dst"]], [V3_REPORT, "224.0.0.22"]);
    }
    const records = ours.map((packet) => packet["igmp.record_type"]);
    const text = records.join("");
    assert.match(text, /^4+(24?)+2*3+$/, "TO_EXCLUDE, IS_EXCLUDE for queries, TO_INCLUDE");
    assert.equal(stack.counters()["drop_igmp_malformed"], 0);
  });

  test(`${profile}: IGMPv2 with a bridge of Linux`, { skip, timeout: 40_000 }, async (t) => {
    const stack = await build(t, profile, 2);
    const ours = await seenByTshark(t, async () => {
      await waitForQuery(stack);
      await joinAndLeave(stack);
    });
    const kinds = ours.map((packet) => `${packet["igmp.type"]} ${packet["ip.dst"]}`);
    const report = `${V2_REPORT} ${GROUP}`;
    assert.deepEqual(new Set(kinds), new Set([report, `${V2_LEAVE} 224.0.0.2`]));
    assert.ok(kinds.filter((kind) => kind === report).length >= 3);
    assert.equal(kinds.at(-1), `${V2_LEAVE} 224.0.0.2`);
    assert.equal(stack.counters()["drop_igmp_malformed"], 0);
  });
}

/** A query has come. */
async function waitForQuery(stack: Stack): Promise<void> {
  const before = stack.counters()["rx_frames"];
  await waitUntil("frames come", () => stack.counters()["rx_frames"] >= before + 3);
}
