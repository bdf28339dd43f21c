// `mote nc`: its command line; two of them on a cable, without rights; user mode; and over TAP with Debian's netcat at
// the other end, in a network namespace of this file's own.

import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { runCommand } from "../../host/command/cli.js";
import { parseNc } from "../../host/command/nc/options.js";
import { readCapture } from "../../host/link/captureReader.js";
import { createPcapngFile } from "../../host/link/pcapngFile.js";
import { listenQemuLink } from "../../host/link/qemu.js";
import { tee } from "../../host/link/tee.js";
import { createStack } from "../../host/node/createStack.js";
import { until } from "../host/support/until.js";
import { tune } from "../host/support/tune.js";
import { skip } from "../interop/support/namespace.js";
import { POWERLESS, output as outputOf } from "../interop/support/programs.js";
import { readText } from "../static/support/module.js";
import { debian, mote, sha256, talk, type Netcat } from "./support/netcat.js";
import { output } from "./support/output.js";
import { main, needs } from "./support/process.js";

const onTap = { skip, timeout: 60_000 };
const options = { timeout: 60_000 };
const MEGABYTES = randomBytes(10_000_000);

const wrong: readonly [readonly string[], RegExp][] = [
  [["nc"], /HOST and PORT are needed, as in: mote nc 198\.18\.0\.1 7/],
  [["nc", "h"], /HOST and PORT are needed/],
  [["nc", "h", "1", "2"], /HOST and PORT are needed/],
  [["nc", "h", "0"], /PORT takes a whole number from 1 to 65535, not "0"/],
  [["nc", "h", "http"], /PORT takes a whole number/],
  [["nc", "x/y", "7"], /HOST is an IPv4 address or a name/],
  [["nc", "-l"], /-l needs a PORT/],
  [["nc", "-l", "name", "7"], /-l takes an address of the stack's before PORT, not "name"/],
  [["nc", "h", "7", "-k"], /-k goes with -l/],
  [["nc", "-l", "7", "-z"], /-z asks for a port, -l is one/],
  [["nc", "h", "7", "-z", "-u"], /-z cannot tell with -u/],
  [["nc", "h", "7", "-N", "--no-shutdown"], /contradict each other/],
  [["nc", "h", "7", "-u", "--urgent"], /--urgent is about TCP, -u is UDP/],
  [["nc", "h", "7", "-u", "--mss", "500"], /--mss is about TCP/],
  [["nc", "h", "7", "-w", "0"], /-w takes a number from 0\.01 to 86400, not "0"/],
  [["nc", "h", "7", "-p", "65536"], /--source-port takes a whole number from 1 to 65535/],
  [["nc", "h", "7", "--ttl", "0"], /--ttl takes a whole number from 1 to 255/],
  [["nc", "h", "7", "--dscp", "64"], /--dscp takes a whole number from 0 to 63/],
  [["nc", "h", "7", "--mss", "63"], /--mss takes a whole number from 64 to 65535/],
  [["nc", "h", "7", "--heartbeat", "often"], /--heartbeat takes a number from/],
  [
    ["nc", "h", "7", "--link", "pcap:x"],
    /--link takes tap:NAME, user, cable:PATH, qemu:PATH or ws:URL/,
  ],
  [["nc", "h", "7", "--link", "cable:"], /--link cable: needs a path, as in cable:\/tmp\/cable/],
  [["nc", "h", "7", "--allow", "h:8"], /--allow is about user mode/],
  [["nc", "h", "7", "--link", "user", "--router", "192.0.2.1"], /user mode has its own/],
  [["nc", "h", "7", "--link", "user", "--address", "dhcp"], /nobody in user mode gives addresses/],
  [
    ["nc", "127.0.0.1", "7", "--link", "user"],
    /is the stack itself in user mode; this machine is 198\.18\.0\.1/,
  ],
  [["nc", "h", "7", "--link-delay", "-1"], /--link-delay takes a whole number from 0 to 60000/],
  [["nc", "h", "7", "--urgnet"], /did you mean --urgent\?/],
];

for (const [words, says] of wrong) {
  test(`mote ${words.join(" ")}: one line, exit code 2`, async () => {
    const { io, out, err } = output();
    assert.equal(await runCommand(words, io), 2);
    assert.equal(out(), "");
    assert.match(err(), /^mote nc: [^\n]+\n$/);
    assert.match(err(), says);
  });
}

test("nc --help has options, examples and exit codes, and fits 100 columns", async () => {
  const { io, out } = output();
  assert.equal(await runCommand(["nc", "--help"], io), 0);
  assert.match(out(), /^Usage: mote nc \[options\] HOST PORT \| -l \[ADDRESS\] PORT\n/);
  assert.match(out(), /Exit codes:\n {2}0 [^\n]+\n {2}1 [^\n]+\n {2}2 [^\n]+\n {2}130 /);
  const widths = out()
    .split("\n")
    .map((line) => line.length);
  assert.ok(Math.max(...widths) <= 100, out());
});

test("nc: options, as they are given and by default", () => {
  const plain = parseNc(["example.test", "80"], {});
  assert.deepEqual(plain, {
    ...{ host: "example.test", port: 80, listens: false, udp: false, keepOpen: false },
    ...{
      verbose: false,
      json: false,
      zero: false,
      sourcePort: 0,
      waitMs: 0,
      shutdown: true,
      halfClose: true,
    },
    ...{ urgent: false, heartbeat: undefined, ttl: undefined, dscp: undefined, mss: undefined },
    station: {
      ...{ link: { kind: "auto" }, address: undefined, router: undefined, nameServers: [] },
      ...{ allow: ["example.test:80/tcp"], delayMs: 0 },
    },
  });
  const full = parseNc(["198.18.0.1", "7"], {
    ...{ udp: true, wait: "2.5", sourcePort: "7000", link: "user", allow: ["192.0.2.0/24:53"] },
  });
  assert.deepEqual([full.waitMs, full.sourcePort], [2_500, 7_000]);
  assert.deepEqual(full.station.allow, ["localhost:7/udp", "192.0.2.0/24:53"]);
  const listening = parseNc(["198.18.0.2", "7"], { listen: true });
  assert.deepEqual([listening.host, listening.port, listening.listens], ["198.18.0.2", 7, true]);
  assert.equal(parseNc([], { listen: true, sourcePort: "7" }).port, 7);
  const beat = (word: string) => parseNc(["h", "7"], { heartbeat: word }).heartbeat;
  assert.deepEqual(beat("30"), { everyMs: 30_000, text: "\n" });
  assert.deepEqual(beat("0.5:ping\\r\\n"), { everyMs: 500, text: "ping\r\n" });
});

// On a cable.

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "mote-nc-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Pair {
  /** 198.18.0.1, listens at 7. */
  readonly listener: Netcat;
  /** 198.18.0.2 */
  readonly caller: Netcat;
}

