// `--link` to QEMU, to a WebSocket and out of a recording: the command as a process, this process at the other end.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { WebSocketServer, type WebSocket } from "ws";
import { stationIn } from "../../host/command/network/recorded.js";
import { parseLink } from "../../host/command/network/words.js";
import type { Stack } from "../../host/core/stack.js";
import { createStack } from "../../host/node/createStack.js";
import { runFor } from "../../host/core/virtual.js";
import { readCapture } from "../../host/link/captureReader.js";
import { createVirtualClock } from "../../host/link/clock.js";
import type { Link } from "../../host/link/link.js";
import { MemoryLink } from "../../host/link/memory.js";
import { createPcapngWriter } from "../../host/link/pcapng.js";
import { listenQemuLink } from "../../host/link/qemu.js";
import { tee } from "../../host/link/tee.js";
import { createWebSocketLink } from "../../host/link/webSocket.js";
import { frameOf, pcapOf } from "../host/support/captures.js";
import { entropy, transfer } from "../host/support/pair.js";
import { until } from "../host/support/until.js";
import { cleanEnvironment, startMote, type Running } from "./support/process.js";

const HAS_WEBSOCKET = Number(process.versions.node.split(".")[0]) >= 22;
/** Node 20 has a WebSocket, too, where it is asked for. */
const withWebSocket = HAS_WEBSOCKET
  ? cleanEnvironment()
  : cleanEnvironment({ NODE_OPTIONS: "--experimental-websocket" });
const withoutWebSocket = HAS_WEBSOCKET
  ? cleanEnvironment({ NODE_OPTIONS: "--no-experimental-websocket" })
  : cleanEnvironment();

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-links-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A stack at the other end, as 198.18.0.1. */
async function stackOn(t: TestContext, link: Link): Promise<Stack> {
  const stack = await createStack();
  t.after(() => stack.close());
  stack.attach(link, { addresses: ["198.18.0.1/30"] });
  return stack;
}

/** What the service hello answers to a stack. */
async function hello(stack: Stack, port: number): Promise<string> {
  const moved = transfer(stack.connect({ host: "198.18.0.2", port }), Buffer.from("mote"));
  await until(() => moved.ended, "the answer");
  return moved.received().toString();
}

interface Qemu {
  path: string;
  link: Promise<Link>;
}

/** In place of QEMU: whoever connects gets a link. */
async function qemu(t: TestContext): Promise<Qemu> {
  const path = join(folderFor(t), "mote.sock");
  let tell: (link: Link) => void;
  const link = new Promise<Link>((resolve) => (tell = resolve));
  const listener = await listenQemuLink(path, (made) => tell(made));
  t.after(() => listener.close());
  return { path, link };
}

async function stop(mote: Running): Promise<void> {
  mote.child.kill("SIGINT");
  assert.equal(await mote.ended, 0, mote.err);
}

test("what each --link means", () => {
  const all = ["tap", "user", "qemu", "ws", "pcap"] as const;
  const cases: [word: string, choice: object][] = [
    ["tap:mote0", { kind: "tap", name: "mote0" }],
    ["user", { kind: "user" }],
    ["qemu:/tmp/a:b.sock", { kind: "qemu", where: "/tmp/a:b.sock" }],
    ["qemu:127.0.0.1:1234", { kind: "qemu", where: "127.0.0.1:1234" }],
    ["ws://127.0.0.1:8080/x", { kind: "ws", url: "ws://127.0.0.1:8080/x" }],
    ["ws:wss://host/", { kind: "ws", url: "wss://host/" }],
    ["wss://host/", { kind: "ws", url: "wss://host/" }],
    ["pcap:a b.pcap", { kind: "pcap", file: "a b.pcap" }],
  ];
  for (const [word, choice] of cases) assert.deepEqual(parseLink(word, all), choice, word);
  assert.deepEqual(parseLink(undefined, all), { kind: "auto" });
});

test("mote serve --link qemu: serves whoever is at the other end, until it is stopped", async (t) => {
  const { path, link } = await qemu(t);
  const mote = startMote(t, ["serve", "hello", "--link", `qemu:${path}`, "--json"]);
  const [line] = await mote.seen(/^.*\n/);
  const serving = JSON.parse(line) as Record<string, unknown>;
  assert.equal(serving["link"], `qemu:${path}`);
  assert.equal(serving["address"], "198.18.0.2");
  assert.match(await hello(await stackOn(t, await link), 8000), /^hello ->mote/);
  await stop(mote);
});

test("mote serve --link qemu: says for whom it serves, and ends when the other end does", async (t) => {
  const { path, link } = await qemu(t);
  const mote = startMote(t, ["serve", "hello", "--link", `qemu:${path}`]);
  await mote.seen(
    /link +qemu:.*: the stack .* has 198\.18\.0\.2\/30, for whoever is at the other end/,
  );
  (await link).close();
  assert.equal(await mote.ended, 1);
  assert.equal(mote.err, `mote serve: qemu:${path}: the other end has closed\n`);
});

test("mote serve --link qemu: nobody listens there", async (t) => {
  const path = join(folderFor(t), "none.sock");
  const mote = startMote(t, ["serve", "--link", `qemu:${path}`]);
  assert.equal(await mote.ended, 1);
  assert.match(
    mote.err,
    /^mote serve: no QEMU listens at .*none\.sock\n.*-netdev stream,id=n0,server=on,addr\.type=unix,addr\.path=/,
  );
});