/** Two of ours, connected. */
async function pair(
  t: TestContext,
  listening: readonly string[] = [],
  calling: readonly string[] = [],
): Promise<Pair> {
  const link = `cable:${join(folderFor(t), "cable")}`;
  const listener = mote(t, "nc", "-lv", "7", "--link", link, ...listening);
  await listener.says(/Waiting at cable:/);
  const caller = mote(t, "nc", "-v", "198.18.0.1", "7", "--link", link, ...calling);
  return { listener, caller };
}

test("nc on a cable: both ways, and each side may end first", options, async (t) => {
  for (const first of ["listener", "caller"] as const) {
    const two = await pair(t);
    const second = first === "listener" ? "caller" : "listener";
    two[first].end("from the first");
    await two[second].hears(/^from the first$/);
    await two[second].says(/has closed its side\n/);
    two[second].write("still ");
    await two[first].hears(/^still $/);
    two[second].end("open");
    assert.deepEqual([await two[first].ended, await two[second].ended], [0, 0]);
    assert.equal(two[first].text, "still open");
  }
});

test("nc -v says who, which states, and how much", options, async (t) => {
  const { listener, caller } = await pair(t);
  caller.end("12345");
  listener.end("123");
  assert.deepEqual([await caller.ended, await listener.ended], [0, 0]);
  assert.match(listener.err, /^the stack is 198\.18\.0\.1 on cable:.*$/m);
  assert.match(listener.err, /^listening at 198\.18\.0\.1:7 on cable:/m);
  assert.match(listener.err, /^connection from 198\.18\.0\.2:\d+ to 198\.18\.0\.1:7$/m);
  assert.match(listener.err, /^198\.18\.0\.2:\d+: 5 bytes received, 3 bytes sent$/m);
  assert.match(caller.err, /^SYN-SENT, to 198\.18\.0\.1:7 from 198\.18\.0\.2:\d+$/m);
  assert.match(caller.err, /^SYN-SENT -> ESTABLISHED \(SYN-ACK\)$/m);
  assert.match(caller.err, /^connected to 198\.18\.0\.1:7 from 198\.18\.0\.2:\d+$/m);
  assert.match(caller.err, /^198\.18\.0\.1:7: 3 bytes received, 5 bytes sent$/m);
});

test("nc --json says the same in lines for programs", options, async (t) => {
  const { listener, caller } = await pair(t, [], ["--json"]);
  caller.end("12345");
  listener.end("123");
  assert.deepEqual([await caller.ended, await listener.ended], [0, 0]);
  const lines = caller.err.split("\n").filter((line) => line.startsWith("{"));
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const names = [...new Set(events.map(({ event }) => event))];
  for (const name of ["stack", "calling", "state", "connected", "closed"])
    assert.ok(names.includes(name), name);
  const closed = events.find(({ event }) => event === "closed");
  assert.deepEqual(closed, { event: "closed", peer: "198.18.0.1:7", received: 3, sent: 5 });
});

test(
  "nc on a cable: 10 MB both ways at once, and a reader that takes its time",
  options,
  async (t) => {
    const { listener, caller } = await pair(t);
    listener.child.stdout!.pause();
    caller.end(MEGABYTES);
    listener.end(MEGABYTES);
    await until(() => caller.out.length === MEGABYTES.length, "one direction", 30_000);
    assert.equal(listener.out.length, 0);
    const { rss } = await statusOf(listener);
    assert.ok(rss < 400, `${rss} MB`);
    listener.child.stdout!.resume();
    assert.deepEqual([await listener.ended, await caller.ended], [0, 0]);
    const digest = sha256(MEGABYTES);
    assert.deepEqual([sha256(listener.out), sha256(caller.out)], [digest, digest]);
  },
);

async function statusOf({ child }: Netcat): Promise<{ rss: number }> {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return { rss: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1000 };
}

test(
  "nc on a cable: a socket that was left behind, and a file that is none",
  options,
  async (t) => {
    const path = join(folderFor(t), "cable");
    const killed = mote(t, "nc", "-l", "7", "--link", `cable:${path}`);
    await killed.says(/Waiting at cable:/);
    killed.child.kill("SIGKILL");
    await killed.ended;
    assert.ok(lstatSync(path).isSocket());
    const listener = mote(t, "nc", "-l", "7", "--link", `cable:${path}`);
    await listener.says(/Waiting at cable:/);
    const caller = mote(t, "nc", "198.18.0.1", "7", "--link", `cable:${path}`);
    caller.end("over");
    listener.end();
    assert.deepEqual([await caller.ended, await listener.ended, listener.text], [0, 0, "over"]);
    assert.equal(existsSync(path), false);
    writeFileSync(path, "mine");
    const none = mote(t, "nc", "-l", "7", "--link", `cable:${path}`);
    assert.equal(await none.ended, 1);
    assert.match(none.err, /^mote nc: no cable at \S+: something else is there\n$/);
    assert.equal(readFileSync(path, "utf8"), "mine");
  },
);