test("mote ping --link qemu: the other end answers", async (t) => {
  const { path, link } = await qemu(t);
  const words = ["ping", "198.18.0.1", "-c", "2", "-i", "0.05", "--link", `qemu:${path}`, "--json"];
  const mote = startMote(t, words);
  await stackOn(t, await link);
  assert.equal(await mote.ended, 0, mote.err);
  const lines = mote.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(lines[0]!["link"], `qemu:${path}`);
  assert.equal(lines.at(-1)!["received"], 2);
});

test("mote serve --link ws: serves over a WebSocket", async (t) => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const connected = once(server, "connection") as Promise<[WebSocket]>;
  const mote = startMote(t, ["serve", "hello", "--link", url, "--json"], { env: withWebSocket });
  const [far] = await connected;
  const stack = await stackOn(t, createWebSocketLink(far));
  await mote.seen(/"event":"serving"/);
  assert.match(await hello(stack, 8000), /^hello ->mote/);
  await stop(mote);
});

test("mote serve --link ws: nobody listens there, and no WebSocket in this Node: one line", async (t) => {
  const words = ["serve", "hello", "--link", "ws:ws://127.0.0.1:9/"];
  const refused = startMote(t, words, { env: withWebSocket });
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /no WebSocket to ws:\/\/127\.0\.0\.1:9\/: [^\n]+\n$/);
  const none = startMote(t, words, { env: withoutWebSocket });
  assert.equal(await none.ended, 1);
  assert.match(
    none.err,
    /^mote serve: --link ws:\/\/127\.0\.0\.1:9\/ needs a WebSocket, which Node has from version 22 on; this is v\d[^\n]*\n$/,
  );
});

/** One stack pings another, seen from the side of the other. */
async function recordPings(count: number): Promise<Buffer> {
  const clock = createVirtualClock(1000);
  const [near, far] = MemoryLink.pair();
  const parts: Buffer[] = [];
  const writer = createPcapngWriter((bytes) => parts.push(Buffer.from(bytes)));
  const asker = await createStack({ clock, loop: false, entropy: entropy(1) });
  const asked = await createStack({ clock, loop: false, entropy: entropy(2) });
  asker.attach(near, { mac: "02:00:00:00:00:01", addresses: ["192.0.2.1/24"] });
  asked.attach(tee(far, writer, { clock }), {
    mac: "02:00:00:00:00:02",
    addresses: ["192.0.2.7/24"],
  });
  const socket = asker.bind({ protocol: "echo" });
  for (let sequence = 1; sequence <= count; sequence++) {
    socket.send(new Uint8Array(56), sequence, "192.0.2.7");
    runFor({ clock, stacks: [asker, asked] }, 20);
  }
  asked.close();
  asker.close();
  return Buffer.concat(parts);
}

test("mote serve --link pcap: answers what was recorded, in the place of a host", async (t) => {
  const folder = folderFor(t);
  const [recording, capture] = [join(folder, "in.pcapng"), join(folder, "out.pcapng")];
  writeFileSync(recording, await recordPings(5));
  const place = ["--link", `pcap:${recording}`, "--address", "192.0.2.7/24"];
  const mote = startMote(t, ["serve", "hello", ...place, "--pcap", capture, "--json"]);
  await mote.seen(/"event":"serving"/);
  await until(() => /has been played: \d+ frames; /.test(mote.err), "the end of the recording");
  await stop(mote);
  const replies = [...readCapture(readFileSync(capture))].filter(
    ({ bytes }) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 1 && bytes[34] === 0,
  );
  assert.equal(replies.length, 5);
});

test("mote serve --link pcap: an address that is not in it, and no recording", async (t) => {
  const path = join(folderFor(t), "in.pcap");
  writeFileSync(path, await recordPings(1));
  const place = ["--link", `pcap:${path}`, "--address"];
  const other = startMote(t, ["serve", "hello", ...place, "192.0.2.9/24"]);
  assert.equal(await other.ended, 1);
  assert.match(
    other.err,
    /no frame of the recording is from or to 192\.0\.2\.9\n.*there are 192\.0\.2\.1, 192\.0\.2\.7$/m,
  );
  writeFileSync(path, "no capture at all");
  const foreign = startMote(t, ["serve", "hello", ...place, "192.0.2.9/24"]);
  assert.equal(await foreign.ended, 1);
  assert.match(
    foreign.err,
    /in\.pcap cannot be played: capture, offset 0: neither pcap nor pcapng/,
  );
});

test("the station of a recording: who sends from an address, else whom frames for it go to", async () => {
  assert.equal(stationIn(await recordPings(1), "192.0.2.7"), "02:00:00:00:00:02");
  const frame = frameOf(60, "02:00:00:00:00:0a");
  frame.set([8, 0, 0x45], 12);
  frame.set([10, 0, 0, 1, 10, 0, 0, 2], 26);
  const file = pcapOf([{ timeUs: 1, bytes: frame }]);
  assert.equal(stationIn(file, "10.0.0.1"), "02:00:00:00:00:0a");
  assert.equal(stationIn(file, "10.0.0.2"), "02:00:00:00:00:99");
  assert.throws(() => stationIn(file, "10.0.0.3"), { code: "EADDRNOTAVAIL" });
});