test("nc --no-shutdown: the end of stdin is not told", options, async (t) => {
  const { listener, caller } = await pair(t, [], ["--no-shutdown"]);
  caller.end("mine");
  await listener.hears(/^mine$/);
  listener.write("yours");
  await caller.hears(/^yours$/);
  assert.doesNotMatch(listener.err, /has closed its side/);
  listener.end();
  assert.deepEqual([await listener.ended, await caller.ended], [0, 0]);
});

test("nc --no-half-close: the peer's end is the end of both directions", options, async (t) => {
  const { listener, caller } = await pair(t, [], ["--no-half-close"]);
  caller.write("stdin stays open");
  await listener.hears(/open$/);
  listener.end();
  assert.deepEqual([await listener.ended, await caller.ended], [0, 0]);
});

test("nc -k: one connection after the other, until Ctrl-C", options, async (t) => {
  const path = join(folderFor(t), "qemu.sock");
  const stack = await createStack();
  t.after(() => stack.close());
  const listener = await listenQemuLink(path, (link) => {
    stack.attach(link, { addresses: ["198.18.0.1/30"] });
  });
  t.after(() => listener.close());
  const server = mote(t, "nc", "-lkv", "7", "--link", `qemu:${path}`);
  await server.says(/^listening at/m);
  for (const [index, text] of ["one", "two", "three"].entries()) {
    const connection = stack.connect({ host: "198.18.0.2", port: 7 });
    connection.onConnect = () => {
      connection.write(Buffer.from(text));
      connection.shutdown();
    };
    await server.hears(new RegExp(`${text}$`));
    assert.equal(server.err.match(/^connection from/gm)!.length, index + 1);
    // Its own stdin is open: the peer's close is all that ends it.
    connection.abort();
    await until(() => server.err.split("reset the connection").length === index + 2, "the reset");
  }
  server.child.kill("SIGINT");
  assert.equal(await server.ended, 130);
  assert.equal(server.text, "onetwothree");
});

test("nc -w: no connection in time, and silence", options, async (t) => {
  const link = `cable:${join(folderFor(t), "cable")}`;
  const quiet = ["--address", "198.18.0.1/29", "--link", link];
  const listener = mote(t, "nc", "-lv", "7", ...quiet);
  await listener.says(/Waiting at cable:/);
  const nobody = mote(
    t,
    "nc",
    "198.18.0.3",
    "7",
    "--address",
    "198.18.0.2/29",
    "--link",
    link,
    "-w",
    "0.5",
  );
  assert.equal(await nobody.ended, 1);
  assert.match(nobody.err, /^mote nc: 198\.18\.0\.3:7: no connection for 0\.5 s \(ETIMEDOUT\)\n$/);
  assert.equal(await listener.ended, 1);
  assert.match(listener.err, /: the other end has closed\n$/);
  const two = await pair(t, [], ["-w", "3"]);
  assert.equal(await two.caller.ended, 1);
  assert.match(two.caller.err, /^mote nc: 198\.18\.0\.1:7: silence for 3 s \(ETIMEDOUT\)$/m);
});

test("nc: refused, and Ctrl-C before anybody came", options, async (t) => {
  const link = `cable:${join(folderFor(t), "cable")}`;
  const waiting = mote(t, "nc", "-l", "7", "--link", link);
  await waiting.says(/Waiting at cable:/);
  const refused = mote(t, "nc", "198.18.0.1", "8", "--link", link);
  assert.equal(await refused.ended, 1);
  assert.match(
    refused.err,
    /^mote nc: 198\.18\.0\.1:8: the peer refused the connection \(ECONNREFUSED\)\n$/,
  );
  const alone = mote(t, "nc", "-l", "7", "--link", `cable:${join(folderFor(t), "cable")}`);
  await alone.says(/Waiting at cable:/);
  alone.child.kill("SIGINT");
  assert.equal(await alone.ended, 130);
});

test("nc --ttl, --dscp and --mss stand in the first packet", options, async (t) => {
  const folder = folderFor(t);
  const path = join(folder, "qemu.sock");
  const file = join(folder, "syn.pcapng");
  const stack = await createStack();
  t.after(() => stack.close());
  const listener = await listenQemuLink(path, (link) => {
    stack.attach(tee(link, createPcapngFile(file)), { addresses: ["198.18.0.1/30"] });
  });
  t.after(() => listener.close());
  stack.serve("echo", { port: 7 });
  const words = ["--ttl", "9", "--dscp", "46", "--mss", "600"];
  const caller = mote(t, "nc", "198.18.0.1", "7", "--link", `qemu:${path}`, ...words);
  caller.end("x".repeat(2_000));
  assert.equal(await caller.ended, 0);
  assert.equal(caller.text, "x".repeat(2_000));
  stack.close();
  const packets = [...readCapture(readFileSync(file))]
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes[12] === 8 && bytes[13] === 0 && bytes[29] === 2 && bytes[23] === 6);
  const syn = packets[0]!;
  assert.deepEqual([syn[22], syn[15]! >> 2, syn[47]! & 0x12], [9, 46, 0x02]);
  assert.deepEqual([...syn.subarray(54, 58)], [2, 4, 600 >> 8, 600 & 255], "the option MSS");
  const longest = Math.max(...packets.map((bytes) => (bytes[16]! << 8) | bytes[17]!));
  assert.ok(longest <= 640, `${longest} bytes`);
});

// The recipes of the guide: each line that stands there is what is run here.

/** The command lines of docs/guides/nc.md below a heading. */
function recipe(heading: string): string[][] {
  const guide = readText("docs/guides/nc.md");
  const [, section = ""] =
    new RegExp(`^## ${heading}\\n([^]*?)(?=^## |$(?![^]))`, "m").exec(guide) ?? [];
  return [...section.matchAll(/^ {4}(?:\w+> )?mote (nc .*?)(?: +#.*)?$/gm)].map(([, line = ""]) =>
    line.trim().split(/ +/),
  );
}

test("a simultaneous open, typed by hand: both go through SYN-RECEIVED", options, async (t) => {
  const lines = recipe("A simultaneous open");
  assert.equal(lines.length, 2);
  const cable = join(folderFor(t), "cable");
  const [left, right] = lines.map((words) =>
    mote(t, ...words.map((word) => word.replace("/tmp/cable", cable))),
  ) as [Netcat, Netcat];
  for (const side of [left, right]) await side.says(/^connected to /m);
  left.end("from left");
  right.end("from right");
  assert.deepEqual([await left.ended, await right.ended], [0, 0]);
  assert.deepEqual([left.text, right.text], ["from right", "from left"]);
  for (const { err } of [left, right]) {
    assert.match(
      err,
      /^SYN-SENT, to .*\nSYN-SENT -> SYN-RECEIVED \(SYN\)\nSYN-RECEIVED -> ESTABLISHED/m,
    );
  }
});

test("a self-connect, typed by hand: what is sent comes back", options, async (t) => {
  const [line, ...more] = recipe("A self-connect");
  assert.equal(more.length, 0);
  const self = mote(t, ...line!);
  await self.says(/^connected to 198\.18\.0\.2:7000 from 198\.18\.0\.2:7000$/m);
  assert.match(self.err, /^SYN-SENT -> SYN-RECEIVED \(SYN\)\nSYN-RECEIVED -> ESTABLISHED/m);
  self.write("hello\n");
  await self.hears(/^hello\n$/);
  self.end();
  assert.equal(await self.ended, 0);
});

// In user mode.

/** A server of this machine; its port. */
async function serve(
  t: TestContext,
  attend: (socket: Socket) => void,
  host = "127.0.0.1",
): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, attend);
  server.listen(0, host);
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("nc --link user: a port of this machine, and only that", options, async (t) => {
  const port = await serve(t, (socket) => void socket.pipe(socket));
  const caller = mote(t, "nc", "198.18.0.1", String(port), "--link", "user");
  caller.end(MEGABYTES);
  assert.equal(await caller.ended, 0);
  assert.equal(sha256(caller.out), sha256(MEGABYTES));
  const open = mote(t, "nc", "-zv", "198.18.0.1", String(port), "--link", "user");
  assert.equal(await open.ended, 0);
  assert.match(open.err, new RegExp(`^198\\.18\\.0\\.1:${port} is open$`, "m"));
  const closed = mote(t, "nc", "-z", "198.18.0.1", "9", "--link", "user");
  assert.equal(await closed.ended, 1);
  assert.match(closed.err, /refused the connection \(ECONNREFUSED\)/);
});

test("nc -l --link user: at a port of this machine", options, async (t) => {
  const listener = mote(t, "nc", "-lv", "28107", "--link", "user");
  await listener.says(/^listening at 127\.0\.0\.1:28107, for 198\.18\.0\.2:28107 of the stack$/m);
  const socket = connect({ port: 28_107, host: "127.0.0.1", allowHalfOpen: true });
  socket.end("from outside");
  await listener.hears(/^from outside$/);
  listener.end("from inside");
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  assert.equal(String(Buffer.concat(chunks)), "from inside");
  assert.equal(await listener.ended, 0);
});

test("nc --heartbeat: a sign of life while stdin is silent", options, async (t) => {
  let heard = "";
  const port = await serve(t, (socket) => {
    socket.on("data", (bytes) => {
      heard += String(bytes);
      if (heard.length >= 10) socket.end();
    });
  });
  const caller = mote(
    t,
    "nc",
    "198.18.0.1",
    String(port),
    "--link",
    "user",
    "--heartbeat",
    "0.05:ping\\n",
    "--no-half-close",
  );
  assert.equal(await caller.ended, 0);
  assert.match(heard, /^(ping\n){2,}$/);
});

test("nc -u --link user: datagrams both ways, and -w ends it", options, async (t) => {
  const echo = createSocket("udp4", (bytes, from) => echo.send(bytes, from.port, from.address));
  t.after(() => echo.close());
  echo.bind(0, "127.0.0.1");
  await once(echo, "listening");
  const { port } = echo.address();
  const caller = mote(t, "nc", "-u", "198.18.0.1", String(port), "--link", "user", "-w", "3");
  caller.end("datagram");
  assert.equal(await caller.ended, 0, caller.err);
  assert.equal(caller.text, "datagram");
  const refused = mote(t, "nc", "-u", "198.18.0.1", "9", "--link", "user", "-w", "5");
  refused.end("nobody");
  assert.equal(await refused.ended, 1);
  assert.match(refused.err, /^mote nc: 198\.18\.0\.1:9: [^\n]+\(ECONNREFUSED\)\n$/);
});

test(
  "nc -luk --link user: datagrams from everybody, answers to whoever was last",
  options,
  async (t) => {
    const listener = mote(t, "nc", "-lukv", "28108", "--link", "user");
    await listener.says(/^listening at 127\.0\.0\.1:28108, /m);
    const heard: string[] = [];
    for (const name of ["one", "two"]) {
      const socket = createSocket("udp4", (bytes) => void heard.push(`${name}: ${String(bytes)}`));
      t.after(() => socket.close());
      socket.send(name, 28_108, "127.0.0.1");
      await listener.hears(new RegExp(`${name}$`));
      listener.write(`to ${name}`);
      await until(() => heard.length > 0 && heard.at(-1)!.startsWith(name), "the answer");
    }
    assert.deepEqual(heard, ["one: to one", "two: to two"]);
    listener.child.kill("SIGTERM");
    assert.equal(await listener.ended, 130);
  },
);

test("nc | head: the end of whoever reads it ends it", options, async (t) => {
  const port = await serve(t, (socket) => {
    const more = setInterval(() => socket.write("line\n"), 5);
    socket.on("close", () => clearInterval(more)).on("error", () => undefined);
  });
  const line = `"$0" ${main} nc 198.18.0.1 ${port} --link user | head -n 2`;
  const shell = talk(t, ["sh", "-c", line, process.execPath]);
  assert.equal(await shell.ended, 0);
  assert.equal(shell.text, "line\nline\n");
});

// Over TAP, with Debian's netcat.

const KERNEL = "198.18.0.1";
const STACK = "198.18.0.2";

/** Debian's netcat listens. */
async function kernelListens(t: TestContext, port: number, ...words: string[]): Promise<Netcat> {
  const kernel = debian(t, "-lvn", ...words, String(port));
  await kernel.says(/^(Listening|Bound) on /m);
  return kernel;
}

async function stackListens(t: TestContext, port: number, ...words: string[]): Promise<Netcat> {
  const stack = mote(t, "nc", "-lv", String(port), ...words);
  await stack.says(/^listening at 198\.18\.0\.2:\d+ on tap:mote0$/m);
  return stack;
}

const hasNetcat = (t: TestContext): boolean => needs(t, "nc", "netcat-openbsd");

// Debian's netcat with -l ends when its peer has: what comes after our FIN is shown by a socket of the kernel's.

test("nc over TAP: Debian's netcat listens; each side ends first", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const kernel = await kernelListens(t, 7001, "-N");
  const caller = mote(t, "nc", KERNEL, "7001");
  kernel.write("from the kernel");
  await caller.hears(/^from the kernel$/);
  caller.end("from the stack");
  assert.deepEqual([await caller.ended, await kernel.ended], [0, 0]);
  assert.equal(kernel.text, "from the stack");

  const again = await kernelListens(t, 7002, "-N");
  const other = mote(t, "nc", "-v", KERNEL, "7002");
  again.end("first");
  await other.says(/has closed its side/);
  other.end("second");
  assert.deepEqual([await other.ended, await again.ended], [0, 0]);
  assert.deepEqual([other.text, again.text], ["first", "second"]);
});

test("nc over TAP: Debian's netcat calls; each side ends first", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const listener = await stackListens(t, 7);
  const kernel = debian(t, "-N", STACK, "7");
  kernel.end("first");
  await listener.says(/has closed its side/);
  listener.end("second");
  assert.deepEqual([await listener.ended, await kernel.ended], [0, 0]);
  assert.deepEqual([listener.text, kernel.text], ["first", "second"]);

  const again = await stackListens(t, 7);
  const other = debian(t, "-N", STACK, "7");
  other.write("before");
  await again.hears(/^before$/);
  again.end("after");
  await other.hears(/^after$/);
  other.end(" and late");
  assert.deepEqual([await again.ended, await other.ended], [0, 0]);
  assert.deepEqual([again.text, other.text], ["before and late", "after"]);
});

test("nc over TAP: after its FIN it goes on reading", onTap, async (t) => {
  const answer = (socket: Socket): void => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.on("end", () => socket.end(`after the end of ${String(Buffer.concat(chunks))}`));
  };
  const port = await serve(t, answer, "0.0.0.0");
  const caller = mote(t, "nc", KERNEL, String(port));
  caller.end("stdin");
  assert.equal(await caller.ended, 0);
  assert.equal(caller.text, "after the end of stdin");
  const listener = await stackListens(t, 7);
  answer(connect({ port: 7, host: STACK, allowHalfOpen: true }));
  listener.end("stdin");
  assert.equal(await listener.ended, 0);
  assert.equal(listener.text, "after the end of stdin");
});

test("nc over TAP: 10 MB each way", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const digest = sha256(MEGABYTES);
  const kernel = await kernelListens(t, 7003, "-N");
  const caller = mote(t, "nc", KERNEL, "7003");
  caller.end(MEGABYTES);
  kernel.end();
  assert.deepEqual([await caller.ended, await kernel.ended], [0, 0]);
  assert.equal(sha256(kernel.out), digest);
  const stack = await stackListens(t, 7);
  const sender = debian(t, "-N", STACK, "7");
  sender.end(MEGABYTES);
  stack.end();
  assert.deepEqual([await stack.ended, await sender.ended], [0, 0]);
  assert.equal(sha256(stack.out), digest);
});

test("nc over TAP: a refused port, and one that does not answer", onTap, async (t) => {
  const refused = mote(t, "nc", KERNEL, "7009");
  assert.equal(await refused.ended, 1);
  assert.equal(
    refused.err,
    "mote nc: 198.18.0.1:7009: the peer refused the connection (ECONNREFUSED)\n",
  );
  const nobody = mote(t, "nc", "198.18.0.5", "7", "--address", "198.18.0.2/29", "-w", "0.5");
  assert.equal(await nobody.ended, 1);
  assert.match(nobody.err, /no connection for 0\.5 s|cannot be reached/);
  const nowhere = mote(t, "nc", "203.0.113.9", "7");
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.err, /^mote nc: 203\.0\.113\.9:7: no route [^\n]+\n {2}--router ADDRESS/);
});

test("nc -u over TAP: datagrams both ways", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const kernel = await kernelListens(t, 7004, "-u");
  const caller = mote(t, "nc", "-u", KERNEL, "7004");
  caller.write("question");
  await kernel.hears(/^question$/);
  kernel.write("answer");
  await caller.hears(/^answer$/);
  caller.child.kill("SIGINT");
  assert.equal(await caller.ended, 130);

  const stack = await stackListens(t, 7, "-u", "-w", "6");
  const asker = debian(t, "-u", STACK, "7");
  asker.write("question");
  await stack.hears(/^question$/);
  stack.write("answer");
  await asker.hears(/^answer$/);
  assert.equal(await stack.ended, 0);
});

test("nc over TAP: Ctrl-C closes the connection, and ends with 130", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const kernel = await kernelListens(t, 7005, "-N");
  const caller = mote(t, "nc", KERNEL, "7005");
  caller.write("before");
  await kernel.hears(/^before$/);
  caller.child.kill("SIGINT");
  assert.equal(await caller.ended, 130);
  kernel.end();
  assert.equal(await kernel.ended, 0);
});

test("nc --urgent over TAP: Linux takes the last byte out of line", onTap, async (t) => {
  if (!hasNetcat(t)) return;
  const kernel = await kernelListens(t, 7006, "-N");
  const caller = mote(t, "nc", "--urgent", KERNEL, "7006");
  caller.write("attention!");
  await kernel.hears(/^attention$/);
  caller.end();
  kernel.end();
  assert.deepEqual([await caller.ended, await kernel.ended], [0, 0]);
  assert.equal(kernel.text, "attention");
});

test("two of them over two TAP devices, routed by this host", onTap, async (t) => {
  if (!tune("ipv4/ip_forward", "1")) return t.skip("/proc/sys is read-only");
  const listener = mote(
    t,
    "nc",
    "-lv",
    "7",
    "--link",
    "tap:a",
    "--address",
    "10.99.8.2/30",
    "--router",
    "10.99.8.1",
  );
  await listener.says(/^listening at 10\.99\.8\.2:7 on tap:a$/m);
  const caller = mote(
    t,
    "nc",
    "10.99.8.2",
    "7",
    "--link",
    "tap:b",
    "--address",
    "10.99.9.2/30",
    "--router",
    "10.99.9.1",
  );
  caller.end(MEGABYTES);
  listener.end("that was much");
  assert.deepEqual([await caller.ended, await listener.ended], [0, 0], caller.err + listener.err);
  assert.equal(sha256(listener.out), sha256(MEGABYTES));
  assert.equal(caller.text, "that was much");
});

test("nc without rights for a device: user mode, and it says so", options, async (t) => {
  const port = await serve(t, (socket) => void socket.pipe(socket));
  const caller = talk(t, [...POWERLESS, process.execPath, main, "nc", KERNEL, String(port)]);
  caller.end("over");
  assert.equal(await caller.ended, 0, caller.err);
  assert.equal(caller.text, "over");
  assert.match(caller.err, /^In user mode, as there is no TAP device: [^\n]+\n$/);
});

test("the device that nc made is gone afterwards", onTap, async () => {
  const links = await outputOf(["ip", "-o", "link"]);
  assert.doesNotMatch(links, /mote0|tap:/);
});
